"""What stands in the way of a close: one item for each thing that must hold, with its number.

Blockers keep a period open, warnings do not. The same list is shown on the page of a close,
decides the close itself, where nobody can post any more, and is kept with the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.fx.errors import NoRate
from apps.ledgers.models import Word
from apps.ledgers.services.closing import checks_sql
from apps.ledgers.services.closing.progress import Tell, quietly
from apps.ledgers.services.closing.revaluation import planned_revaluation, written
from apps.ledgers.services.closing.settings import closing_settings_of, profit_transfer_of
from apps.ledgers.services.closing.years import is_year_end
from apps.policies.words import ProfitTransfer

if TYPE_CHECKING:
    from apps.ledgers.models import Period


_MOST_NAMES = 5
REVALUATION = "revaluation"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to: how many, by how much in the base currency, and in words.

    `names` are the first of what was found: account codes, periods, voucher words.
    """

    count: int = 0
    amount: Decimal | None = None
    note: str = ""
    names: tuple[str, ...] = ()
    # Whether something is missing without which nobody can look, such as a rate.
    is_missing: bool = False


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
    # Where what was found can be seen.
    url: Callable[[Period, Finding], str] = lambda _period, _finding: ""
    step: str = ""


def checklist_of(period: Period, *, tell: Tell = quietly) -> list[CheckItem]:
    """Return every item of the checklist as it is now; `tell` is called after each."""
    items = []
    for check in _checks_of(period):
        finding = check.find(period)
        items.append(
            CheckItem(
                key=check.key,
                title=check.title(),
                is_blocker=check.is_blocker,
                finding=finding,
                url=check.url(period, finding),
                step=check.step,
            )
        )
        tell(1)
    return items


def check_count(period: Period) -> int:
    """Return how many items the checklist of a period has."""
    return len(_checks_of(period))


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
            count, amount, names = cursor.fetchone()
        return Finding(count, amount, names=tuple(names or ()))

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
    except NoRate as error:
        missing = str(error.values["from_currency"])
        return Finding(1, note=str(error), names=(missing,), is_missing=True)
    except FinanceError as error:
        return Finding(1, note=str(error))
    rates = ", ".join(
        f"{code} {written(rate)} ({rate.valid_from})" for code, rate in plan.rates.items()
    )
    codes = tuple(dict.fromkeys(one.balance.code for one in plan.differences))
    amount = plan.total if codes else None
    return Finding(len(plan.differences), amount, rates, codes[:_MOST_NAMES])


def _words(find: Callable[[Period], Finding]) -> Callable[[Period], Finding]:
    """Return a search whose names are words of vouchers, as people write them."""

    def find_words(period: Period) -> Finding:
        finding = find(period)
        return replace(finding, names=tuple(str(Word(name).label) for name in finding.names))

    return find_words


def _unposted(period: Period, _finding: Finding) -> str:
    url = reverse("ledgers:journal_entry_list", args=[period.ledger.code])
    return f"{url}?period={period.pk}&state=unposted"


def _numbers(period: Period, _finding: Finding) -> str:
    url = reverse("ledgers:journal_entry_list", args=[period.ledger.code])
    return f"{url}?period={period.pk}&state=posted&sort=number"


def _periods(period: Period, _finding: Finding) -> str:
    return reverse("ledgers:period_list", args=[period.ledger.code])


def _balances(period: Period, finding: Finding) -> str:
    """Return the page of the account that was found, or the trial balance if there are more."""
    if len(finding.names) == 1:
        url = reverse("ledgers:account_detail", args=[period.ledger.code, finding.names[0]])
    else:
        url = reverse("reports:trial_balance", args=[period.ledger.code])
    return f"{url}?first={period}&last={period}"


def _open_items(period: Period, finding: Finding) -> str:
    url = reverse("ledgers:open_item_list", args=[period.ledger.code])
    account = f"&account={finding.names[0]}" if finding.names else ""
    return f"{url}?as_of={period.ends_on}{account}"


def _rates(period: Period, finding: Finding) -> str:
    """Return the form that lacks a rate, or what a revaluation would post."""
    base = period.ledger.base_currency_id
    if finding.is_missing:
        return f"{reverse('fx:rate_create')}?from={finding.names[0]}&to={base}"
    url = reverse("ledgers:period_close", args=[period.ledger.code, period.pk])
    return f"{url}?show={REVALUATION}#{REVALUATION}"


_CHECKS = [
    _Check("previous", lambda: _("Previous periods are closed"),
           _by_query(checks_sql.PREVIOUS), url=_periods),
    _Check("unposted", lambda: _("Every entry is posted or cancelled"),
           _by_query(checks_sql.UNPOSTED), url=_unposted),
    _Check("gaps", lambda: _("Voucher numbers have no gap"),
           _words(_by_query(checks_sql.GAPS)), url=_numbers),
    _Check("drift", lambda: _("Balances are the sums of the lines"),
           _by_query(checks_sql.DRIFT), url=_balances),
    _Check("control", lambda: _("Open items add up to their control accounts"),
           _by_query(checks_sql.CONTROL), url=_open_items),
    _Check(REVALUATION, lambda: _("Foreign balances stand at the closing rate"),
           _revaluation_left, url=_rates, step="revalue"),
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
