"""Two people at the same items at once: one outcome, and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from apps.core.errors import FinanceError
from apps.ledgers.models import JournalEntry, Settlement
from apps.ledgers.services.decisions import mark_approved
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.ledgers.services.settlement import undo_settlement
from apps.ledgers.services.verification import verify_books
from tests.factories import make_accountant, make_senior
from tests.ledgers.journal_pages import client_of
from tests.ledgers.test_open_item_pages import form
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment; return what each answered, or how it was refused."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return act()
        except FinanceError as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def names_of(outcomes: Sequence[Any]) -> list[str]:
    """Return codes of refusals and names of what was made, in order."""
    return sorted(one if isinstance(one, str) else type(one).__name__ for one in outcomes)


def damages() -> list[str]:
    """Return what `verify_books` finds."""
    return [one.name for one in verify_books() if one.count]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_send_the_page_one_is_told(_round: int) -> None:
    books = ItemBooks()
    items = (
        books.invoice("100", "710", currency="USD"),
        books.receipt("100", "718", currency="USD"),
    )
    address = reverse("ledgers:settlement_create", args=(books.ledger.code, "1122"))
    people = client_of(books.accountant), client_of(make_accountant(books.ledger))

    def send(client: Client) -> Any:
        return client.post(
            f"{address}?partner=C001&currency=USD",
            form(*((item, "100") for item in items)),
        )

    answers = at_once(*(lambda client=client: send(client) for client in people))

    told = next(answer for answer in answers if answer.status_code != 302)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert "Somebody else settled" in told.content.decode()
    assert Settlement.objects.filter(ledger=books.ledger).count() == 1
    assert damages() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_undo_it_one_is_told(_round: int) -> None:
    books = ItemBooks()
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "718", currency="USD")
    made = books.settle((invoice, "100"), (receipt, "100"))

    def undo() -> Settlement:
        mine = Settlement.objects.get(pk=made.pk)
        return undo_settlement(mine, version=1, actor=books.accountant, reason="Wrong")

    outcomes = at_once(undo, undo)

    (refusal, name) = sorted(names_of(outcomes), key=str.islower, reverse=True)
    assert (refusal in {"stale_version", "settlement_is_undone"}, name) == (True, "Settlement")
    assert JournalEntry.objects.filter(reversal_of=made.entry).count() == 1
    assert left_of(invoice) == (100, 710)
    assert damages() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_settling_against_posting_the_reversal_has_one_outcome(_round: int) -> None:
    books = ItemBooks()
    invoice = books.invoice("100", "710", currency="USD")
    receipt = books.receipt("100", "718", currency="USD")
    senior = make_senior(books.ledger)
    reversal = reverse_journal_entry(invoice.entry, actor=senior, reason="Wrong")
    approved = mark_approved(reversal, version=reversal.version, actor=books.approver)

    def settle() -> Settlement:
        return books.settle((invoice, "100"), (receipt, "100"))

    def post() -> JournalEntry:
        return post_journal_entry(approved, version=approved.version, actor=senior)

    outcomes = at_once(settle, post)

    assert sum(isinstance(one, str) for one in outcomes) == 1, names_of(outcomes)
    assert left_of(invoice) == (0, 0)
    assert damages() == []
