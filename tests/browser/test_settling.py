"""What a customer owes in dollars, settled in the browser: the gain in sight, then posted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.ledgers.models import EntryKind, Settlement
from tests.browser.site import Site
from tests.browser.steps import press_button, url
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db


class PaidBooks(ItemBooks):
    """Books with an invoice of USD 100.00 at 7.10, received at 7.18."""

    def __init__(self) -> None:
        """Make them."""
        super().__init__()
        self.bill = self.invoice("100.00", "710.00", currency="USD")
        self.payment = self.receipt("100.00", "718.00", currency="USD")


@pytest.fixture
def books() -> PaidBooks:
    """Return such books of this test alone."""
    return PaidBooks()


def to_settle(site: Site, books: PaidBooks, *, script: bool = True) -> Page:
    """Go from the ageing to the settlement of its only partner."""
    page = site.window(books.accountant, script=script)
    site.visit(page, url("ledgers:open_item_list", books.ledger.code) + "?as_of=2026-01-31")
    page.get_by_role("link", name="Settle").press("Enter")
    expect(page.locator("h1")).to_contain_text("in USD")
    return page


def amount(page: Page, side: str) -> Locator:
    """Return the amount of the only item of a side."""
    return page.locator(f"[data-item][data-side={side}] [inputmode=decimal]")


def only_settlement(books: PaidBooks) -> Settlement:
    """Return the one settlement of the books."""
    return Settlement.objects.get(ledger=books.ledger)


def test_the_gain_is_seen_settled_and_posted_by_keys_alone(
    site: Site, books: PaidBooks
) -> None:
    page = to_settle(site, books)
    expect(page.locator("[data-difference]")).to_have_text(
        "✓ Both sides are equal: 100.00 USD · exchange gain 8.00 CNY"
    )
    press_button(page, "Settle")

    expect(page.locator("tfoot")).to_contain_text("exchange gain")
    entry = only_settlement(books).entry
    assert entry is not None
    page.get_by_role("link", name=str(entry)).press("Enter")
    expect(page.locator("h1")).to_contain_text("Posted")
    expect(page.get_by_role("row", name="660303")).to_contain_text("8.00")
    assert (entry.kind, left_of(books.bill)) == (EntryKind.SETTLEMENT, (0, 0))


def test_a_part_is_settled_with_its_share_of_the_gain(site: Site, books: PaidBooks) -> None:
    page = to_settle(site, books)
    amount(page, "debit").fill("40")
    expect(page.locator("[data-difference]")).to_have_text("Difference -60.00 USD")
    amount(page, "credit").fill("40")
    expect(page.locator("[data-difference]")).to_contain_text("exchange gain 3.20 CNY")
    press_button(page, "Settle")

    expect(page.locator("tfoot")).to_contain_text("3.20")
    assert left_of(books.bill) == (Decimal(60), Decimal(426))


def test_it_is_undone_and_the_gain_reversed(site: Site, books: PaidBooks) -> None:
    page = to_settle(site, books)
    press_button(page, "Settle")
    page.locator("summary", has_text="Undo").press("Enter")
    page.get_by_label("Why, kept in the audit trail").fill("Wrong customer")
    press_button(page, "Undo")

    expect(page.locator("main")).to_contain_text("Wrong customer")
    expect(page.locator("main")).to_contain_text("reversed by")
    assert left_of(books.bill) == (Decimal(100), Decimal(710))


def test_without_script_one_looks_first_and_then_settles(site: Site, books: PaidBooks) -> None:
    page = to_settle(site, books, script=False)
    page.get_by_role("button", name="Look first").click()
    expect(page.locator("[data-difference]")).to_contain_text("exchange gain 8.00 CNY")
    page.get_by_role("button", name="Settle", exact=True).click()

    expect(page.locator("tfoot")).to_contain_text("8.00")
    assert only_settlement(books).gain == 8


def test_the_second_of_two_windows_is_told(site: Site, books: PaidBooks) -> None:
    first, second = to_settle(site, books), to_settle(site, books)
    press_button(first, "Settle")
    expect(first.locator("tfoot")).to_contain_text("8.00")

    press_button(second, "Settle")

    expect(second.get_by_role("alert")).to_contain_text("Somebody else settled")
    site.forgive(409)
