"""Exports: nothing runs as a formula, no digit is lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apps.core import exports
from apps.core.exports import (
    Cell,
    ColumnKind,
    ExportTooLarge,
    csv_chunks,
    csv_response,
    csv_text,
    trim_zeros,
    write_xlsx,
    xlsx_response,
)
from apps.core.tabular import read_rows

KINDS = (ColumnKind.TEXT, ColumnKind.AMOUNT, ColumnKind.DATE)

# Closing an answer looks at the open connections.
pytestmark = pytest.mark.django_db


def csv_of(*rows: Sequence[Cell]) -> str:
    """Return the CSV file of some rows under one heading."""
    return b"".join(csv_chunks(["memo"], rows)).decode("utf-8-sig")


def xlsx_of(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the workbook of some rows of text, amount and date."""
    file = io.BytesIO()
    write_xlsx(file, ["memo", "amount", "day"], rows, KINDS)
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1"],
)
def test_a_text_that_would_run_as_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_text(text) == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("办公用品 = 纸", "办公用品 = 纸"),
        (Decimal("-1234.5600"), "-1234.56"),
        (Decimal("12345678901234.5678"), "12345678901234.5678"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 8, 5, tzinfo=UTC), "2026-01-31 08:05:00+00:00"),
        (7, "7"),
    ],
)
def test_numbers_and_days_stand_raw_in_csv(cell: Cell, text: str) -> None:
    assert csv_text(cell) == text


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("1.5000", "1.50"), ("100", "100"), ("100.0000", "100.00"), ("0.4500", "0.45"),
     ("7.1234000000", "7.1234"), ("0.0000", "0.00"), ("-0.1000", "-0.10")],
)  # fmt: skip
def test_zeros_of_the_database_are_dropped_behind_cents(stored: str, shown: str) -> None:
    assert str(trim_zeros(Decimal(stored))) == shown


def test_headings_are_kept_from_running_too() -> None:
    chunks = b"".join(csv_chunks(["=cmd|' /C calc'!A0"], []))

    assert chunks == b"\xef\xbb\xbf'=cmd|' /C calc'!A0\r\n"


def test_quotes_commas_and_line_ends_survive_the_way_to_csv_and_back() -> None:
    memo = 'paid "in full", 付款\nsecond line'

    table = read_rows(csv_of([memo]).encode(), "export.csv")

    assert table.rows == [(memo,)]


def test_a_long_csv_comes_in_pieces_with_one_byte_order_mark() -> None:
    chunks = list(csv_chunks(["n"], ([number] for number in range(1200))))

    assert len(chunks) == 3
    assert b"".join(chunks).count(b"\xef\xbb\xbf") == 1
    assert b"".join(chunks).count(b"\r\n") == 1201


def test_csv_is_an_attachment_with_a_name_in_any_script() -> None:
    response = csv_response("科目余额表.csv", ["a"], [["b"]])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "filename*=utf-8''%E7%A7%91" in response["Content-Disposition"]
    assert response.getvalue() == b"\xef\xbb\xbfa\r\nb\r\n"


def test_a_workbook_gives_back_what_was_written() -> None:
    day = date(2026, 1, 31)
    rows: list[list[Cell]] = [
        ["办公用品", Decimal("1234.5600"), day],
        ["-", Decimal("-0.07"), day],
        ["x", None, None],
    ]

    table = read_rows(xlsx_of(rows), "export.xlsx")

    assert table.rows == [
        ("办公用品", "1234.56", "2026-01-31"),
        ("-", "-0.07", "2026-01-31"),
        ("x", "", ""),
    ]


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    rows = [["=1+1", None, None], ["https://example.org", None, None], ["{=1}", None, None]]

    archive = zipfile.ZipFile(io.BytesIO(xlsx_of(rows)))

    sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


@pytest.mark.parametrize(
    "amount",
    ["9999999999999.99", "8999999999999.99", "123456789012.345", "1234567890123456.78",
     "-9999999999999999.9999", "999999999999999", "1234567890123456"],
)  # fmt: skip
def test_no_amount_loses_a_digit_in_a_workbook(amount: str) -> None:
    table = read_rows(xlsx_of([["x", Decimal(amount), None]]), "export.xlsx")

    assert table.rows[0][1] == amount


def test_a_workbook_is_an_attachment() -> None:
    response = xlsx_response("tb.xlsx", ["a"], [["b"]], [ColumnKind.TEXT])

    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert response["Content-Disposition"] == 'attachment; filename="tb.xlsx"'
    assert response.getvalue().startswith(b"PK")
    response.close()


def test_it_refuses_more_rows_than_a_sheet_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_XLSX_ROWS", 2)

    with pytest.raises(ExportTooLarge):
        xlsx_response("tb.xlsx", ["a"], [["1"], ["2"], ["3"]], [ColumnKind.TEXT])
