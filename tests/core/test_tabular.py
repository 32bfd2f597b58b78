"""Files of rows: every honest one is read exactly, every other refused with a reason."""

from __future__ import annotations

from datetime import date

import pytest

from apps.core import tabular
from apps.core.tabular import open_table, parse_date_text, read_rows
from apps.core.tabular.errors import (
    BrokenRow,
    CellTooLong,
    EmptyFile,
    FileTooLarge,
    LongRow,
    LostDigits,
    NulInFile,
    OldWorkbook,
    SuspiciousArchive,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
    UnreadableDate,
    UnreadableFile,
    WorkbookTooLarge,
)
from tests.core.workbooks import make_row, make_workbook, number_cell

CHINESE = "日期,摘要,金额\n2026-01-31,办公用品,100.10\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"),
     ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)  # fmt: skip
def test_it_finds_out_the_encoding(encoding: str, found: str) -> None:
    table = read_rows(CHINESE.encode(encoding), "bank.csv")

    assert table.encoding == found
    assert table.headers == ("日期", "摘要", "金额")
    assert table.rows == [("2026-01-31", "办公用品", "100.10")]


def test_it_does_not_guess_an_encoding() -> None:
    with pytest.raises(UnknownEncoding):
        read_rows("Name,Betrag\nMüller,1\nGößling,2\n".encode("cp1252"), "bank.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_finds_out_the_delimiter(delimiter: str) -> None:
    lines = ("day{0}memo{0}amount", '2026-01-31{0}"a{0}b, c; d"{0}1', "2026-02-01{0}x{0}2")

    table = read_rows("\n".join(lines).format(delimiter).encode(), "a.csv")

    assert table.delimiter == delimiter
    assert table.rows[0] == ("2026-01-31", f"a{delimiter}b, c; d", "1")


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    table = read_rows(b"a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", "a.csv")

    assert table.rows[0] == ("1,5", "2,5", "3,5")


def test_it_obeys_the_delimiter_line_of_excel() -> None:
    table = read_rows(b"sep=|\r\na|b,c\r\n1|2\r\n", "a.csv")

    assert table.headers == ("a", "b,c")
    assert list(table.numbered()) == [(3, ("1", "2"))]


def test_one_column_is_a_table_too() -> None:
    assert read_rows(b"memo\nx\ny\n", "a.csv").rows == [("x",), ("y",)]


def test_rows_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    table = read_rows(b'\na,b\n1,"two\nlines"\n,\n\n3\n', "a.csv")

    assert list(table.numbered()) == [(3, ("1", "two\nlines")), (6, ("3", ""))]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b" , ,\n"])
