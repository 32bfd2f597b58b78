"""`manage.py import_journal`: one-sided bank rows, new accounts and years, all or nothing."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import OperationLog
from apps.ledgers.models import Account, AccountTotal, JournalEntry, Ledger
from apps.ledgers.services.import_runs import run_import
from apps.organizations.models import User
from tests.factories import make_account, make_ledger, make_senior

pytestmark = pytest.mark.django_db

BANK = """id,customer,day,way,amount
1,17,1993-01-01,in,700.00
2,17,1993-02-01,out,100.50
3,42,1993-02-02,in,900.00
"""


@pytest.fixture
def ledger() -> Ledger:
    """Return a bank's ledger: a clearing account and a group of deposits."""
    ledger = make_ledger()
    make_account(ledger, "1002")
    make_account(ledger, "2011", is_leaf=False, account_class="liability", normal_side=-1)
    return ledger


def import_bank(ledger: Ledger, path: Path, *more: str, maker: User | None = None) -> int:
    """Run the command on the bank's file and return how it ended."""
    checker = make_senior(ledger)
    maker = maker or make_senior(ledger)
    try:
        call_command(
            "import_journal", str(path), "--ledger", ledger.code,
            "--maker", maker.username, "--checker", checker.username,
            "--poster", checker.username, "--map", "entry=id", "--map", "date=day",
            "--map", "account=2011.{customer}", "--map", "direction=way",
            "--counter-account", "1002", "--credit-words", "in", "--debit-words", "out",
            *more, stdout=io.StringIO(), stderr=io.StringIO(),
        )  # fmt: skip
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_rows_of_one_side_become_posted_entries_of_two(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(BANK)

    ended = import_bank(ledger, path, "--create-accounts-under", "2011", "--create-periods")

    assert ended == 0
    assert JournalEntry.objects.posted().count() == 3
    deposits = AccountTotal.objects.filter(account__code="2011.17")
    assert sum(total.credit - total.debit for total in deposits) == Decimal("599.50")
    assert callable(run_import)


def test_nothing_is_imported_when_a_row_has_no_account(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(BANK)

    ended = import_bank(ledger, path, "--create-periods")

    assert ended == 1
    assert not JournalEntry.objects.exists()
    assert not ledger.periods.filter(fiscal_year=1993).exists()


def test_the_maker_is_not_the_checker(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(BANK)
    maker = make_senior(ledger)

    ended = import_bank(ledger, path, "--checker", maker.username, maker=maker)

    assert ended == 1
    assert not JournalEntry.objects.exists()


def test_new_accounts_have_history_and_names_of_their_group(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(BANK)

    import_bank(ledger, path, "--create-accounts-under", "2011", "--create-periods")

    made = Account.objects.get(chart=ledger.chart, code="2011.42")
    assert made.name == "Account 2011 2011.42"
    assert made.history.count() == 1
    assert OperationLog.objects.filter(kind="account.create", resource_id=made.pk).count() == 1


def test_every_step_of_each_entry_is_in_history_and_log(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(BANK)

    import_bank(ledger, path, "--create-accounts-under", "2011", "--create-periods")

    entry = JournalEntry.objects.first()
    assert entry is not None
    reasons = entry.history.order_by("history_id").values_list("history_change_reason")
    assert [reason for (reason,) in reasons] == ["import", "approve"]
    logged = OperationLog.objects.filter(
        resource_type="ledgers_journalentry", resource_id=entry.pk
    )
    assert list(logged.order_by("pk").values_list("kind", flat=True)) == [
        "journal_import.import",
        "journal_import.import",
        "journal_import.approve",
        "journal_entry.post",
    ]


def test_statements_do_not_grow_with_the_rows(ledger: Ledger, tmp_path: Path) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    few.write_text(BANK)
    rows = "".join(f"m{n},17,1993-02-03,in,1.00\n" for n in range(60))
    many.write_text(BANK.partition("\n")[0] + "\n" + rows)
    options = ("--create-accounts-under", "2011", "--create-periods")
    import_bank(ledger, few, *options)

    with CaptureQueriesContext(connection) as queries:
        import_bank(ledger, many, *options)

    assert JournalEntry.objects.posted().count() == 63
    assert len(queries) < 100
