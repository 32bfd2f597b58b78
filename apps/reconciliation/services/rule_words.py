"""Rules as people read them: each pass with its terms, options, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.reconciliation.domain.rules import FIELDS, SUGGESTIONS, Kind, Pass, Rules
from apps.reconciliation.services.run_words import KINDS

if TYPE_CHECKING:
    from django.utils.functional import Promise

PERCENT_DIGITS = 2
BOOK_REFERENCES: dict[str, str | Promise] = {
    "line": gettext_lazy("summary of the line, or of its entry where the line has none"),
    "entry": gettext_lazy("summary of the entry"),
    "key": gettext_lazy("the key by which another system sent the entry"),
}


@dataclass(frozen=True, slots=True)
class PassWords:
    """A pass in words; `confirms` says whether it matches without a person."""

    number: int
    kind: Kind
    label: str
    terms: tuple[str, ...]
    confirms: bool
    # All of it in one line, as if all days counted: that they do not is told once.
    text: str


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Rules in words: passes in order, options as (name, value)."""

    passes: tuple[PassWords, ...]
    options: tuple[tuple[str, str], ...]


def words_of(rules: Rules, currency: str) -> RuleWords:
    """Return rules in the reader's language; amounts are of the channel's currency."""
    is_business = rules.calendar.is_business
    passes = tuple(
        _words_of_pass(number, step, currency, is_business=is_business)
        for number, step in enumerate(rules.passes, 1)
    )
    return RuleWords(passes, tuple(_options(rules)))


def changes_between(before: RuleWords, after: RuleWords) -> list[dict[str, str]]:
    """Return what differs, as components/diff_table.html shows it."""
    old, new = [step.text for step in before.passes], [step.text for step in after.passes]
    changes = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        gone, come = before.passes[old_from:old_to], after.passes[new_from:new_to]
        changes += [_change(one, other) for one, other in zip_longest(gone, come)]
    now = dict(after.options)
    changes += [
        {"field": name, "before": value, "after": now[name]}
        for name, value in before.options
        if now[name] != value
    ]
    return changes


def _words_of_pass(number: int, step: Pass, currency: str, *, is_business: bool) -> PassWords:
    label = str(KINDS[step.kind])
    plain = ", ".join(_terms(step, currency, is_business=False))
    return PassWords(
        number,
        step.kind,
        label,
        tuple(_terms(step, currency, is_business=is_business)),
        step.kind not in SUGGESTIONS and step.kind != Kind.DUPLICATE,
        f"{label}: {plain}" if plain else label,
    )


def _change(before: PassWords | None, after: PassWords | None) -> dict[str, str]:
    number = (after or before).number  # type: ignore[union-attr]  # one of both is there
    return {
        "field": _("Pass %(number)s") % {"number": number},
        "before": before.text if before else "",
        "after": after.text if after else "",
    }


def _terms(step: Pass, currency: str, *, is_business: bool) -> list[str]:
    """Return what a pass asks for beside what its kind says."""
    known = FIELDS[step.kind]
    terms = []
    if step.kind == Kind.GROUP:
        terms.append(_("by payout batch") if step.key == "batch" else _("by reference"))
    terms += _differences(step, currency)
    if "days" in known:
        terms.append(_days(step.days, is_business=is_business))
    if "most" in known:
        text = ngettext("up to %(count)s row", "up to %(count)s rows", step.most)
        terms.append(text % {"count": step.most})
    if "shortest" in known:
        terms.append(_("references of %(count)s characters or more") % {"count": step.shortest})
    if "score" in known:
        terms.append(_("alike by %(score)s of 100 or more") % {"score": step.score})
    return terms


def _differences(step: Pass, currency: str) -> list[str]:
    """Return by how much amounts may differ."""
    terms = []
    if step.absolute:
        digits = minor_digits(currency)
        amount = format_amount(Decimal(step.absolute).scaleb(-digits), digits)
        terms.append(
            _("difference up to %(amount)s %(currency)s")
            % {"amount": amount, "currency": currency}
        )
    elif step.kind == Kind.GROUP or step.absolute == 0:
        terms.append(_("without a difference"))
    if step.basis_points is not None:
        percent = format_amount(Decimal(step.basis_points).scaleb(-2), PERCENT_DIGITS)
        terms.append(_("difference up to %(percent)s %%") % {"percent": percent})
    return terms


def _days(days: int, *, is_business: bool) -> str:
    if not days:
        return _("on the same day")
    text = (
        ngettext(
            "up to %(count)s business day apart", "up to %(count)s business days apart", days
        )
        if is_business
        else ngettext("up to %(count)s day apart", "up to %(count)s days apart", days)
    )
    return text % {"count": days}


def _options(rules: Rules) -> list[tuple[str, str]]:
    calendar: Any = rules.calendar
    days = _("business days, Monday to Friday") if calendar.is_business else _("all days")
    holidays = ", ".join(day.isoformat() for day in calendar.holidays) or _("none")
    prefixes = ", ".join(rules.prefixes)
    return [
        (_("Days that count"), days),
        (_("Holidays"), holidays),
        (_("Reference of the books"), str(BOOK_REFERENCES[rules.book_reference])),
        (_("Prefixes of references"), prefixes or _("none: the whole text is the reference")),
    ]
