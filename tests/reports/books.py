"""Small books for the tests of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client

from apps.ledgers.forms.statement_form import StatementForm
from apps.ledgers.models import AccountClass, Side
from apps.organizations.permissions import Role
from apps.reports.domain.trial_balance import Figures, RowFilter, TrialBalance
from apps.reports.services.trial_balance import trial_balance_of
from tests.factories import make_account, make_ledger, make_user

if TYPE_CHECKING:
    from apps.ledgers.models import Account, Ledger
    from apps.ledgers.services.statement_scope import StatementScope

JANUARY, FEBRUARY, MARCH = "2026-01", "2026-02", "2026-03"


@dataclass
class Books:
    """A ledger with cash and bank below one group, equity, sales and rent."""

    ledger: Ledger
    money: Account
    cash: Account
    bank: Account
    equity: Account
    sales: Account
    rent: Account


def make_books(**values: Any) -> Books:
    """Return the books, empty."""
    ledger = make_ledger(**values)
    money = make_account(ledger, "1000", is_leaf=False)
    result = {"account_class": AccountClass.PROFIT_LOSS}
    return Books(
        ledger=ledger,
        money=money,
        cash=make_account(ledger, "1001", parent=money, name="Cash on hand"),
        bank=make_account(ledger, "1002", parent=money, name="Bank"),
        equity=make_account(
            ledger, "4001", account_class=AccountClass.EQUITY, normal_side=Side.CREDIT
        ),
        sales=make_account(
            ledger, "6001", statement_section="income", normal_side=Side.CREDIT, **result
        ),
        rent=make_account(ledger, "6601", statement_section="expense", **result),
    )


def scope_of(ledger: Ledger, first: str, last: str = "", **filters: str) -> StatementScope:
    """Return a scope of periods, as the form of the page makes it."""
    data = {"first": first, "last": last or first, **filters}
    form = StatementForm(data, ledger=ledger, periods=list(ledger.periods.all()))
    assert form.is_valid(), form.errors
    return form.scope()


def report_of(
    ledger: Ledger,
    first: str,
    last: str = "",
    *,
    shown: RowFilter | None = None,
    **filters: str,
) -> TrialBalance:
    """Return the trial balance of some periods."""
    return trial_balance_of(scope_of(ledger, first, last, **filters), shown or RowFilter())


def figures_of(report: TrialBalance, account: Account) -> Figures:
    """Return the figures of the account's row."""
    rows = [row for group in report.groups for row in group.rows]
    return next(row.figures for row in rows if row.account.pk == account.pk)


def texts(figures: Figures) -> list[str]:
    """Return the six columns as short texts, zero as a dot."""
    return [f"{amount.normalize():f}" if amount else "." for amount in figures.columns()]


def client_of(ledger: Ledger, role: Role = Role.SENIOR_ACCOUNTANT) -> Client:
    """Return a browser in which a person of the ledger's organization is signed in."""
    client = Client()
    client.force_login(
        make_user(ledger.organization, role),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client
