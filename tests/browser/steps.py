"""What the journeys do again and again, in the words of people: write, decide, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from apps.ledgers.models import JournalEntry

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from tests.browser.site import Site


@dataclass
class Form:
    """The entry form of a ledger, opened in a window."""

    site: Site
    page: Page
    ledger: Ledger

    def open_new(self) -> None:
        """Open the form of a new entry; the focus is on its date."""
        self.site.visit(self.page, url("ledgers:journal_entry_create", self.ledger.code))

    def open(self, entry: JournalEntry) -> None:
        """Open the form of a draft."""
        self.site.visit(
            self.page, url("ledgers:journal_entry_edit", self.ledger.code, entry.pk)
        )

    def wait(self) -> None:
        """Wait until the scripts of the form are there."""
        self.page.locator("[data-entry-form][data-ready=yes]").wait_for()

    def cell(self, line: int, column: str) -> Locator:
        """Return an input of a line, counted from 1."""
        row = self.page.locator("[data-lines] > [data-line]").nth(line - 1)
        return row.locator(f"[name=line_{column}]")

    def type(self, *texts_and_keys: str) -> None:
        """Type texts, and press the keys that stand in <>."""
        for each in texts_and_keys:
            if each.startswith("<"):
                self.page.keyboard.press(each.strip("<>"))
            else:
                self.page.keyboard.type(each)

    def fill(self, *lines: tuple[str, str, str]) -> None:
        """Fill lines (account, debit, credit) without any key of the grid."""
        for number, (account, debit, credit) in enumerate(lines, start=1):
            self.cell(number, "account").fill(account)
            self.cell(number, "debit").fill(debit)
            self.cell(number, "credit").fill(credit)

    def send(self, act: str) -> None:
        """Press a button of the form."""
        self.page.locator(f"button[name=act][value={act}]").click()


def url(name: str, *arguments: object) -> str:
    """Return the path of a URL."""
    return reverse(name, args=arguments)


def press_button(page: Page, name: str) -> None:
    """Press a button by the Enter key."""
    page.get_by_role("button", name=name, exact=True).press("Enter")


def approve_and_post(page: Page) -> None:
    """Approve the entry that the window shows, then post it."""
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Approved")
    page.locator("summary", has_text="Post").click()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Posted")


def only_entry(ledger: Ledger) -> JournalEntry:
    """Return the one entry of a ledger."""
    return JournalEntry.objects.get(ledger=ledger)


def paste(page: Page, rows: list[list[str]]) -> None:
    """Paste rows of a spreadsheet into the cell that has the focus."""
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const paste = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        "\n".join("\t".join(row) for row in rows),
    )
