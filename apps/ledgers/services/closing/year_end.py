"""The end of a year: profit of the year to retained earnings, and the statutory reserve.

    profit of the year ──▶ retained earnings ──▶ appropriation ──▶ reserve

The reserve is a share of the year's net profit by the finance policy, after losses of earlier
years are made up (公司法 第 210 条). Run again after adjustments in the thirteenth period, it
posts only the differences.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.core.rounding import round_amount
from apps.ledgers.closing_errors import NotTheLastPeriod
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.models import EntryKind, Period, PeriodState
from apps.ledgers.services.closing.balances import ONE_ACCOUNT, balances_through
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.entries import (
    base_line,
    closing_line,
    post_closing_entry,
    require_closing_entries,
    word_of,
    working_run,
)
from apps.ledgers.services.closing.locks import hold_closing_steps
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import closing_account, closing_settings_of
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.years import is_year_end
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.ledgers.services.rates import rounding_mode
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry, Ledger
    from apps.organizations.models import User

NOTHING = Decimal(0)
YEAR_END_STEPS = 5

# Net profit of the year as income statements show it, retained earnings before its result,
# and what was appropriated for it so far. Credits are positive.
_YEAR = """
WITH year AS (
  SELECT p.id FROM ledgers_period p WHERE p.ledger_id = %(ledger)s
    AND p.fiscal_year = %(year)s AND p.number <= %(number)s
), earlier AS (
  SELECT p.id FROM ledgers_period p
  WHERE p.ledger_id = %(ledger)s AND p.fiscal_year < %(year)s
)
SELECT
  (SELECT coalesce(sum(t.credit - t.debit), 0) FROM ledgers_accounttotal t
    JOIN ledgers_account a ON a.id = t.account_id AND a.account_class = 'profit_loss'
    WHERE t.ledger_id = %(ledger)s AND t.bucket = 0 AND t.period_id IN (SELECT id FROM year)),
  (SELECT coalesce(sum(t.credit - t.debit), 0) FROM ledgers_accounttotal t
    WHERE t.ledger_id = %(ledger)s AND t.account_id = ANY (%(retained)s)
      AND (t.period_id IN (SELECT id FROM earlier)
        OR (t.bucket <> 9 AND t.period_id IN (SELECT id FROM year)))),
  (SELECT coalesce(sum(t.credit - t.debit), 0) FROM ledgers_accounttotal t
    WHERE t.ledger_id = %(ledger)s AND t.account_id = %(reserve)s AND t.bucket = 9
      AND t.period_id IN (SELECT id FROM year))
"""


def run_year_end(period: Period, *, actor: User, tell: Callable[[], None]) -> Period:
    """Take every step of the end of a year, each a transaction of its own, and close it.

    `tell` is called after each of the `YEAR_END_STEPS`. Whatever fails, the steps before it
    stand, and the next run goes on from there.

    Raises:
        NotTheLastPeriod: the year does not end with the period.
        FinanceError: a step was refused; see the single steps.
    """
    if not is_year_end(period):
        raise NotTheLastPeriod(period=str(period))
    open_next_year(period, actor=actor)
    tell()
    revalue_period(period, actor=actor)
    tell()
    transfer_profit(period, actor=actor)
    tell()
    distribute_profit(period, actor=actor)
    tell()
    period.refresh_from_db()
    closed = close_period(period, version=period.version, actor=actor)
    tell()
    return closed


def open_next_year(period: Period, *, actor: User) -> Period:
    """Make the next fiscal year if it is missing, and open its first month."""
    ledger, year = period.ledger, period.fiscal_year + 1
    with operation("fiscal_year.open", actor=actor):
        if not ledger.periods.filter(fiscal_year=year).exists():
            create_fiscal_year(ledger, year, actor=actor)
        first = ledger.periods.filter(fiscal_year=year).order_by("number")[0]
        if first.state == PeriodState.FUTURE:
            change_period(first, PeriodState.OPEN, version=first.version, actor=actor)
    return first


def distribute_profit(period: Period, *, actor: User) -> list[JournalEntry]:
    """Post what is left of the profit of the year and of the reserve; nothing if nothing is.

    Raises:
        ClosingAccountIsMissing: the ledger has no account for a part of it.
        PeriodTakesNoClosingEntries: the period is neither open nor closing.
    """
    require_closing_entries(period)
    with operation("period.year_end", actor=actor), refusals_in_words(), transaction.atomic():
        hold_closing_steps(period)
        made = []
        for summary, lines in (
            (_("Profit of %(year)s to retained earnings"), _result_lines),
            (_("Appropriation to the statutory reserve for %(year)s"), _reserve_lines),
        ):
            text = summary % {"year": period.fiscal_year}
            content = EntryInput(
                entry_date=period.ends_on,
                lines=lines(period, text),
                word=word_of(period.ledger),
                summary=text,
                kind=EntryKind.YEAR_END,
            )
            if content.lines:
                run = working_run(period, actor=actor)
                made.append(post_closing_entry(run, content, actor=actor))
        return made


def _result_lines(period: Period, summary: str) -> tuple[LineInput, ...]:
    """Return the lines that bring the profit of the year to nil."""
    ledger = period.ledger
    profit = closing_settings_of(ledger).profit_account
    if profit is None:
        return ()
    balances = list(balances_through(period, ONE_ACCOUNT, account=profit.pk))
    lines = [closing_line(one, -one.amount, -one.base_amount, summary) for one in balances]
    amount = sum((one.base_amount for one in balances), start=NOTHING)
    if amount:
        retained = closing_account(ledger, "retained_account").pk
        lines.append(base_line(retained, amount, ledger.base_currency_id, summary))
    return tuple(lines)


def _reserve_lines(period: Period, summary: str) -> tuple[LineInput, ...]:
    """Return the lines that bring the reserve to its share of the year's profit."""
    ledger, settings = period.ledger, closing_settings_of(period.ledger)
    if settings.reserve_account is None:
        return ()
    retained = closing_account(ledger, "retained_account").pk
    delta = reserve_due(period)
    if not delta:
        return ()
    base, through = ledger.base_currency_id, settings.appropriation_account_id
    lines = [base_line(settings.reserve_account_id or 0, -delta, base, summary)]
    if through is None:
        return (base_line(retained, delta, base, summary), *lines)
    # 提取法定盈余公积 shows the year's appropriation, and goes on to retained earnings.
    return (
        base_line(through, delta, base, summary),
        *lines,
        base_line(retained, delta, base, summary),
        base_line(through, -delta, base, summary),
    )


def reserve_due(period: Period) -> Decimal:
    """Return what is still to be appropriated for the year of a period; negative: too much."""
    ledger, settings = period.ledger, closing_settings_of(period.ledger)
    retained = _retained_accounts(ledger)
    with connection.cursor() as cursor:
        cursor.execute(
            _YEAR,
            {
                "ledger": ledger.pk,
                "year": period.fiscal_year,
                "number": period.number,
                "retained": retained,
                "reserve": settings.reserve_account_id,
            },
        )
        net, carried, appropriated = cursor.fetchone()
    share = policy_on(ledger.organization_id, period.ends_on).reserve_rate
    basis = max(net + min(carried, NOTHING), NOTHING)
    mode = rounding_mode(ledger, period.ends_on)
    target = round_amount(basis * share, ledger.base_currency_id, mode)
    return Decimal(target - appropriated)


def _retained_accounts(ledger: Ledger) -> list[int]:
    settings = closing_settings_of(ledger)
    return [
        pk
        for pk in (settings.retained_account_id, settings.appropriation_account_id)
        if pk is not None
    ]
