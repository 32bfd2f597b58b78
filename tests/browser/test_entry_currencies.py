"""Foreign currency in the grid: shown when needed, converted exactly, balanced by currency."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.entry_page import EntryPage


@pytest.fixture
def entry(browser: Browser) -> Iterator[EntryPage]:
    opened = EntryPage(browser)
    yield opened
    opened.page.context.close()
    assert not opened.problems


def show(entry: EntryPage) -> None:
    """Show the columns by the keyboard."""
    entry.cell(1, "summary").focus()
    entry.press("Control+Alt+c")
    expect(entry.cell(1, "currency")).to_be_focused()


def note(entry: EntryPage, line: int) -> Locator:
    """Return what stands below a line."""
    return entry.lines.nth(line - 1).locator("[data-note]")


def test_the_columns_are_not_there_until_they_are_needed(entry: EntryPage) -> None:
    assert entry.cell(1, "currency").count() == 0

    show(entry)

    assert entry.lines.count() == entry.page.locator("[name=line_currency]").count()


def test_a_foreign_amount_is_shown_in_the_currency_of_the_books(entry: EntryPage) -> None:
    show(entry)
    entry.write(3, "currency", "usd")
    entry.write(3, "debit", "100")
    entry.press("Tab")

    expect(note(entry, 3)).to_have_text(
        "= 712.34 CNY · 7.1234 · spot · ecb · 2026-11-20 (3 days old)"
    )
    expect(entry.balance).to_have_text("Out of balance by 712.34 · debit is larger")
    expect(entry.page.locator("[data-currency-totals]")).to_have_text(
        "USD 100.00 / 0.00 Δ 100.00"
    )


def test_equals_balances_a_line_in_its_own_currency(entry: EntryPage) -> None:
    show(entry)
    entry.write(3, "currency", "USD")
    entry.write(3, "debit", "100")
    entry.write(4, "currency", "USD")
    entry.cell(4, "debit").focus()
    entry.press("=")

    assert entry.value(4, "credit") == "100.00"
    expect(entry.balance).to_have_text("✓ Balanced · 1,712.44")


def test_yen_have_no_decimals_and_come_for_a_hundred(entry: EntryPage) -> None:
    show(entry)
    entry.write(3, "currency", "JPY")
    entry.write(3, "debit", "1501")
    entry.press("Tab")

    assert entry.value(3, "debit") == "1,501"
    expect(note(entry, 3)).to_contain_text("= 72.12 CNY")
    entry.cell(3, "debit").fill("100.5")
    entry.press("Tab")
    expect(entry.cell(3, "debit")).to_have_attribute("aria-invalid", "true")


def test_a_written_rate_is_manual(entry: EntryPage) -> None:
    show(entry)
    entry.write(3, "currency", "USD")
    entry.write(3, "rate", "7.5")
    entry.write(3, "debit", "100")

    expect(note(entry, 3)).to_have_text("= 750.00 CNY · 7.5 · manual")


def test_an_account_in_one_currency_brings_the_columns_and_fills_it_in(
    entry: EntryPage,
) -> None:
    entry.write(3, "account", "yhckmy")
    entry.press("Tab")

    expect(entry.cell(3, "currency")).to_have_value("USD")


def write_thirds(entry: EntryPage) -> None:
    """Write USD 100.00 against its thirds, which are worth 0.01 less."""
    show(entry)
    for line, column, amount in (
        (3, "debit", "100"), (4, "credit", "33.33"), (5, "credit", "33.33"),
        (6, "credit", "33.34"),
    ):  # fmt: skip
        entry.write(line, "currency", "USD")
        entry.write(line, column, amount)


def test_what_only_rounding_leaves_is_said_and_takes_a_line_by_one_key(
    entry: EntryPage,
) -> None:
    write_thirds(entry)
    button = entry.page.get_by_role("button", name="Add rounding line")
    expect(entry.balance).to_have_text("Rounding leaves 0.01: it takes a line of its own")
    expect(button).to_be_visible()

    entry.press("Control+Alt+r")

    assert (entry.value(7, "account"), entry.value(7, "credit")) == ("6602.99 Rounding", "0.01")
    assert entry.focus == ("7", "credit")
    expect(entry.balance).to_contain_text("✓ Balanced")
    expect(button).to_be_hidden()


def test_a_missing_rate_is_named(entry: EntryPage) -> None:
    show(entry)
    entry.write(3, "currency", "KWD")
    entry.write(3, "debit", "1.500")

    expect(note(entry, 3)).to_have_text("There is no rate of KWD.")
    expect(entry.balance).to_contain_text("Rates are missing")


def test_a_line_in_the_currency_of_the_books_costs_one_key_more(entry: EntryPage) -> None:
    show(entry)
    entry.cell(3, "currency").focus()
    entry.press("Enter")

    assert entry.focus == ("3", "debit")
