"""The badge of a trial balance says what the database found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from apps.reports.domain.trial_balance import Figures, RowFilter
from apps.reports.services import proof
from apps.reports.services.facts import facts_of
from apps.reports.services.proof import Source, prove
from tests.factories import make_posted, make_submitted
from tests.reports.books import FEBRUARY, JANUARY, make_books, report_of, scope_of

pytestmark = pytest.mark.django_db


def test_it_counts_the_lines_that_prove_the_figures() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "10.05"), (books.equity, "-10.05"))
    make_posted(books.ledger, (books.cash, "3"), (books.bank, "-3"), day=date(2026, 2, 1))

    result = prove(
        report_of(books.ledger, FEBRUARY), scope_of(books.ledger, FEBRUARY), from_lines=False
    )

    assert result.holds
    assert result.evidence is not None
    assert (result.evidence.source, result.evidence.row_count) == (Source.LINES, 4)


def test_a_filter_of_rows_does_not_weaken_the_proof() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "10"), (books.equity, "-10"))
    narrow = report_of(books.ledger, JANUARY, shown=RowFilter(text="1002"))

    assert prove(narrow, scope_of(books.ledger, JANUARY), from_lines=False).holds


def test_it_tells_when_a_figure_is_not_what_the_lines_say() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "10"), (books.equity, "-10"))
    report = report_of(books.ledger, JANUARY)
    wrong = replace(report, whole=report.whole + Figures(debit=report.whole.debit))

    result = prove(wrong, scope_of(books.ledger, JANUARY), from_lines=True)

    assert not result.agrees
    assert not result.holds


def test_large_books_are_compared_with_the_balances_unless_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proof, "FEW_LINES", 1)
    books = make_books()
    make_posted(books.ledger, (books.bank, "10"), (books.equity, "-10"))
    report, scope = report_of(books.ledger, JANUARY), scope_of(books.ledger, JANUARY)

    quick = prove(report, scope, from_lines=False)
    full = prove(report, scope, from_lines=True)

    assert quick.holds
    assert full.holds
    assert quick.evidence is not None
    assert full.evidence is not None
    assert (quick.evidence.source, full.evidence.source) == (Source.BALANCES, Source.LINES)


def test_facts_count_posted_and_waiting_entries() -> None:
    books = make_books()
    posted = make_posted(books.ledger, (books.bank, "10"), (books.equity, "-10"))
    make_submitted(books.ledger, (books.bank, "4"), (books.equity, "-4"))

    facts = facts_of(scope_of(books.ledger, JANUARY))

    assert (facts.posted_count, facts.submitted_count) == (1, 1)
    assert facts.last_posted_at == posted.posted_at


def test_the_chart_says_income_and_expenses_of_each_month() -> None:
    books = make_books()
    make_posted(books.ledger, (books.bank, "9000"), (books.sales, "-9000"))
    make_posted(books.ledger, (books.rent, "2500"), (books.bank, "-2500"))

    chart = facts_of(scope_of(books.ledger, JANUARY)).income_chart()

    assert chart is not None
    assert chart.summary == "2026-01: income 9.00, expenses 2.50"
