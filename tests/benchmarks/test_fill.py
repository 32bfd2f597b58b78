"""Large books made for benchmarks are books that hold."""

from __future__ import annotations

from datetime import date

import pytest

from apps.ledgers.models import EntryState, JournalEntry, JournalLine
from apps.ledgers.services.verification import verify_inside_a_transaction
from benchmarks._books import make_books
from benchmarks.fill import fill_books

pytestmark = pytest.mark.django_db


def test_filled_books_hold_even_when_filled_twice() -> None:
    books = make_books(accounts=20)
    fill_books(books, entries=120)
    fill_books(books, entries=90, lines_per_entry=3)

    outcomes = verify_inside_a_transaction(books.ledger.pk)

    found = {o.name: o.findings for o in outcomes if o.count}
    # They are filled past the SQL that posts, which is what tells of entries.
    found.pop("a posted entry told of itself", None)
    assert found == {}


def test_it_makes_as_many_entries_and_lines_as_it_says() -> None:
    books = make_books(accounts=20)

    lines = fill_books(books, entries=50, lines_per_entry=6, unposted=7)

    assert JournalEntry.objects.count() == 50
    assert JournalEntry.objects.exclude(state=EntryState.POSTED).count() == 7
    assert JournalLine.objects.count() == lines == 16 * 18 + 2 + 6


def test_it_keeps_to_the_accounts_and_days_that_were_asked_for() -> None:
    books = make_books(accounts=20)

    fill_books(
        books, entries=40, accounts=5, days=(date(2026, 3, 1), date(2026, 3, 31)), unposted=0
    )

    lines = JournalLine.objects.order_by()
    assert set(lines.values_list("account", flat=True)) <= set(books.account_ids[:5])
    assert {day.month for day in lines.values_list("entry_date", flat=True)} == {3}
