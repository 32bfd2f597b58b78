"""What tests of budgets set up: a ledger with an expense account and a bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.budgets.models import Budget, BudgetTotal
from apps.budgets.services.budgets import About, Terms, create_budget
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import Account, JournalEntry, Ledger
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.organizations.models import User
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_senior,
)

FIRST, LAST = DAY.replace(day=1), DAY.replace(day=28)


@dataclass
class House:
    """A ledger, what money is spent on, and who spends it."""

    ledger: Ledger = field(default_factory=make_ledger)
    group: Account = field(init=False)
    travel: Account = field(init=False)
    bank: Account = field(init=False)
    maker: User = field(init=False)
    senior: User = field(init=False)

    def __post_init__(self) -> None:
        """Make accounts and people."""
        expense: dict[str, Any] = {
            "account_class": "profit_loss",
            "statement_section": "expense",
        }
        self.group = make_account(self.ledger, "6602", is_leaf=False, **expense)
        self.travel = make_account(self.ledger, "660201", parent=self.group, **expense)
        self.bank = make_account(self.ledger, "1002")
        self.maker, self.senior = make_accountant(self.ledger), make_senior(self.ledger)
        self.department = make_dimension_value(
            make_dimension_type(self.ledger.organization, "department"), "D1"
        )

    def budget(self, amount: str = "100", *, is_hard: bool = True, **about: Any) -> Budget:
        """Return a budget of the month, of the travel account if nothing else is said."""
        about = about or {"account": self.travel}
        return create_budget(
            self.ledger,
            About(FIRST, LAST, **about),
            Terms("Travel", Decimal(amount), is_hard=is_hard),
            actor=self.senior,
        )

    def draft(self, amount: str, *, of_department: bool = False, **values: Any) -> JournalEntry:
        """Return a draft that spends an amount on travel."""
        dimensions = intern_dimension_set([self.department]) if of_department else None
        named = {"dimension_set_id": dimensions.pk} if dimensions else {}
        lines = (
            make_line(self.travel, amount, **named),
            make_line(self.bank, str(-Decimal(amount)), **named),
        )
        content = EntryInput(entry_date=values.pop("entry_date", DAY), lines=lines, **values)
        return create_draft(self.ledger, content, actor=self.maker)

    def submit(self, amount: str, **values: Any) -> JournalEntry:
        """Return a submitted entry that spends an amount on travel."""
        return submit_journal_entry(self.draft(amount, **values), version=1, actor=self.maker)


def taken_of(budget: Budget) -> tuple[Any, Any]:
    """Return what is spent and what is reserved."""
    total = BudgetTotal.objects.get(budget=budget)
    return total.spent, total.reserved
