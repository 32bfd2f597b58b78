"""A file with foreign amounts: rates found or written, rounding as a line that is seen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledgers.models import JournalImport, JournalLine, Ledger
from apps.ledgers.services.import_pages import preview_of
from apps.ledgers.services.journal_imports import upload_journal_import
from tests.factories import make_account, make_accountant, make_ledger, make_system_user
from tests.fx_rates import make_rate
from tests.ledgers.test_journal_import import checked, imported_text

pytestmark = pytest.mark.django_db

HEAD = "voucher,date,summary,account,debit,credit,currency,rate\n"
THIRDS = (
    HEAD
    + """1,2026-01-15,Thirds,1002,100.00,,USD,
1,2026-01-15,Thirds,6001,,33.33,USD,
1,2026-01-15,Thirds,6001,,33.33,USD,
1,2026-01-15,Thirds,6001,,33.34,USD,
"""
)


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests do the work that the queue would call a worker for."""
    monkeypatch.setattr("apps.ledgers.services.journal_imports.ring", lambda _: None)


@pytest.fixture
def ledger() -> Ledger:
    """Return a ledger in CNY with a rounding account."""
    ledger = make_ledger()
    for code in ("1002", "6001"):
        make_account(ledger, code)
    ledger.update_versioned(
        actor=make_system_user(),
        reason="",
        expected_version=None,
        rounding_account=make_account(ledger, "660399"),
    )
    return ledger


def pair(rate: str, currency: str = "USD", amount: str = "100.00") -> str:
    """Return a file of one sale."""
    return HEAD + (
        f"1,2026-01-15,Sale,1002,{amount},,{currency},{rate}\n"
        f"1,2026-01-15,Sale,6001,,{amount},{currency},{rate}\n"
    )


def faults_in(ledger: Ledger, text: str) -> list[tuple[int, str, str]]:
    """Return what the check of a file finds."""
    made: JournalImport = checked(ledger, text, make_accountant(ledger))
    return [(one.row, one.field, one.message) for one in made.errors.all()]


def test_the_rate_of_the_day_is_found_and_kept_with_its_source(ledger: Ledger) -> None:
    rate = make_rate("USD", "7.1234")

    imported_text(ledger, pair(""), make_accountant(ledger))

    line = JournalLine.objects.order_by("position")[0]
    assert (line.amount, line.base_amount) == (Decimal(100), Decimal("712.34"))
    assert (line.rate_type, line.rate_source, line.rate_ids) == ("spot", "ecb", [rate.pk])


def test_a_rate_in_the_file_is_manual(ledger: Ledger) -> None:
    imported_text(ledger, pair("4.8012/100", "JPY", "1500"), make_accountant(ledger))

    line = JournalLine.objects.order_by("position")[0]
    assert (line.rate, line.rate_per, line.rate_type) == (Decimal("4.8012"), 100, "manual")
    assert line.base_amount == Decimal("72.02")


def test_rounding_becomes_a_line_that_the_preview_shows(ledger: Ledger) -> None:
    make_rate("USD", "7.1234")
    made = upload_journal_import(
        ledger, THIRDS.encode(), "thirds.csv", actor=make_accountant(ledger)
    )

    (entry,) = preview_of(made).entries

    assert entry.lines[-1].account.startswith("660399")
    assert (entry.lines[-1].credit, entry.lines[-1].currency) == (Decimal("0.01"), "CNY")


def test_an_imported_rounding_line_balances_its_entry(ledger: Ledger) -> None:
    make_rate("USD", "7.1234")

    imported_text(ledger, THIRDS, make_accountant(ledger))

    line = JournalLine.objects.get(account__code="660399")
    assert (line.position, line.base_amount) == (5, Decimal("-0.01"))


def test_more_than_rounding_explains_is_named_with_the_exact_difference(
    ledger: Ledger,
) -> None:
    make_rate("USD", "7.1234")
    text = THIRDS.replace("100.00,,USD,", "100.00,,USD,7.1240")

    ((row, field, message),) = faults_in(ledger, text)

    assert (row, field) == (2, "entry")
    assert "CNY 0.07" in message


@pytest.mark.parametrize("rate", ["abc", "0", "7,1", "1e3", "-7"])
def test_what_is_no_rate_is_named_at_its_row(ledger: Ledger, rate: str) -> None:
    found = faults_in(ledger, pair(f'"{rate}"'))

    assert (found[0][0], found[0][1]) == (2, "rate")


def test_a_missing_rate_names_pair_and_day(ledger: Ledger) -> None:
    (row, field, message), *_ = faults_in(ledger, pair(""))

    assert (row, field) == (2, "rate")
    assert "USD/CNY" in message
    assert "2026-01-15" in message
