"""The closed months of a demo company, closed as its accountants would: step by step."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import override

from apps.fx.services.rates import NewRate, confirm_rate, enter_rate
from apps.ledgers.models import Ledger, Period, PeriodState
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.settings import closing_settings_of, save_closing_settings
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import run_year_end
from apps.ledgers.services.closing.years import is_year_end
from apps.ledgers.services.periods import change_period
from apps.policies.words import FxMethod, ProfitTransfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organizations.models import User
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.company import Company
    from apps.portal.demo.people import Staff

# How far the rate of a month's last day lies above the rate of its invoices.
_DRIFT = Decimal("0.0035")


def choose_international_closing(ledger: Ledger, *, actor: User) -> None:
    """Let a ledger by IFRS reverse its revaluations, and transfer profit once a year."""
    suggested = closing_settings_of(ledger)
    save_closing_settings(
        ledger,
        version=None,
        actor=actor,
        profit_account=suggested.profit_account,
        retained_account=suggested.retained_account,
        fx_method=FxMethod.AUTO_REVERSE,
        profit_transfer=ProfitTransfer.YEARLY,
    )


def enter_closing_rates(company: Company, staff: Staff, months: Sequence[Month]) -> None:
    """Let treasury enter the rate of each month's end, and another person confirm it."""
    if company.profile.foreign is None:
        return
    currency, _ = company.profile.foreign
    treasury = next(user for name, user in staff.users.items() if name == "treasury")
    for month in months[:-1]:
        new = NewRate(
            rate_type="closing",
            from_currency=currency,
            to_currency=company.profile.currency,
            rate=company.month_rate(month) + _DRIFT,
            valid_from=month.last,
        )
        rate = enter_rate(new, actor=treasury)
        confirm_rate(rate, version=rate.version, actor=staff.seniors[0])


def close_periods(
    ledger: Ledger, months: Sequence[Month], *, actor: User, is_chinese: bool = True
) -> None:
    """Close all but the previous and the current month; lock the years before this one."""
    with override("zh-hans" if is_chinese else "en"):
        _close_all(ledger, months, actor=actor)


def _close_all(ledger: Ledger, months: Sequence[Month], *, actor: User) -> None:
    periods = Period.objects.filter(ledger=ledger).order_by("fiscal_year", "number")
    periods = periods.select_related("ledger__organization")
    for period in periods:
        if period.ends_on >= months[-2].first:
            break
        if period.state == PeriodState.OPEN:
            _close(period, actor=actor)
    for period in periods.filter(fiscal_year__lt=months[-1].first.year):
        if period.state == PeriodState.CLOSED:
            change_period(period, PeriodState.LOCKED, version=period.version, actor=actor)


def _close(period: Period, *, actor: User) -> None:
    if is_year_end(period):
        run_year_end(period, actor=actor, tell=_say_nothing)
        return
    revalue_period(period, actor=actor)
    settings = closing_settings_of(period.ledger)
    if settings.profit_transfer != ProfitTransfer.YEARLY:
        transfer_profit(period, actor=actor)
    close_period(period, version=period.version, actor=actor)


def _say_nothing() -> None:
    """Nobody watches the demo being made."""