def test_it_refuses_a_file_without_headings(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        read_rows(data, "a.csv")


def test_it_names_the_line_of_a_nul() -> None:
    with pytest.raises(NulInFile, match="Line 3 "):
        read_rows(b"a,b\n1,2\n3,\x004\n", "a.csv")


def test_it_names_the_row_with_too_many_cells() -> None:
    with pytest.raises(LongRow, match="Row 3 "):
        read_rows(b"a,b\n1,2,,\n1,2,3\n", "a.csv")


@pytest.mark.parametrize("row", ['1,"two', '1,"two"three'])
def test_it_names_the_row_whose_quotes_do_not_fit(row: str) -> None:
    with pytest.raises(BrokenRow, match="Row 3 "):
        read_rows(f"a,b\n1,2\n{row}\n".encode(), "a.csv")


@pytest.mark.parametrize("length", [2001, 200_000])
def test_it_refuses_a_cell_that_never_ends(length: int) -> None:
    with pytest.raises((CellTooLong, BrokenRow)):
        read_rows(f'a,b\n1,"{"x" * length}"\n'.encode(), "a.csv")


def test_it_stops_at_the_row_limit() -> None:
    data = b"a\n" + b"1\n" * 11

    with pytest.raises(TooManyRows, match="10 rows"):
        read_rows(data, "a.csv", max_rows=10)
    assert len(read_rows(data, "a.csv", max_rows=11).rows) == 11


def test_it_refuses_too_many_columns() -> None:
    with pytest.raises(TooManyColumns):
        read_rows(b",".join([b"a"] * 257), "a.csv")


def test_it_refuses_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MAX_BYTES", 10)

    with pytest.raises(FileTooLarge) as refused:
        read_rows(b"a,b\n1,2\n3,4\n", "a.csv")
    assert refused.value.http_status == 413


def test_rows_come_on_demand() -> None:
    stream = open_table(b"a,b\n1,2\n1,2,3\n", "a.csv")

    assert next(stream.rows) == (2, ("1", "2"))
    with pytest.raises(LongRow):
        next(stream.rows)


@pytest.mark.parametrize(
    ("stored", "text"),
    [("0.30000000000000004", "0.3"), ("7", "7"), ("-1234.5", "-1234.5"), ("1E3", "1000"),
     ("100.1", "100.1"), ("9999999999999.99", "9999999999999.99"), ("0", "0"), ("-0", "0"),
     ("1.1000000000000001", "1.1"), ("1000000", "1000000"),
     ("123456789012345", "123456789012345")],
)  # fmt: skip
def test_numbers_of_a_workbook_come_without_the_noise_of_binary(stored: str, text: str) -> None:
    data = make_workbook(make_row(1, "amount") + make_row(2, number_cell(stored)))

    assert read_rows(data, "a.xlsx").rows == [(text,)]


@pytest.mark.parametrize(
    "stored",
    ["6222021234567890123", "1e400", "NaN", "-inf", "12345678901234.56", "1000000000000000"],
)
def test_it_refuses_a_number_whose_digits_are_lost(stored: str) -> None:
    data = make_workbook(make_row(1, "a", "b") + make_row(2, "x", number_cell(stored)))

    with pytest.raises(LostDigits, match="Row 2, column 2 "):
        read_rows(data, "a.xlsx")


def test_it_reads_texts_dates_and_truth_of_a_workbook() -> None:
    cells = ("  办公用品 ", '<c t="b"><v>1</v></c>', '<c t="d"><v>2026-01-31T00:00:00</v></c>',
             '<c t="str"><f>1+1</f><v>=2</v></c>')  # fmt: skip

    table = read_rows(make_workbook(make_row(3, *"abcd") + make_row(5, *cells)), "a.xlsx")

    assert table.sheet == "Journal"
    assert list(table.numbered()) == [(5, ("办公用品", "TRUE", "2026-01-31", "=2"))]


def test_it_knows_a_workbook_by_its_content() -> None:
    data = make_workbook(make_row(1, "a") + make_row(2, "b"))

    assert read_rows(data, "named-wrongly.csv").rows == [("b",)]


def test_it_refuses_a_nul_in_a_workbook() -> None:
    with pytest.raises(NulInFile, match="Line 2 "):
        read_rows(make_workbook(make_row(1, "a") + make_row(2, "x_x0000_y")), "a.xlsx")


def test_it_refuses_a_long_cell_in_a_workbook() -> None:
    rows = make_row(1, "a") + make_row(2, "x" * 2001)

    with pytest.raises(CellTooLong, match="Row 2, column 1 "):
        read_rows(make_workbook(rows), "a.xlsx")


def test_it_stops_at_the_row_limit_of_a_workbook() -> None:
    data = make_workbook("".join(make_row(number, "x") for number in range(1, 6)))

    with pytest.raises(TooManyRows, match="3 rows"):
        read_rows(data, "a.xlsx", max_rows=3)
    assert len(read_rows(data, "a.xlsx", max_rows=4).rows) == 4


@pytest.mark.parametrize(
    "data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, b"a,b\n1,2\n"]
)
def test_it_advises_on_old_and_encrypted_workbooks(data: bytes) -> None:
    with pytest.raises(OldWorkbook, match=r"\.xlsx"):
        read_rows(data, "a.XLS")


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04", b"PK\x03\x04" + b"\xff" * 300, b"no zip at all", make_workbook("<row")],
)
def test_it_refuses_what_only_calls_itself_a_workbook(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_rows(data, "a.xlsx")


@pytest.mark.parametrize(
    "extra",
    [{"xl/media/bomb.xml": b"0" * 20_000_000}, {f"xl/part{n}.xml": b"" for n in range(200)}],
    ids=["ratio", "entries"],
)
def test_it_refuses_a_zip_bomb_by_its_directory(extra: dict[str, bytes]) -> None:
    data = make_workbook(make_row(1, "a"), extra=extra)

    with pytest.raises(SuspiciousArchive):
        read_rows(data, "a.xlsx")


def test_it_refuses_a_workbook_that_is_honestly_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.core.tabular.workbook.MAX_UNPACKED_BYTES", 100)

    with pytest.raises(WorkbookTooLarge):
        read_rows(make_workbook(make_row(1, "a")), "a.xlsx")


def test_two_cells_a_world_apart_do_not_end_the_server() -> None:
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    with pytest.raises(UnreadableFile) as refused:
        read_rows(make_workbook(make_row(1, "a") + corner), "a.xlsx")
    assert refused.type is UnreadableFile


def test_one_long_text_that_many_cells_share_does_not_fill_the_memory() -> None:
    shared = f"<si><t>{'x' * 1_000_000}</t></si>"
    rows = "".join(f'<row r="{n}"><c t="s"><v>0</v></c></row>' for n in range(1, 20_001))

    with pytest.raises(UnreadableFile) as refused:
        read_rows(make_workbook(rows, shared=shared), "a.xlsx")
    assert refused.type is UnreadableFile


@pytest.mark.parametrize(
    "text",
    ["2026-01-31", "2026/1/31", "2026.1.31", "20260131", "31.01.2026", "31.1.2026",
     "2026年1月31日", " 2026-01-31 ", "2026-01-31 14:03:22", "2026-01-31T00:00:00",
     "20260131 9:05"],
)  # fmt: skip
def test_it_reads_dates_that_can_only_mean_one_day(text: str) -> None:
    assert parse_date_text(text) == date(2026, 1, 31)


@pytest.mark.parametrize(
    "text",
    ["", "01/02/2026", "1/31/2026", "31-01-2026", "31.01.26", "2026-02-30", "2026-1/31",
     "0026-01-31", "１２３４-01-31", "2026-01-31x", "45000", "2026-13-01", "\x002026-01-31"],
)  # fmt: skip
def test_it_refuses_dates_that_could_mean_two(text: str) -> None:
    with pytest.raises(UnreadableDate):
        parse_date_text(text)
