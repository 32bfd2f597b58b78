"""The bank's file of docs/import.md, by the very command that stands there."""

from __future__ import annotations

import io
import re
import shlex
from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.ledgers.models import AccountTotal, JournalEntry, Ledger, PeriodState
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.organizations.permissions import Role
from scripts.places import ROOT
from tests.factories import make_account, make_ledger, make_user

pytestmark = pytest.mark.django_db

COMMAND = re.compile(r"manage\.py (import_journal docs/(?:.*\\\n)*.*)")


@pytest.fixture
def bank() -> Ledger:
    """Return the books of the example, with the people who keep them."""
    ledger = make_ledger(code="bank")
    make_account(ledger, "1002")
    make_account(ledger, "2011", is_leaf=False, account_class="liability", normal_side=-1)
    make_user(ledger.organization, Role.SENIOR_ACCOUNTANT, username="senior")
    make_user(ledger.organization, Role.APPROVER, username="approver")
    return ledger


def run_the_documented_command(*more: str) -> str:
    """Run the command of the page and return what it printed."""
    found = COMMAND.search((ROOT / "docs/import.md").read_text())
    assert found is not None
    output = io.StringIO()
    words = shlex.split(found[1].replace("\\\n", " "))
    call_command(*words, *more, stdout=output, stderr=io.StringIO())
    return output.getvalue()


def test_the_balances_are_those_of_the_page(
    bank: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    printed = run_the_documented_command()

    assert "5 rows, 5 entries, 10 lines, 3 new accounts; 5 approved, 5 posted" in printed
    totals = AccountTotal.objects.filter(ledger=bank).select_related("account")
    balances: dict[str, Decimal] = {}
    for total in totals:
        code = total.account.code
        balances[code] = balances.get(code, Decimal(0)) + total.debit - total.credit
    assert balances == {
        "1002": Decimal("819.57"),
        "2011.17": Decimal("-1119.50"),
        "2011.42": Decimal("300.00"),
        "2011.108": Decimal("-0.07"),
    }
    assert [check for check in verify_inside_a_transaction(bank.pk) if check.count] == []


def test_a_dry_run_stores_nothing(bank: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    printed = run_the_documented_command("--dry-run")

    assert "5 rows, 5 entries" in printed
    assert not JournalEntry.objects.exists()
    assert not bank.chart.accounts.filter(code="2011.17").exists()
    assert bank.periods.filter(state=PeriodState.OPEN).count() == 3
