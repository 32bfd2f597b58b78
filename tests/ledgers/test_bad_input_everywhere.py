"""Bad input at the three doors of the journal: entry form, import wizard, import command.

The same mistake is made at each door. Each says what is wrong in a sentence at the field, or
at the row and field of the file; the answer is never a 5xx, and nothing of the books changes.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.ledgers.models import PeriodState
from apps.ledgers.services.periods import change_period
from tests.factories import make_account, make_dimension_type, make_senior, period_of
from tests.ledgers.import_doors import check, contents, run_command, upload
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

HEADINGS = ("entry", "date", "summary", "account", "debit", "credit")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two lines and a header with something wrong, and where each door must say so.

    `anchor` is the field of the form, `row` and `field` the place in the file, whose first
    line of an entry is row 2.
    """

    anchor: str
    row: int
    field: str
    says: str
    first: tuple[str, str, str] = ("1002", "100.00", "")
    second: tuple[str, str, str] = ("6001", "", "100.00")
    day: str = "2026-02-10"
    summary: str = "Cash sale"

    def form(self) -> dict[str, object]:
        """Return what the entry form sends."""
        return form_data(
            self.first,
            self.second,
            act="submit",
            entry_date=self.day,
            summary=self.summary,
            line_summary=[self.summary, ""],
        )

    def file(self) -> bytes:
        """Return the same as a file."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(HEADINGS)
        for account, debit, credit in (self.first, self.second):
            writer.writerow(["1", self.day, self.summary, account, debit, credit])
        return text.getvalue().encode()


def amount(text: str) -> Mistake:
    """Return a line whose debit is not an amount."""
    return Mistake("line-1-debit", 2, "debit", f"“{text}” is not an amount", ("1002", text, ""))


def account(code: str, says: str) -> Mistake:
    """Return a line on an account that takes none."""
    return Mistake("line-1-account", 2, "account", says, (code, "100.00", ""))


MISTAKES = {
    "unbalanced": Mistake(
        "", 2, "entry", "CNY 0.01", second=("6001", "", "99.99")
    ),
    "closed period": Mistake(
        "id_entry_date", 2, "date", "2026-01", day="2026-01-10"
    ),
    "future period": Mistake(
        "id_entry_date", 2, "date", "2026-09", day="2026-09-10"
    ),
    "no period": Mistake("id_entry_date", 2, "date", "1999-01-01", day="1999-01-01"),
    "no date": Mistake("id_entry_date", 2, "date", "date", day="2026-02-30"),
    "group": account("1001", "1001"),
    "inactive account": account("1003", "1003"),
    "unknown account": account("9999", "9999"),
    "missing dimension": Mistake(
        "line-1-dimensions", 2, "dimensions", "Customer", ("1122", "100.00", "")
    ),
    "too many decimals": amount("100.005"),
    "not a number": amount("NaN"),
    "infinity": amount("1e400"),
    "full-width digits": amount("１００"),
    "direction marks": Mistake(
        "id_summary", 2, "summary", "direction characters", summary="pay \u202e001"
    ),
    "control character": Mistake(
        "id_summary", 2, "summary", "control", summary="a\x07b"
    ),
    "endless text": Mistake("id_summary", 2, "summary", "200", summary="x" * 201),
}  # fmt: skip


@pytest.fixture
def books() -> Books:
    """Return books with something wrong for each mistake; January is closed."""
    books = make_books()
    make_account(books.ledger, "1001", is_leaf=False)
    make_account(books.ledger, "1003", is_active=False)
    customer = make_dimension_type(books.ledger.organization, "customer")
    make_account(books.ledger, "1122", required_dimension_ids=[customer.pk])
    for state in (PeriodState.CLOSING, PeriodState.CLOSED):
        january = period_of(books.ledger, 1)
        change_period(january, state, version=january.version, actor=make_senior(books.ledger))
    return books


@pytest.mark.parametrize("name", MISTAKES)
def test_the_form_says_it_at_the_field(books: Books, name: str) -> None:
    mistake, before = MISTAKES[name], contents()

    answer = books.client.post(books.url("journal_entry_create"), mistake.form())

    assert 400 <= answer.status_code < 500
    found = {error["anchor"]: str(error["message"]) for error in answer.context["errors"]}
    assert mistake.says in found[mistake.anchor]
    assert contents() == before


@pytest.mark.parametrize("name", MISTAKES)
def test_wizard_and_command_say_it_at_row_and_field(
    books: Books, name: str, tmp_path: Path
) -> None:
    mistake, before = MISTAKES[name], contents()
    path = tmp_path / "entries.csv"
    path.write_bytes(mistake.file())

    by_command = run_command(books, path)
    upload(books, mistake.file())

    for found in (by_command, check(books)):
        messages = {(row, field): message for row, field, message in found}
        assert mistake.says in messages[mistake.row, mistake.field]
    assert contents() == before
