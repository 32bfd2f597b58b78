"""The kind of an entry that a person writes: ordinary, opening balances, adjustment."""

from __future__ import annotations

import pytest

from apps.ledgers.models import EntryKind, PeriodState
from apps.ledgers.services.periods import change_period
from tests.factories import make_senior, period_of
from tests.ledgers.journal_pages import Books, form_data, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def test_opening_balances_are_written_as_such(books: Books) -> None:
    books.client.post(books.url("journal_entry_create"), form_data(kind="opening"))

    (entry,) = books.entries()
    assert entry.kind == EntryKind.OPENING


def test_an_adjustment_goes_into_the_thirteenth_period(books: Books) -> None:
    period = period_of(books.ledger, 13)
    if period.state != PeriodState.OPEN:
        actor = make_senior(books.ledger)
        change_period(period, PeriodState.OPEN, version=period.version, actor=actor)
    last_day = period.ends_on.isoformat()

    books.client.post(
        books.url("journal_entry_create"), form_data(kind="adjustment", entry_date=last_day)
    )

    (entry,) = books.entries()
    assert (entry.kind, entry.period) == (EntryKind.ADJUSTMENT, period)


def test_an_adjustment_on_another_day_is_told_where_it_belongs(books: Books) -> None:
    answer = books.client.post(books.url("journal_entry_create"), form_data(kind="adjustment"))

    assert answer.status_code == 422
    assert "last day of a fiscal year" in answer.context["form"].errors["entry_date"]
    assert books.entries() == []


@pytest.mark.parametrize("kind", ["profit_transfer", "reversal", "gift"])
def test_nobody_writes_what_the_system_makes(books: Books, kind: str) -> None:
    answer = books.client.post(books.url("journal_entry_create"), form_data(kind=kind))

    assert answer.status_code == 422
    assert answer.context["form"].errors["kind"]
    assert books.entries() == []


def test_the_kind_of_a_draft_can_change(books: Books) -> None:
    books.client.post(books.url("journal_entry_create"), form_data())
    (entry,) = books.entries()

    books.client.post(
        books.url("journal_entry_edit", entry.pk),
        form_data(kind="opening", version=str(entry.version)),
    )

    entry.refresh_from_db()
    assert entry.kind == EntryKind.OPENING
