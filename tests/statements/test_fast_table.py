"""A table is read alike by Python, a row at a time, and by DuckDB, many rows at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.errors import FinanceError
from apps.statements.clients import readers
from apps.statements.clients.fast_table import NotPlain
from apps.statements.errors import BadAmount, BadDay, FeesDisagree, OtherAccount, TotalsDisagree
from apps.statements.services.line_writing import copy_lines
from apps.statements.services.samples import guessed_mapping
from tests.statements.reading import read_lines
from tests.statements.world import make_channel, make_line, make_statement, read

COLUMNS = {
    "date": "Date", "amount": "Amount", "money_in": "In", "money_out": "Out", "fee": "Fee",
    "gross": "Gross", "direction": "Dir", "reference": "Ref", "text": "Text",
    "balance": "Balance", "value_date": "Value", "currency": "Currency",
    "account": "Account", "gross_currency": "Paid in",
}  # fmt: skip
AMOUNTS = st.sampled_from(
    ["", "0", "-0.00", "12.30", "-1,234.50", "1.234,50", "12,30", "(5.00)", "5-", "￥7.00",
     " 3 ", "0.001", "1e5", "x", "999999999999999", "１２.00", "1 000.00", "`8.00", "+4", ".5"]
)  # fmt: skip
DAYS = st.sampled_from(
    ["2026-01-15", "2026-02-28", "20260301", "2026/1/5", "2026-01-15 10:00:00", "2026年1月2日",
     "31.12.2026", "2026-02-30", "01/02/2026", "", " 2026-03-01 "]
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        ["", "货款", 'say "hi"', "a,b;c", "two\nlines", "\\N", "　wide　", "x" * 200]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
CELLS = {"Date": DAYS, "Value": DAYS, "Ref": TEXTS, "Text": TEXTS,
         "Dir": st.sampled_from(["in", "OUT", "收", "支", ""]),
         "Currency": st.sampled_from(["CNY", "", "USD"]),
         "Account": st.sampled_from(["DE 1", "DE1", "2", ""]),
         "Paid in": st.sampled_from(["CNY", "", "USD", "YUAN"])}  # fmt: skip
WAYS = [("amount",), ("money_in", "money_out"), ("amount", "direction"), ("gross", "fee"),
        ("amount", "balance")]  # fmt: skip
# Chosen so that many files are read whole: what else stands in them is tried elsewhere.
PLAIN = {"Date": st.just("2026-01-15"), "Ref": st.text("abc", max_size=2)}


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, dict[str, Any], str]:
    """Return a CSV in some encoding, a mapping for it, and whose lines are wanted."""
    amounts = draw(st.sampled_from(WAYS))
    names = ["date", *amounts, *draw(st.sets(st.sampled_from(list(COLUMNS)[7:])))]
    headings = list(dict.fromkeys(COLUMNS[name] for name in names))
    cells = CELLS | (PLAIN if draw(st.booleans()) else {})
    money = st.sampled_from(["1.00", "-2.50", "1,000.00"]) if draw(st.booleans()) else AMOUNTS
    rows = draw(st.lists(st.tuples(*(cells.get(name, money) for name in headings)), max_size=6))
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=draw(st.sampled_from(",;\t")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
    )
    writer.writerows([headings, *rows])
    rules: dict[str, Any] = {
        "columns": {name: COLUMNS[name] for name in names},
        "skip_tail": draw(st.integers(0, 1)),
        "is_negated": draw(st.booleans()),
        "decimal_sign": draw(st.sampled_from(["", ".", ","])),
    }
    content = stream.getvalue().encode(draw(st.sampled_from(["utf-8", "gb18030"])))
    return content, rules, draw(st.sampled_from(["", "DE1"]))


def outcome(content: bytes, rules: dict[str, Any], account: str = "") -> Any:
    """Return what a table says, or the code and values of its refusal."""
    try:
        found, parts = read_lines("table", content, account, **rules)
    except FinanceError as error:
        return error.code, error.values.get("line"), error.values.get("column")
    return found.parts, found.account, found.others, [part.lines for part in parts]


def by_python(content: bytes, rules: dict[str, Any], account: str) -> Any:
    """Return what Python's reader alone finds."""
    with patch.object(readers, "read_fast", side_effect=NotPlain):
        return outcome(content, rules, account)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_both_readers_find_the_same(table: tuple[bytes, dict[str, Any], str]) -> None:
    assert outcome(*table) == by_python(*table)


EDGES = [" ", "\u3000", "\xa0", "\x85", "\x1c", "`", " `", "`\u3000"]
ABOUT = {"columns": {"date": "Date", "amount": "Amount", "reference": "Ref"}}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("cell", ["{}R", "R{}", "r{}", "{}货", "货{}", "{}", "~{}", "a{}b"])
def test_what_stands_before_or_behind_a_cell_is_left_out_by_both(edge: str, cell: str) -> None:
    odd = cell.format(edge)
    content = f"Date,Amount,Ref\n2026-01-15,1.00,R1\n2026-01-16,2.00,{odd}\n".encode()

    _parts, _account, _others, (lines,) = outcome(content, ABOUT)

    assert [line.reference for line in lines] == ["R1", odd.strip().strip("`\t ")]
    assert outcome(content, ABOUT) == by_python(content, ABOUT, "")


