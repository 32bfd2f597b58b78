"""Due days, conversions and exchange differences obey the policy that a document remembers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import JournalEntry, OpenItem
from apps.ledgers.services.decisions import mark_approved
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.policies.domain.facts import DEFAULT_POLICY
from apps.policies.models import FinancePolicy
from tests.factories import DAY, make_senior
from tests.fx_rates import make_rate
from tests.ledgers.journal_pages import client_of, make_books
from tests.ledgers.test_entry_form_in_currency import usd
from tests.open_items import ItemBooks
from tests.policies.policy_rows import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger in CNY whose organization has decided nothing."""
    return ItemBooks()


def policy_of(books: ItemBooks, **values: Any) -> FinancePolicy:
    """Return a confirmed policy of the books' organization."""
    return make_policy(books.ledger.organization, **values)


def test_an_item_is_due_by_the_built_in_term_where_nobody_decided(books: ItemBooks) -> None:
    term = DEFAULT_POLICY.default_payment_term

    assert books.invoice("100").due_on == DAY + timedelta(days=term)


@pytest.mark.parametrize("term", [60, 90])
def test_an_item_is_due_by_the_usual_term_of_the_policy(books: ItemBooks, term: int) -> None:
    policy = policy_of(books, default_payment_term=term)

    item = books.invoice("100")

    assert (item.due_on, item.entry.policy) == (DAY + timedelta(days=term), policy)


def test_an_entry_that_waited_keeps_the_term_it_was_submitted_under(books: ItemBooks) -> None:
    lines = books.line(books.receivables, "100"), books.line(books.sales, "-100")
    draft = create_draft(books.ledger, EntryInput(DAY, lines), actor=books.accountant)
    entry = submit_journal_entry(draft, version=draft.version, actor=books.accountant)
    policy_of(books, default_payment_term=90)

    posted = posted_by_others(books, entry)

    assert OpenItem.objects.get(entry=posted).due_on == DAY + timedelta(days=30)


def posted_by_others(books: ItemBooks, entry: JournalEntry) -> JournalEntry:
    """Approve and post a submitted entry."""
    approved = mark_approved(entry, version=entry.version, actor=books.approver)
    senior = make_senior(books.ledger)
    return post_journal_entry(approved, version=approved.version, actor=senior)


@pytest.mark.parametrize(("mode", "worth"), [("up", "712.35"), ("down", "712.34")])
def test_the_form_converts_by_the_rounding_mode_of_the_policy(mode: str, worth: str) -> None:
    books = make_books()
    policy = make_policy(books.ledger.organization, rounding_mode=mode)
    make_rate("USD", "7.12345")

    books.client.post(books.url("journal_entry_create"), usd())

    (entry,) = books.entries()
    assert entry.lines.all()[0].base_amount == Decimal(worth)
    assert entry.policy == policy


@pytest.mark.parametrize(("mode", "relieved"), [("up", "237.43"), ("down", "237.42")])
def test_a_partial_settlement_relieves_by_the_mode_of_its_day(
    books: ItemBooks, mode: str, relieved: str
) -> None:
    policy = policy_of(books, rounding_mode=mode)
    invoice = books.invoice("100.00", "712.34", currency="USD")
    receipt = books.receipt("33.33", "240.00", currency="USD")

    settlement = books.settle((invoice, "33.33"), (receipt, "33.33"))

    # 712.34 × 33.33 ÷ 100 = 237.422922
    moved = invoice.movements.get().base_amount
    assert moved == -Decimal(relieved)
    assert settlement.entry is not None
    assert settlement.entry.policy == policy


def test_item_settlement_and_entry_name_the_policy(books: ItemBooks) -> None:
    policy = policy_of(books, default_payment_term=60)
    invoice = books.invoice("100", "710", currency="USD")
    settlement = books.settle(
        (invoice, "100"), (books.receipt("100", "718", currency="USD"), "100")
    )
    client = client_of(books.accountant)

    for page in (invoice, settlement, invoice.entry):
        assert policy.get_absolute_url() in client.get(page.get_absolute_url()).content.decode()


def test_the_item_says_by_which_term_it_is_due(books: ItemBooks) -> None:
    policy_of(books, default_payment_term=60, effective_from=date(2026, 1, 1))

    page = client_of(books.accountant).get(books.invoice("100").get_absolute_url())

    assert "Net 60" in page.content.decode()
