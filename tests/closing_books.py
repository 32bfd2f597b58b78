"""A company's books to close: accounts of the Chinese chart that the examples name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import (
    Account,
    AccountBalance,
    AccountClass,
    AccountTotal,
    Ledger,
    OpeningBalance,
    Period,
    Side,
)
from apps.ledgers.services.closing.checklist import CheckItem, checklist_of
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.reopen import approve_reopening, request_reopening
from apps.ledgers.services.posting import post_entries
from apps.organizations.models import User
from tests.factories import (
    YEAR,
    make_account,
    make_accountant,
    make_approver,
    make_ledger,
    make_senior,
    period_of,
)

# code, class, normal side, section, revalued
_CHART = (
    ("1002", AccountClass.ASSET, 1, "", False),
    ("100201", AccountClass.ASSET, 1, "", True),
    ("1122", AccountClass.ASSET, 1, "", True),
    ("1405", AccountClass.ASSET, 1, "", False),
    ("2202", AccountClass.LIABILITY, -1, "", False),
    ("222113", AccountClass.LIABILITY, -1, "", False),
    ("4001", AccountClass.EQUITY, -1, "", False),
    ("4103", AccountClass.EQUITY, -1, "", False),
    ("410101", AccountClass.EQUITY, -1, "", False),
    ("410401", AccountClass.EQUITY, 1, "", False),
    ("410406", AccountClass.EQUITY, -1, "", False),
    ("6001", AccountClass.PROFIT_LOSS, -1, "income", False),
    ("6401", AccountClass.PROFIT_LOSS, 1, "expense", False),
    ("6602", AccountClass.PROFIT_LOSS, 1, "expense", False),
    ("660303", AccountClass.PROFIT_LOSS, 1, "expense", False),
    ("680101", AccountClass.PROFIT_LOSS, 1, "expense", False),
)


@dataclass
class Books:
    """A ledger, its accounts by code, and the people who close it."""

    ledger: Ledger
    accounts: dict[str, Account]
    senior: User
    approver: User
    accountant: User
    posted: int = 0

    def period(self, number: int) -> Period:
        """Return a period of the test year, as it is now."""
        return period_of(self.ledger, number)

    def post(self, day: date, *legs: tuple[Any, ...], kind: str = "ordinary") -> None:
        """Post an entry of legs (code, amount) or (code, base amount, currency, amount)."""
        self.posted += 1
        entry = NewEntry(
            ledger_id=self.ledger.pk,
            key=f"books-{self.ledger.pk}-{self.posted}",
            maker_id=self.accountant.pk,
            checker_id=self.approver.pk,
            content=EntryInput(
                entry_date=day, kind=kind, lines=tuple(self._line(*leg) for leg in legs)
            ),
        )
        post_entries([entry], actor=self.senior, base_currency=self.ledger.base_currency_id)

    def _line(
        self, code: str, base: str, currency: str = "", foreign: str = "", dimensions: int = 0
    ) -> LineInput:
        return LineInput(
            account_id=self.accounts[code].pk,
            side=DEBIT if Decimal(base) > 0 else CREDIT,
            amount=Decimal(foreign or base),
            base_amount=Decimal(base),
            currency=currency or self.ledger.base_currency_id,
            dimension_set_id=dimensions or None,
        )

    def close(self, number: int) -> Period:
        """Close a period of the test year."""
        period = self.period(number)
        return close_period(period, version=period.version, actor=self.senior)

    def reopen(self, number: int, reason: str = "A late invoice") -> Period:
        """Ask for a period and have another person open it again."""
        request = request_reopening(self.period(number), actor=self.senior, reason=reason)
        return approve_reopening(request, actor=self.approver)

    def balance(self, code: str) -> Decimal:
        """Return what stands on an account now, debit positive."""
        totals = AccountTotal.objects.filter(ledger=self.ledger, account=self.accounts[code])
        return sum((one.debit - one.credit for one in totals), start=Decimal(0))

    def foreign(self, code: str) -> tuple[Decimal, Decimal]:
        """Return what stands on an account in foreign currency, and in the base currency."""
        rows = AccountBalance.objects.filter(ledger=self.ledger, account=self.accounts[code])
        rows = rows.exclude(currency=self.ledger.base_currency_id)
        amount = sum((row.debit - row.credit for row in rows), start=Decimal(0))
        base = sum((row.base_debit - row.base_credit for row in rows), start=Decimal(0))
        return amount, base

    def openings(self, number: int, year: int = YEAR) -> dict[str, Decimal]:
        """Return the opening balances of a period by account code."""
        period = self.ledger.periods.get(fiscal_year=year, number=number)
        found: dict[str, Decimal] = {}
        for row in OpeningBalance.objects.filter(period=period).select_related("account"):
            found[row.account.code] = found.get(row.account.code, Decimal(0)) + row.base_amount
        return {code: amount for code, amount in found.items() if amount}


def make_closing_books(**values: Any) -> Books:
    """Return books with the accounts of the examples, and January to March open."""
    ledger = make_ledger(**values)
    accounts = {
        code: make_account(
            ledger,
            code,
            account_class=account_class,
            normal_side=Side(side),
            statement_section=section,
            is_revalued=is_revalued,
        )
        for code, account_class, side, section, is_revalued in _CHART
    }
    return Books(
        ledger, accounts, make_senior(ledger), make_approver(ledger), make_accountant(ledger)
    )


def last_day(month: int) -> date:
    """Return the last day of a month of the test year."""
    return date(YEAR, month, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1])


def item_of(books: Books, key: str, number: int = 1) -> CheckItem:
    """Return an item of a period's checklist."""
    return next(one for one in checklist_of(books.period(number)) if one.key == key)


def hold_dollars(books: Books, code: str = "100201") -> None:
    """Get 1,000.00 USD for 7,100.00 in January."""
    day = date(YEAR, 1, 15)
    books.post(day, (code, "7100.00", "USD", "1000"), ("4001", "-7100.00"))