@pytest.mark.parametrize("edge", EDGES)
def test_what_is_a_blank_row_to_one_reader_is_one_to_the_other(edge: str) -> None:
    content = f"Date,Amount,Ref\n2026-01-15,1.00,R1\n,,{edge}\n".encode()

    found = outcome(content, ABOUT)

    assert found == by_python(content, ABOUT, "")
    # A tick alone is not blank: it says that a spreadsheet shall take a text as such.
    assert (found[0] == BadAmount.code) == ("`" in edge)


def big(*odd: str) -> bytes:
    """Return plain rows, among which some are not."""
    rows = [f"2026-01-15,{n}.00,R{n},," for n in range(1, 400)]
    rows[200:200] = odd
    return "\n".join(["Date,Amount,Ref,Gross,Fee", *rows, ""]).encode()


RULES: dict[str, Any] = {
    "columns": {
        "date": "Date", "amount": "Amount", "reference": "Ref", "gross": "Gross", "fee": "Fee",
    },
    "footer": "total",
}  # fmt: skip


def test_odd_rows_are_read_in_their_place_by_the_fast_reader() -> None:
    content = big("2026-01-16,(7.50),A,,", "", "2026年1月17日,￥8.00,B,,", "total,20100.50,,,")
    content = content.replace(b"\n\n", b"\n,,,,\n")

    with patch.object(readers, "stream_table", side_effect=AssertionError):
        _found, (part,) = read_lines("table", content, **RULES)

    assert [(line.number, str(line.amount)) for line in part.lines[199:204]] == [
        (201, "200.00"), (202, "-7.50"), (204, "8.00"), (206, "201.00"), (207, "202.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "refusal", "words"),
    [
        ("2026-01-15,12.O0,X,,", BadAmount, "Line 202, field “Amount”: “12.O0”"),
        ("2026-02-30,12.00,X,,", BadDay, "Line 202, field “Date”: “2026-02-30”"),
        (
            "2026-01-15,9.00,X,10.00,2.00",
            FeesDisagree,
            "Line 202, field “Fee”: 10.00 less the fee 2.00",
        ),
        ("Total,1.00,,,", TotalsDisagree, "“Amount” 1.00, but"),
    ],
)
def test_a_bad_row_among_many_is_told_as_python_tells_it(
    row: str, refusal: type[FinanceError], words: str
) -> None:
    with (
        patch.object(readers, "stream_table", side_effect=AssertionError),
        pytest.raises(refusal, match=words),
    ):
        read_lines("table", big(row), **RULES)


SEVERAL = (
    b"Account,Date,Amount,Balance,Currency\nDE 1,2026-01-15,5.00,105.00,CNY\n"
    b"2,2026-01-15,7.00,7.00,USD\nDE1,2026-01-16,-1.00,104.00,CNY\nTotal,,11.00,,\n"
)


@pytest.mark.parametrize("left", ["read_fast", "stream_table"])
def test_of_a_table_of_several_accounts_only_the_wanted_one_is_read(left: str) -> None:
    rules = guessed_mapping(SEVERAL).to_json()

    with patch.object(readers, left, side_effect=NotPlain):
        found, (part,) = read_lines("table", SEVERAL, "DE1", **rules)

        assert [line.number for line in part.lines] == [2, 4]
        assert (found.account, found.others) == ("DE1", ["2"])
        assert [part.opening, part.closing] == [100, 104]
        with pytest.raises(OtherAccount, match="2, DE 1, DE1, but the channel is of c"):
            read_lines("table", SEVERAL, "", **rules)
        with pytest.raises(OtherAccount, match="2, DE 1, DE1, but the channel is of 3"):
            read_lines("table", SEVERAL, "3", **rules)


def test_a_thousand_other_accounts_are_not_all_named() -> None:
    rows = "".join(f"{n},2026-01-15,1.00\n" for n in range(1000, 2000))
    rules = {"columns": {"account": "A", "date": "D", "amount": "M"}}

    with pytest.raises(OtherAccount, match=r"1000, 1001, 1002, 1003, 1004 … \(1000\)"):
        read_lines("table", b"A,D,M\n" + rows.encode(), "1", **rules)


def test_a_column_that_no_line_fills_is_not_sent(tmp_path: Path) -> None:
    columns = {"date": "Date", "amount": "Amount", "text": "Text"}
    (tmp_path / readers.FILE).write_text("Date,Amount,Text\n2026-03-01,1.00,rent\n")
    request = readers.Request("table", {"columns": columns}, "", "c", "CNY", 2)

    with readers.read(tmp_path, request) as (_found, files):
        heading = next(files).read_text().splitlines()[0]

    assert heading == (
        "statement_id,channel_id,currency_id,line_no,booked_on,amount,text,fingerprint,occurrence"
    )


@pytest.mark.django_db
def test_a_heading_with_another_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines-0000.csv").write_text("id,channel_id\n1,1\n")

    with pytest.raises(ValueError, match="id"):
        copy_lines([tmp_path / "lines-0000.csv"])


@pytest.mark.django_db
def test_postgresql_computes_the_same_fingerprint() -> None:
    line = make_line("-0.50", "É-1", text="货款 'a' 20 %")
    make_statement(make_channel(external_account="DE 02/7"), read(line))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.fingerprint = statements_fingerprint(f.external_account, l.booked_on,"
            " l.amount, l.currency_id, l.reference, l.text) FROM statements_statementline l"
            " JOIN statements_statementfile f ON f.id = l.statement_id"
        )
        assert cursor.fetchall() == [(True,)]
