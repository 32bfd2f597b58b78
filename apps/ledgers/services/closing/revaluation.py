"""Revaluation 期末调汇: foreign balances at the closing rate (IAS 21.23, 21.28).

For every account that is revalued, currency other than the base, and dimension set:

    target = round(balance in the currency × closing rate ÷ per)
    delta  = target − balance in the base currency       (all of it where the first is nil)

One entry a run holds the deltas against exchange gains and losses. A second run finds the
balances where the first one left them, and posts the difference only.

    PERSISTENT     the carrying amount stays adjusted
    AUTO_REVERSE   the entry is reversed on the first day of the next period
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.core.rounding import RoundingMode
from apps.fx.errors import NoRate
from apps.fx.models import RateType
from apps.fx.services.lookup import RateUsed, convert, find_rate, mark_used
from apps.ledgers.closing_errors import NextPeriodIsNotOpen
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.models import EntryKind, Period, PeriodState
from apps.ledgers.services.closing.balances import FOREIGN, Balance, balances_through
from apps.ledgers.services.closing.entries import (
    base_line,
    closing_line,
    post_closing_entry,
    require_closing_entries,
    reverse_closing_entry,
    word_of,
    working_run,
)
from apps.ledgers.services.closing.locks import hold_closing_steps
from apps.ledgers.services.closing.progress import Tell, quietly
from apps.ledgers.services.closing.settings import fx_method_of
from apps.ledgers.services.rates import at_rate, line_rate, rounding_mode
from apps.ledgers.services.system_entries import exchange_account
from apps.policies.words import FxMethod

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User

NOTHING = Decimal(0)
TOLD_EVERY = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance, and by how much its base amount is off its target; `rate` None for nil."""

    balance: Balance
    delta: Decimal
    rate: RateUsed | None


@dataclass(frozen=True, slots=True)
class Revaluation:
    """What a run would post, and the rates by currency that it would use."""

    differences: tuple[Difference, ...]
    rates: dict[str, RateUsed]

    @property
    def total(self) -> Decimal:
        """The gain (positive) or loss of all differences."""
        return sum((one.delta for one in self.differences), start=NOTHING)


def planned_revaluation(period: Period, *, tell: Tell = quietly) -> Revaluation:
    """Return what a revaluation of the period would post now.

    `tell` is called after every few balances.

    Raises:
        NoRate: a currency has no rate at the end of the period.
    """
    ledger = period.ledger
    mode = rounding_mode(ledger, period.ends_on)
    rates: dict[str, RateUsed] = {}
    differences = []
    base = ledger.base_currency_id
    balances = balances_through(period, FOREIGN, base_currency=base)
    for number, balance in enumerate(balances, start=1):
        rate = None
        if balance.amount:
            rate = rates.get(balance.currency) or closing_rate(period, balance.currency)
            rates[balance.currency] = rate
        delta = _target(balance, rate, mode) - balance.base_amount
        if delta:
            differences.append(Difference(balance, delta, rate))
        if not number % TOLD_EVERY:
            tell(TOLD_EVERY)
    return Revaluation(tuple(differences), rates)


def written(rate: RateUsed) -> str:
    """Return a rate as people write it: 7.1234, or 4.8012/100 for a hundred units."""
    per = f"/{rate.per}" if rate.per != 1 else ""
    return f"{rate.rate.normalize():f}{per}"


def closing_rate(period: Period, currency: str) -> RateUsed:
    """Return the rate at the end of a period: the closing rate, else that day's spot rate.

    A closing rate is the spot rate at the end of the period (IAS 21.8), so the one stands in
    for the other; the entry keeps which it was.

    Raises:
        NoRate: there is neither.
    """
    ledger = period.ledger
    pair = (currency, ledger.base_currency_id)
    try:
        return find_rate(
            ledger.organization, *pair, on=period.ends_on, rate_type=RateType.CLOSING
        )
    except NoRate as missing:
        try:
            return find_rate(
                ledger.organization, *pair, on=period.ends_on, rate_type=RateType.SPOT
            )
        except NoRate:
            raise missing from None


