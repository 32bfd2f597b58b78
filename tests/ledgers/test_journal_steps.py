"""The steps of an entry over HTTP: who may take them, at which version, and what is said."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.ledgers.models import EntryState, JournalEntry
from apps.organizations.models import User
from tests.factories import (
    make_approved,
    make_approver,
    make_draft,
    make_posted,
    make_senior,
    make_submitted,
)
from tests.ledgers.journal_pages import Books, client_of, make_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


def take(books: Books, client: Client, step: str, entry: JournalEntry, **data: str) -> str:
    """Take a step at the entry's version; return the level of the message that came."""
    values = {"version": str(entry.version)} | data
    url = books.url(f"journal_entry_{step}", entry.pk)
    page = client.post(url, values, follow=True)
    assert page.status_code == 200
    entry.refresh_from_db()
    return str([message.level_tag for message in page.context["messages"]][-1])


def approver(books: Books) -> Client:
    """Return the client of an approver."""
    return client_of(make_approver(books.ledger))


def lines(books: Books) -> tuple[tuple[object, str], tuple[object, str]]:
    """Return two lines that balance."""
    return (books.bank, "10"), (books.sales, "-10")


def test_an_entry_goes_from_draft_to_posted_through_three_people(books: Books) -> None:
    entry = make_draft(books.ledger, *lines(books), maker=books.maker)  # type: ignore[arg-type]
    senior = client_of(make_senior(books.ledger))

    said = [
        take(books, books.client, "submit", entry),
        take(books, approver(books), "approve", entry),
        take(books, senior, "post", entry),
    ]

    assert said == ["success"] * 3
    assert (entry.state, str(entry)) == (EntryState.POSTED, "JV-2026-01-0001")


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_nobody_decides_on_the_own_entry(books: Books, step: str) -> None:
    senior = make_senior(books.ledger)
    entry = make_submitted(books.ledger, *lines(books), maker=senior)  # type: ignore[arg-type]

    said = take(books, client_of(senior), step, entry, reason="mine")

    assert (said, entry.state) == ("error", EntryState.SUBMITTED)


def test_a_stale_version_changes_nothing(books: Books) -> None:
    entry = make_submitted(books.ledger, *lines(books))  # type: ignore[arg-type]

    said = take(books, approver(books), "approve", entry, version="1")

    assert (said, entry.state) == ("error", EntryState.SUBMITTED)


@pytest.mark.parametrize("version", ["", "x", "１", "9" * 40])
def test_an_unreadable_version_changes_nothing(books: Books, version: str) -> None:
    entry = make_submitted(books.ledger, *lines(books))  # type: ignore[arg-type]

    said = take(books, approver(books), "approve", entry, version=version)

    assert (said, entry.state) == ("error", EntryState.SUBMITTED)


def test_a_return_needs_a_reason_which_the_maker_then_reads(books: Books) -> None:
    entry = make_submitted(books.ledger, *lines(books), maker=books.maker)  # type: ignore[arg-type]

    silent = take(books, approver(books), "reject", entry, reason=" ")
    spoken = take(books, approver(books), "reject", entry, reason="Wrong account")

    page = books.client.get(entry.get_absolute_url())
    assert (silent, spoken, entry.state) == ("error", "success", EntryState.DRAFT)
    assert b"Wrong account" in page.content


def test_the_maker_withdraws_and_cancels(books: Books) -> None:
    entry = make_submitted(books.ledger, *lines(books), maker=books.maker)  # type: ignore[arg-type]

    take(books, books.client, "withdraw", entry)
    take(books, books.client, "cancel", entry)

    assert (entry.state, entry.number) == (EntryState.CANCELLED, None)


def test_only_the_checker_takes_an_approval_back(books: Books) -> None:
    entry = make_approved(books.ledger, *lines(books))  # type: ignore[arg-type]
    checker: User = entry.checker  # type: ignore[assignment]

    other = take(books, approver(books), "unapprove", entry, reason="Doubt")
    own = take(books, client_of(checker), "unapprove", entry, reason="Doubt")

    assert (other, own, entry.state) == ("error", "success", EntryState.SUBMITTED)


def test_a_copy_is_a_new_draft_of_the_same_lines(books: Books) -> None:
    entry = make_posted(books.ledger, *lines(books))  # type: ignore[arg-type]

    said = take(books, books.client, "copy", entry)

    copy = books.entries()[-1]
    assert (said, copy.state, copy.total) == ("success", EntryState.DRAFT, entry.total)
    assert copy.period.state == "open"


def test_a_reversal_is_asked_for_with_the_day_of_the_original(books: Books) -> None:
    entry = make_posted(books.ledger, *lines(books))  # type: ignore[arg-type]

    page = client_of(make_senior(books.ledger)).get(
        books.url("journal_entry_reverse", entry.pk)
    )

    assert page.context["typed"]["entry_date"] == "2026-01-15"


def test_a_reversal_waits_for_approval_and_is_linked_both_ways(books: Books) -> None:
    entry = make_posted(books.ledger, *lines(books))  # type: ignore[arg-type]
    senior = client_of(make_senior(books.ledger))

    senior.post(books.url("journal_entry_reverse", entry.pk), {"reason": "Twice booked"})

    reversal = books.entries()[-1]
    there = senior.get(entry.get_absolute_url()).content.decode()
    back = senior.get(reversal.get_absolute_url()).content.decode()
    assert (reversal.state, reversal.total) == (EntryState.SUBMITTED, -entry.total)
    assert reversal.get_absolute_url() in there
    assert entry.get_absolute_url() in back


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "x", "entry_date": "soon"}, "entry_date"),
        ({"reason": "x", "entry_date": "2026-11-01"}, "entry_date"),
        ({"reason": "a\u202eb"}, "reason"),
    ],
)
def test_it_says_at_its_field_why_there_is_no_reversal(
    books: Books, data: dict[str, str], field: str
) -> None:
    entry = make_posted(books.ledger, *lines(books))  # type: ignore[arg-type]

    page = client_of(make_senior(books.ledger)).post(
        books.url("journal_entry_reverse", entry.pk), data
    )

    assert (page.status_code, page.context["bad_field"]) == (422, field)
    assert len(books.entries()) == 1


def test_an_entry_is_reversed_once(books: Books) -> None:
    entry = make_posted(books.ledger, *lines(books))  # type: ignore[arg-type]
    senior = client_of(make_senior(books.ledger))
    url = books.url("journal_entry_reverse", entry.pk)
    senior.post(url, {"reason": "First"})

    again = senior.post(url, {"reason": "Second"})

    assert again.status_code == 409
    assert len(books.entries()) == 2


@pytest.mark.parametrize("step", ["approve", "post", "reverse", "unapprove", "reject"])
def test_an_accountant_may_not_take_the_steps_of_others(books: Books, step: str) -> None:
    entry = make_submitted(books.ledger, *lines(books))  # type: ignore[arg-type]

    answer = books.client.post(books.url(f"journal_entry_{step}", entry.pk), {"version": "2"})

    assert answer.status_code == 403
