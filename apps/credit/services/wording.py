"""How checks and the breaker read: ages, what a state means, what caused a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.credit.domain.checks import CreditResult, Source
from apps.credit.models import BreakerTransition, CreditCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from apps.credit.services.breaker import BreakerNow

_HOUR, _MINUTE, _SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
_MILLISECONDS = 1000
_State = BreakerTransition.State
# State -> (tone, icon).
LOOKS = {
    _State.CLOSED: ("ok", "circle-check"),
    _State.HALF_OPEN: ("warn", "hourglass"),
    _State.OPEN: ("bad", "circle-x"),
    _State.FORCED_OPEN: ("bad", "ban"),
}
_TONES = {_State.CLOSED: "done", _State.OPEN: "refused", _State.FORCED_OPEN: "refused"}
_SOURCES = {"live": "ok", "cached": "warn", "none": "bad"}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as the table shows it."""

    check: CreditCheck
    source: str
    tone: str


@dataclass(frozen=True, slots=True)
class Step:
    """A transition as the timeline shows it."""

    row: BreakerTransition
    tone: str
    note: str


def age_text(age: timedelta | None) -> str:
    """Return how old a score is, "" for none and for a live one."""
    if not age:
        return ""
    if age < _MINUTE:
        return _("under a minute old")
    hours, minutes = age // _HOUR, age % _HOUR // _MINUTE
    if hours:
        return _("%(hours)s h %(minutes)s min old") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min old") % {"minutes": minutes}


def result_text(result: CreditResult) -> str:
    """Return what a check came to, in one sentence."""
    label = CreditCheck.Source(result.source).label
    if result.source == Source.NONE:
        outcome = CreditCheck.Outcome(result.outcome).label
        return _("No score (%(outcome)s). A person decides.") % {"outcome": outcome}
    age = age_text(result.age)
    values = {"score": result.score, "source": f"{label}, {age}" if age else label}
    if result.needs_person:
        return _("Score %(score)s (%(source)s). A person decides.") % values
    return _("Score %(score)s (%(source)s): good.") % values


def rows_of(checks: Iterable[CreditCheck]) -> list[CheckRow]:
    """Return checks as the table shows them."""
    return [
        CheckRow(
            check,
            " · ".join(filter(None, (check.get_source_display(), age_text(check.age)))),
            _SOURCES[check.source],
        )
        for check in checks
    ]


def state_text(now: BreakerNow) -> str:
    """Return what the state means for the next check."""
    seconds = timedelta(milliseconds=now.look.wait_ms) // _SECOND + 1
    texts = {
        _State.CLOSED: _("Checks go to the bureau."),
        _State.HALF_OPEN: _(
            "The bureau is tried with at most 5 checks; %(count)s succeeded so far."
        )
        % {"count": now.look.successes},
        _State.OPEN: _("No check goes to the bureau; the next try is in %(seconds)s s.")
        % {"seconds": seconds},
        _State.FORCED_OPEN: _("No check goes to the bureau until somebody resets it."),
    }
    if now.state == _State.OPEN and not now.look.wait_ms:
        return _("The wait is over: the next check is the first trial.")
    return texts[now.state]


def steps_of(transitions: Iterable[BreakerTransition]) -> list[Step]:
    """Return transitions as the timeline shows them."""
    return [Step(row, _TONES.get(_State(row.after), ""), _note(row)) for row in transitions]


def limits_text(limits: Mapping[str, Decimal]) -> str:
    """Return the limits by currency: CNY 50,000.00, USD 7,000.00."""
    return ", ".join(
        f"{currency} {format_amount(amount, minor_digits(currency))}"
        for currency, amount in limits.items()
    )


def _note(row: BreakerTransition) -> str:
    parts = []
    if row.person is not None:
        parts.append(row.person.display_name())
    if row.calls:
        counts = {"failures": row.failures, "calls": row.calls}
        parts.append(pgettext("breaker", "%(failures)s of %(calls)s calls failed") % counts)
    if not row.is_shared:
        parts.append(_("one process alone, without Redis"))
    return " · ".join(parts)