def foreign_balance_count(period: Period) -> int:
    """Return how many balances a revaluation of the period looks at."""
    base = period.ledger.base_currency_id
    return sum(1 for _one in balances_through(period, FOREIGN, base_currency=base))


def revalue_period(period: Period, *, actor: User, tell: Tell = quietly) -> JournalEntry | None:
    """Post what is left to revalue; None when nothing is.

    Raises:
        NoRate: a currency has no rate; nothing was posted.
        PeriodTakesNoClosingEntries, NextPeriodIsNotOpen: a period is in the wrong state.
        SystemAccountIsMissing: the ledger has no account for gains or losses.
    """
    require_closing_entries(period)
    with operation("period.revalue", actor=actor), refusals_in_words(), transaction.atomic():
        hold_closing_steps(period)
        plan = planned_revaluation(period, tell=tell)
        if not plan.differences:
            return None
        return _post(period, plan, actor=actor)


def _post(period: Period, plan: Revaluation, *, actor: User) -> JournalEntry:
    following = _period_of_reversal(period)
    run = working_run(period, actor=actor)
    summary = _("FX revaluation %(period)s") % {"period": period}
    content = EntryInput(
        entry_date=period.ends_on,
        lines=_lines(period, plan, summary),
        word=word_of(period.ledger),
        summary=summary,
        kind=EntryKind.FX_REVALUATION,
    )
    facts = {"rates": {code: _as_json(rate) for code, rate in plan.rates.items()}}
    mark_used(pk for rate in plan.rates.values() for pk in rate.rate_ids)
    entry = post_closing_entry(run, content, actor=actor, facts=facts)
    if following is not None:
        reverse_closing_entry(
            run,
            entry,
            actor=actor,
            day=following.starts_on,
            period=following,
            summary=_("Reversal of %(entry)s") % {"entry": entry},
        )
    return entry


def _period_of_reversal(period: Period) -> Period | None:
    """Return where the reversal goes, None where there is none.

    Raises:
        NextPeriodIsNotOpen: it cannot be posted yet.
    """
    if fx_method_of(period.ledger, period.ends_on) != FxMethod.AUTO_REVERSE:
        return None
    later = period.ledger.periods.filter(starts_on__gt=period.ends_on, is_adjustment=False)
    following = later.order_by("starts_on").first()
    if following is None or following.state != PeriodState.OPEN:
        raise NextPeriodIsNotOpen(period=str(period))
    return following


def _lines(period: Period, plan: Revaluation, summary: str) -> tuple[LineInput, ...]:
    lines = [_line(one, summary) for one in plan.differences]
    ledger = period.ledger
    sums: dict[int, Decimal] = {}
    for one in plan.differences:
        account = exchange_account(ledger, is_gain=one.delta > 0)
        sums[account.pk] = sums.get(account.pk, NOTHING) - one.delta
    base = ledger.base_currency_id
    lines += [base_line(pk, amount, base, summary) for pk, amount in sums.items() if amount]
    return tuple(lines)


def _line(one: Difference, summary: str) -> LineInput:
    """Return a line that moves the base amount alone, at the rate it moves to.

    The open items behind a control account are revalued by that rate.
    """
    line = closing_line(one.balance, NOTHING, one.delta, summary)
    return at_rate(line, line_rate(one.rate)) if one.rate else line


def _target(balance: Balance, rate: RateUsed | None, mode: RoundingMode) -> Decimal:
    if rate is None:
        return NOTHING
    return convert(balance.amount, rate, mode=mode)


def _as_json(rate: RateUsed) -> dict[str, Any]:
    texts = {name: str(value) for name, value in asdict(rate).items()}
    return texts | {
        "path": list(rate.path),
        "rate_ids": list(rate.rate_ids),
        "per": rate.per,
        "age_days": rate.age_days,
    }
