"""Files that are no files of rows, too large, hostile, in other encodings, or come twice."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from apps.core.tabular import read_rows
from apps.ledgers.models import JournalEntry, JournalImport
from tests.core.workbooks import make_row, make_workbook
from tests.factories import make_posted
from tests.ledgers.import_doors import check, contents, run_command, upload
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]

GOOD = """entry,date,summary,account,debit,credit
1,2026-01-10,房租,1002,50.00,
1,2026-01-10,房租,6001,,50.00
"""
BOMB = make_workbook(make_row(1, "a"), extra={"xl/media/bomb.xml": b"0" * 20_000_000})
# A file that is refused as a whole: its name, its bytes, the status, what is said of it.
REFUSED = {
    "nul": ("a.csv", GOOD.replace("50", "5\x000").encode(), 422, "NUL"),
    "latin": ("a.csv", "name,betrag\nMüller,1\nGößling,2\n".encode("cp1252"), 422, "encoding"),
    "empty": ("a.csv", b" \n", 422, "empty"),
    "quotes": ("a.csv", b'"a,b\n1,2\n', 422, "quotation"),
    "old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 64, 422, ".xlsx"),
    "no workbook": ("a.xlsx", b"PK\x03\x04" + b"\xff" * 300, 422, "cannot be read"),
    "zip bomb": ("a.xlsx", BOMB, 422, "unpacks to far more"),
    "100 MB": ("a.csv", b"a,b\n" + b"1,2\n" * 25_000_000, 413, "larger than 25 MB"),
}


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


@pytest.mark.parametrize("name", REFUSED)
def test_wizard_and_command_refuse_the_file(books: Books, name: str, tmp_path: Path) -> None:
    filename, content, status, says = REFUSED[name]
    path = tmp_path / filename
    path.write_bytes(content)
    before = contents()

    answered, page = upload(books, content, filename)
    found = run_command(books, path)

    assert (answered, JournalImport.objects.count()) == (status, 0)
    assert says in page
    assert 'class="invalid-feedback"' in page
    assert len(found) == 1
    assert says in found[0][2]
    assert contents() == before


def test_a_file_is_not_read_before_its_size_is_known(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.BytesIO(b"a" * (26 * 1024 * 1024))
    file.name = "a.csv"
    monkeypatch.setattr("django.core.files.uploadedfile.UploadedFile.read", pytest.fail)

    answer = books.client.post(
        books.url("journal_import_create"),
        {"file": file, "kind": "ordinary", "word": "general"},
    )

    assert answer.status_code == 413


def test_a_row_whose_quotes_do_not_fit_is_named(books: Books, tmp_path: Path) -> None:
    content = GOOD.encode() + b'2,2026-01-11,"Rent,1002,1.00,\n'
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    upload(books, content)

    for found in (check(books), run_command(books, path)):
        assert found[0][:2] == (4, "file")
        assert "quotation marks" in found[0][2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_files_come_in_right(books: Books, encoding: str) -> None:
    upload(books, GOOD.encode(encoding))

    assert check(books, "ready") == []
    made = JournalImport.objects.get()
    books.client.post(books.url("journal_import_start", made.pk), {"version": made.version})
    assert [entry.summary for entry in books.entries()] == ["房租"]


def test_the_same_file_is_taken_once(books: Books, tmp_path: Path) -> None:
    upload(books, GOOD.encode())

    status, page = upload(books, GOOD.encode(), "again.csv")

    assert (status, JournalImport.objects.count()) == (409, 1)
    assert "was uploaded as import" in page


def test_an_imported_file_is_refused_at_both_doors(books: Books, tmp_path: Path) -> None:
    upload(books, GOOD.encode())
    check(books, "ready")
    made = JournalImport.objects.get()
    data = {"version": made.version}
    path = tmp_path / "again.csv"
    path.write_bytes(GOOD.encode())

    for _twice in range(2):
        books.client.post(books.url("journal_import_start", made.pk), data)

    assert JournalEntry.objects.count() == 1
    assert upload(books, GOOD.encode())[0] == 409
    ((_row, _field, message),) = run_command(books, path)
    assert "was imported as import" in message


def test_a_mapping_of_a_stale_version_is_refused(books: Books) -> None:
    upload(books, GOOD.encode())
    made = JournalImport.objects.get()
    sources = {f"column_{name}": text for name, text in made.mapping["sources"].items()}
    url = books.url("journal_import_map", made.pk)
    books.client.post(url, sources | {"version": made.version, "act": "preview"})

    answer = books.client.post(url, sources | {"version": made.version, "act": "check"})

    assert answer.status_code == 409
    assert "Somebody else changed" in answer.content.decode()


def test_the_same_entry_form_sent_twice_is_one_entry(books: Books) -> None:
    for _twice in range(2):
        answer = books.client.post(books.url("journal_entry_create"), form_data())
        assert answer.status_code in {302, 409}

    assert len(books.entries()) == 1


@pytest.mark.parametrize("memo", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "＝1"])
def test_a_formula_in_a_memo_is_exported_as_text(books: Books, memo: str) -> None:
    make_posted(books.ledger, (books.bank, "1.00"), (books.sales, "-1.00"), summary=memo)
    url = books.url("journal_entry_export")

    as_csv = books.client.get(url, {"format": "csv"})
    as_xlsx = books.client.get(url, {"format": "xlsx"})

    assert f"'{memo}" in as_csv.getvalue().decode()
    cells = {cell for row in read_rows(as_xlsx.getvalue(), "journal.xlsx").rows for cell in row}
    assert memo in cells
