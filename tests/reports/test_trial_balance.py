"""The trial balance against figures that were worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.ledgers.models import EntryKind, Ledger
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.posting import post_entries
from apps.reports.domain.trial_balance import RowFilter
from tests.factories import (
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_new_entry,
    make_posted,
    make_senior,
)
from tests.reports.books import (
    FEBRUARY,
    JANUARY,
    MARCH,
    Books,
    figures_of,
    make_books,
    report_of,
    scope_of,
    texts,
)

pytestmark = pytest.mark.django_db


def _two_months() -> Books:
    books = make_books()
    make_posted(books.ledger, (books.bank, "1000"), (books.equity, "-1000"))
    february = date(2026, 2, 10)
    make_posted(books.ledger, (books.cash, "300"), (books.sales, "-300"), day=february)
    make_posted(books.ledger, (books.rent, "120"), (books.bank, "-120"), day=february)
    return books


def test_it_shows_opening_movement_and_closing_on_their_sides() -> None:
    books = _two_months()

    report = report_of(books.ledger, FEBRUARY)

    assert texts(figures_of(report, books.bank)) == ["1000", ".", ".", "120", "880", "."]
    assert texts(figures_of(report, books.cash)) == [".", ".", "300", ".", "300", "."]
    assert texts(figures_of(report, books.equity)) == [".", "1000", ".", ".", ".", "1000"]
    assert texts(figures_of(report, books.sales)) == [".", ".", ".", "300", ".", "300"]


def test_a_range_counts_all_its_periods_as_movement() -> None:
    books = _two_months()

    report = report_of(books.ledger, JANUARY, FEBRUARY)

    assert texts(figures_of(report, books.bank)) == [".", ".", "1000", "120", "880", "."]
    assert texts(report.total) == [".", ".", "1420", "1420", "1300", "1300"]


def test_a_group_is_the_sum_of_its_accounts_in_every_column() -> None:
    books = _two_months()

    report = report_of(books.ledger, FEBRUARY)

    parts = figures_of(report, books.cash) + figures_of(report, books.bank)
    assert figures_of(report, books.money) == parts
    assert report.groups[0].subtotal == parts


def test_the_total_is_the_same_at_every_level() -> None:
    books = _two_months()

    first = report_of(books.ledger, FEBRUARY, shown=RowFilter(level=1))

    assert first.total == report_of(books.ledger, FEBRUARY).total
    assert [row.account.code for row in first.groups[0].rows] == ["1000"]


def test_opening_entries_stand_in_the_opening_of_their_own_period() -> None:
    books = make_books()
    opening = (books.bank, "500"), (books.equity, "-500")
    make_posted(books.ledger, *opening, kind=EntryKind.OPENING)

    report = report_of(books.ledger, JANUARY)

    assert texts(figures_of(report, books.bank)) == ["500", ".", ".", ".", "500", "."]


def test_closing_entries_can_be_left_out_of_the_movement() -> None:
    books = _two_months()
    transfer = (books.sales, "300"), (books.equity, "-300")
    make_posted(books.ledger, *transfer, kind=EntryKind.PROFIT_TRANSFER, day=date(2026, 2, 28))

    with_closing = report_of(books.ledger, FEBRUARY)
    without = report_of(books.ledger, FEBRUARY, without_closing="on")

    assert texts(figures_of(with_closing, books.sales)) == [".", ".", "300", "300", ".", "."]
    assert texts(figures_of(without, books.sales)) == [".", ".", ".", "300", ".", "300"]


def test_accounts_without_amounts_are_hidden_unless_asked_for() -> None:
    books = _two_months()

    january = report_of(books.ledger, JANUARY)
    all_rows = report_of(books.ledger, JANUARY, shown=RowFilter(with_zero=True))

    codes = [row.account.code for group in january.groups for row in group.rows]
    assert codes == ["1000", "1002", "4001"]
    assert sum(len(group.rows) for group in all_rows.groups) == 6


def test_a_text_leaves_matching_accounts_and_sums_only_them() -> None:
    books = _two_months()

    report = report_of(books.ledger, FEBRUARY, shown=RowFilter(text="cash"))

    codes = [row.account.code for group in report.groups for row in group.rows]
    assert codes == ["1001"]
    assert texts(report.total) == [".", ".", "300", ".", "300", "."]
    assert texts(report.whole)[2:4] == ["420", "420"]


def test_a_class_leaves_its_accounts() -> None:
    books = _two_months()

    report = report_of(books.ledger, FEBRUARY, shown=RowFilter(account_class="profit_loss"))

    assert [group.account_class for group in report.groups] == ["profit_loss"]
    assert texts(report.total)[2:4] == ["120", "300"]


def test_a_dimension_value_shows_its_own_lines_alone() -> None:
    books = make_books()
    east = make_dimension_value(make_dimension_type(books.ledger.organization), "EAST")
    chosen = intern_dimension_set([east])
    assert chosen is not None
    make_posted(books.ledger, (books.rent, "70"), (books.bank, "-70"))
    entry = make_new_entry(books.ledger, (books.rent, "30"), (books.bank, "-30"))
    lines = (
        make_line(books.rent, "30", dimension_set_id=chosen.pk),
        make_line(books.bank, "-30"),
    )
    object.__setattr__(entry.content, "lines", lines)
    post_entries([entry], actor=make_senior(books.ledger), base_currency="CNY")

    report = report_of(books.ledger, JANUARY, dimension="EAST")

    assert texts(figures_of(report, books.rent)) == [".", ".", "30", ".", "30", "."]
    assert texts(report.total) == [".", ".", "30", ".", "30", "."]


def test_a_management_ledger_reports_its_base_and_its_own_red_letter_lines() -> None:
    books = make_books()
    management = make_ledger(
        books.ledger.organization,
        chart=books.ledger.chart,
        entity=books.ledger.entity,
        purpose=Ledger.Purpose.MANAGEMENT,
        base_ledger=books.ledger,
    )
    make_posted(books.ledger, (books.rent, "10000"), (books.bank, "-10000"))
    red = make_new_entry(management, (books.rent, "1"), (books.bank, "-1"))
    lines = (make_line(books.rent, "-2000", side=1), make_line(books.bank, "2000", side=-1))
    object.__setattr__(red.content, "lines", lines)
    post_entries([red], actor=make_senior(management), base_currency="CNY")

    statutory = report_of(books.ledger, JANUARY)
    adjusted = report_of(management, JANUARY)

    assert texts(figures_of(statutory, books.rent))[2] == "10000"
    assert texts(figures_of(adjusted, books.rent)) == [".", ".", "8000", ".", "8000", "."]
    assert texts(adjusted.total)[2:4] == ["8000", "8000"]


def test_a_back_dated_entry_moves_february_and_the_opening_of_march() -> None:
    books = _two_months()
    make_posted(books.ledger, (books.rent, "50"), (books.bank, "-50"), day=date(2026, 3, 5))

    late = (books.cash, "11"), (books.sales, "-11")
    make_posted(books.ledger, *late, day=date(2026, 2, 27))

    february = figures_of(report_of(books.ledger, FEBRUARY), books.cash)
    march = figures_of(report_of(books.ledger, MARCH), books.cash)
    assert february.closing_debit == march.opening_debit == Decimal(311)


def test_drafts_and_submitted_entries_do_not_count() -> None:
    books = _two_months()
    before = report_of(books.ledger, JANUARY)
    draft = create_draft(
        books.ledger,
        make_new_entry(books.ledger, (books.cash, "5"), (books.sales, "-5")).content,
        actor=make_senior(books.ledger),
    )

    submit_journal_entry(draft, version=draft.version, actor=draft.maker)

    assert report_of(books.ledger, JANUARY) == before


def test_a_scope_is_refused_when_it_ends_before_it_begins() -> None:
    books = make_books()

    with pytest.raises(AssertionError, match="ends before it begins"):
        scope_of(books.ledger, FEBRUARY, JANUARY)
