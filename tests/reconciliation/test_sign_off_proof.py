"""The proof in plain figures: balances at a cut-off, and how open rows roll forward."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.proof import (
    OpenItem,
    Proof,
    roll_forward,
    statement_balance,
    totals_of,
)
from apps.statements.domain.gaps import Span

FIRST, CUT = date(2026, 10, 1), date(2026, 10, 31)


def day(number: int, month: int = 10) -> date:
    """Return a day of autumn 2026."""
    return date(2026, month, number)


def span(begin: date, end: date, opening: str, closing: str) -> Span:
    """Return the days and balances of a statement."""
    return Span(begin, end, Decimal(opening), Decimal(closing))


def item(pk: int, side: str, category: str, amount: str, currency: str = "CNY") -> OpenItem:
    """Return an open row."""
    return OpenItem(Side(side), pk, category, Decimal(amount), currency, FIRST)


def daily(*rows: tuple[int, str]) -> dict[date, Decimal]:
    """Return sums of lines by day of October."""
    return {day(number): Decimal(amount) for number, amount in rows}


def codes(*spans: Span, lines: dict[date, Decimal]) -> list[str]:
    """Return what hinders the balance at the end of October."""
    return [one.code for one in statement_balance(spans, lines, FIRST, CUT).obstacles]


def test_the_balance_at_the_cut_off_is_counted_from_lines_and_compared() -> None:
    spans = [span(day(1), day(15), "100", "110.01"), span(day(16), day(5, 11), "110.01", "90")]
    lines = daily((3, "10.01"), (20, "-5")) | {day(2, 11): Decimal("-15.01")}

    assert statement_balance(spans, lines, FIRST, CUT).amount == Decimal("105.01")


def test_a_statement_that_ends_before_the_cut_off_leaves_it_unproved() -> None:
    assert codes(span(day(1), day(30), "0", "5"), lines=daily((3, "5"))) == [
        "missing_statement"
    ]


def test_a_quiet_weekend_at_the_cut_off_is_closed_by_the_next_statement() -> None:
    spans = [span(day(1), day(30), "0", "5"), span(day(2, 11), day(2, 11), "5", "5")]

    assert statement_balance(spans, daily((3, "5")), FIRST, CUT).amount == Decimal(5)


def test_a_gap_is_told_unless_it_lies_before_the_first_day() -> None:
    late = span(day(20), CUT, "7", "7")

    assert codes(span(day(1), day(10), "0", "5"), late, lines=daily((3, "5"))) == ["gap"]
    whole = span(day(1), CUT, "7", "7")
    assert codes(span(day(1, 9), day(10, 9), "0", "5"), whole, lines={}) == []


def test_lines_that_do_not_make_the_balance_are_told() -> None:
    assert codes(span(day(1), CUT, "0", "5"), lines=daily((3, "4.99"))) == ["lines_disagree"]


def test_statements_that_overlap_are_compared_where_one_alone_speaks() -> None:
    spans = [span(day(1), day(20), "0", "5"), span(day(10), CUT, "5", "6")]

    assert codes(*spans, lines=daily((3, "5"), (25, "1"))) == []
    assert codes(*spans, lines=daily((3, "5"), (25, "2"))) == ["lines_disagree"]


def test_a_day_that_two_statements_share_is_not_compared_at_the_first() -> None:
    spans = [span(day(1), day(20), "0", "5"), span(day(20), CUT, "5", "8")]

    assert codes(*spans, lines=daily((3, "5"), (20, "2"), (25, "1"))) == []


@pytest.mark.parametrize(("book", "left"), [("100.00", "0.00"), ("100.01", "-0.01")])
def test_the_proof_leaves_what_nothing_explains(book: str, left: str) -> None:
    items = (
        item(1, "book", "missing_ext", "30.00"),
        item(2, "statement", "missing_int", "-7.50"),
        item(3, "statement", "fx", "9.99", "USD"),
    )
    outstanding = totals_of(items, "CNY")
    statement = Decimal("62.50")

    proof = Proof("CNY", FIRST, CUT, Decimal(book), statement, outstanding, ())

    assert (proof.unexplained, len(outstanding)) == (Decimal(left), 3)


def test_open_rows_roll_forward_and_add_up() -> None:
    before = [item(1, "book", "missing_ext", "10"), item(2, "book", "missing_ext", "5")]
    now = [item(2, "book", "amount_break", "5"), item(9, "statement", "missing_int", "3")]

    rows = {row.category: row for row in roll_forward(before, now, "CNY")}

    gone = rows["missing_ext"]
    assert [gone.brought.effect, gone.cleared.effect, gone.moved.effect] == [-15, -10, 5]
    assert (rows["amount_break"].moved.count, rows["missing_int"].new.count) == (1, 1)
    for row in rows.values():
        came = row.brought.effect + row.new.effect + row.moved.effect
        assert came - row.cleared.effect == row.carried.effect
