"""What stands in the way of a close: one item for each thing that must hold, with its number.

Blockers keep a period open, warnings do not. The same list is shown on the page of a close,
decides the close itself, where nobody can post any more, and is kept with the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.ledgers.services.closing import checks_sql
from apps.ledgers.services.closing.revaluation import planned_revaluation
from apps.ledgers.services.closing.settings import closing_settings_of, profit_transfer_of
from apps.ledgers.services.closing.years import is_year_end
from apps.policies.words import ProfitTransfer

if TYPE_CHECKING:
    from apps.ledgers.models import Period


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to: how many, by how much in the base currency, and in words."""

    count: int = 0
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """A check of the list and its finding; `step` names the button that does what is left."""

    key: str
    title: str
    is_blocker: bool
    finding: Finding
    url: str = ""
    step: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether it holds."""
        return not self.finding.count

    @property
    def state(self) -> str:
        """Whether it holds, stands in the way, or is only to be known."""
        if self.is_ok:
            return "ok"
        return "blocker" if self.is_blocker else "warning"

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with the run."""
        amount = self.finding.amount
        return {
            "key": self.key,
            "is_ok": self.is_ok,
            "is_blocker": self.is_blocker,
            "count": self.finding.count,
            "amount": None if amount is None else str(amount),
        }


@dataclass(frozen=True, slots=True)
class _Check:
    key: str
    title: Callable[[], str]
    find: Callable[[Period], Finding]
    is_blocker: bool = True
    url: Callable[[Period], str] = lambda _period: ""
    step: str = ""


def checklist_of(period: Period) -> list[CheckItem]:
    """Return every item of the checklist as it is now."""
    return [
        CheckItem(
            key=check.key,
            title=check.title(),
            is_blocker=check.is_blocker,
            finding=check.find(period),
            url=check.url(period),
            step=check.step,
        )
        for check in _checks_of(period)
    ]


def title_of(key: str) -> str:
    """Return the title of a kept item."""
    return next((check.title() for check in [*_CHECKS, *_YEAR_CHECKS] if check.key == key), key)


def _checks_of(period: Period) -> list[_Check]:
    return [*_CHECKS, *(_YEAR_CHECKS if is_year_end(period) else [])]


def _by_query(sql: str) -> Callable[[Period], Finding]:
    def find(period: Period) -> Finding:
        settings = closing_settings_of(period.ledger)
        values = {
            "ledger": period.ledger_id,
            "period": period.pk,
            "profit": settings.profit_account_id,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            count, amount = cursor.fetchone()
        return Finding(count, amount)

    return find


def _profit_left(period: Period) -> Finding:
    """Look for profit and loss where it must be transferred by now."""
    method = profit_transfer_of(period.ledger, period.ends_on)
    if method == ProfitTransfer.YEARLY and not is_year_end(period):
        return Finding(note=_("transferred at the end of the year"))
    return _by_query(checks_sql.PROFIT)(period)


def _revaluation_left(period: Period) -> Finding:
    try:
        plan = planned_revaluation(period)
    except FinanceError as error:
        return Finding(1, note=str(error))
    rates = ", ".join(
        f"{code} {rate.rate.normalize():f}{'/100' if rate.per != 1 else ''} ({rate.valid_from})"
        for code, rate in plan.rates.items()
    )
    return Finding(len(plan.differences), plan.total if plan.differences else None, rates)


def _journal(period: Period) -> str:
    url = reverse("ledgers:journal_entry_list", args=[period.ledger.code])
    return f"{url}?period={period.pk}"


def _periods(period: Period) -> str:
    return reverse("ledgers:period_list", args=[period.ledger.code])


def _balances(period: Period) -> str:
    url = reverse("reports:trial_balance", args=[period.ledger.code])
    return f"{url}?first={period}&last={period}"


_CHECKS = [
    _Check("previous", lambda: _("Previous periods are closed"),
           _by_query(checks_sql.PREVIOUS), url=_periods),
    _Check("unposted", lambda: _("Every entry is posted or cancelled"),
           _by_query(checks_sql.UNPOSTED), url=_journal),
    _Check("gaps", lambda: _("Voucher numbers have no gap"),
           _by_query(checks_sql.GAPS), url=_journal),
    _Check("drift", lambda: _("Balances are the sums of the lines"),
           _by_query(checks_sql.DRIFT), url=_balances),
    _Check("control", lambda: _("Open items add up to their control accounts"),
           _by_query(checks_sql.CONTROL), url=_balances),
    _Check("revaluation", lambda: _("Foreign balances stand at the closing rate"),
           _revaluation_left, step="revalue"),
    _Check("profit", lambda: _("Profit and loss is transferred"), _profit_left,
           url=_balances, step="transfer"),
    _Check("suspense", lambda: _("Suspense accounts are nil"),
           _by_query(checks_sql.SUSPENSE), is_blocker=False, url=_balances),
    _Check("adjustment", lambda: _("Adjustment periods before this one are closed"),
           _by_query(checks_sql.ADJUSTMENT), is_blocker=False, url=_periods),
]  # fmt: skip
_YEAR_CHECKS = [
    _Check("result", lambda: _("The profit of the year went to retained earnings"),
           _by_query(checks_sql.RESULT), url=_balances, step="year_end"),
]  # fmt: skip
