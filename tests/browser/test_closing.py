"""A month and a year are closed, reopened by two people and closed again, by clicks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from apps.jobs.models import Job
from apps.jobs.services.running import run_job
from apps.ledgers.models import CloseRun, PeriodState
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.verification import verify_books
from tests.browser.site import PHONE, Site
from tests.browser.steps import url
from tests.closing_books import Books, last_day, make_closing_books
from tests.factories import YEAR
from tests.fx.rates import make_own

pytestmark = pytest.mark.django_db
CURRENCIES = ["CNY", "EUR"]
BOOKED = {"CNY": "7100.00", "EUR": "850.00"}
# A sale of 600.00 and what the dollars gained in January and December.
PROFIT = {"CNY": "850.00", "EUR": "700.00"}
RATES = {"CNY": ("7.20", "7.35"), "EUR": ("0.92", "0.95")}


@dataclass
class Closing:
    """Books with dollars and a sale, and the window of who closes them."""

    site: Site
    books: Books
    page: Page

    def at(self, number: int) -> None:
        """Go to the page of a period's close, by the list of periods."""
        self.site.visit(self.page, url("ledgers:period_list", self.books.ledger.code))
        row = self.page.get_by_role("row", name=f"{YEAR}-{number:02}")
        row.get_by_role("link", name="Close").click()
        expect(self.page.locator("h1")).to_contain_text(f"Close {YEAR}-{number:02}")

    def start(self, button: str) -> Job:
        """Press the button of a step; its job waits for a worker on a page of its own."""
        self.page.get_by_role("button", name=button).first.click()
        expect(self.page.locator("#job-progress")).to_contain_text("queued")
        return Job.objects.latest("pk")

    def step(self, button: str, says: str) -> None:
        """Take a step, read on the page of its job what it came to, and come back."""
        address = self.page.url
        run_job(self.start(button).pk)
        self.page.reload()
        expect(self.page.locator(".fm-alert.fm-tone-ok")).to_contain_text(says)
        expect(self.page.locator("#job-progress")).to_contain_text("100 %")
        self.page.goto(address)

    def reopen(self, number: int) -> None:
        """Ask for a period, have another person open it in Chinese on a phone, come back."""
        self.page.get_by_label("Why does it have to open again?").fill("A late invoice")
        self.page.get_by_role("button", name="Ask for it").click()
        expect(self.page.get_by_role("button", name="Withdraw")).to_be_visible()
        other = self.site.window(self.books.approver, language="zh-hans", width=PHONE)
        pk = self.books.period(number).pk
        self.site.visit(other, url("ledgers:period_close", self.books.ledger.code, pk))
        expect(other.locator("q")).to_have_text("A late invoice")
        other.locator("button[name=act][value=approve]").click()
        expect(other.locator(".fm-checklist")).to_be_visible()
        self.page.reload()
        expect(self.page.locator("h1")).to_contain_text("open")


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests do the work that the queue would call a worker for."""
    monkeypatch.setattr("apps.jobs.services.starting.ring", lambda _: None)


@pytest.fixture(params=CURRENCIES)
def closing(request: pytest.FixtureRequest, site: Site) -> Closing:
    """Return books of a currency with USD 1,000.00 and a sale in January."""
    base = str(request.param)
    books = make_closing_books(currency=base)
    day, booked = date(YEAR, 1, 15), BOOKED[base]
    books.post(day, ("100201", booked, "USD", "1000.00"), ("4001", f"-{booked}"))
    books.post(day, ("1002", "600.00"), ("6001", "-600.00"))
    for rate, month in zip(RATES[base], (1, 12), strict=True):
        organization = books.ledger.organization
        make_own(organization, f"USD/{base}", rate, on=last_day(month), rate_type="closing")
    return Closing(site, books, site.window(books.senior))


def close_until_december(books: Books) -> None:
    """Do eleven months the quick way; the balance is at December's rate all the year."""
    for number in range(1, 12):
        period = books.period(number)
        if period.state == PeriodState.FUTURE:
            change_period(period, PeriodState.OPEN, version=1, actor=books.senior)
        if number > 1:
            rate = RATES[books.ledger.base_currency_id][0]
            pair = f"USD/{books.ledger.base_currency_id}"
            make_own(books.ledger.organization, pair, rate, on=last_day(number))
        revalue_period(books.period(number), actor=books.senior)
        transfer_profit(books.period(number), actor=books.senior)
        books.close(number)
    change_period(books.period(12), PeriodState.OPEN, version=1, actor=books.senior)


def close_january(closing: Closing) -> dict[str, Decimal]:
    closing.step("Revalue", "Posted")
    closing.step("Transfer profit", "Posted")
    expect(closing.page.locator(".fm-alert.fm-tone-ok")).to_contain_text(
        "Nothing keeps the period open"
    )
    closing.step(f"Close {YEAR}-01", f"Period {YEAR}-01 is closed")
    return closing.books.openings(2)


def test_a_month_is_closed_reopened_and_closed_again(closing: Closing) -> None:
    closing.at(1)
    expect(closing.page.locator("[role=status]").first).to_contain_text("2 items keep")

    first = close_january(closing)
    closing.reopen(1)
    assert closing.books.openings(2) == {}
    again = close_january(closing)

    base = closing.books.ledger.base_currency_id
    assert again == first
    assert first["100201"] == Decimal(RATES[base][0]) * 1000
    assert [one.count for one in verify_books(closing.books.ledger.pk) if one.count] == []


def test_a_year_is_closed_reopened_and_closed_again(closing: Closing) -> None:
    books = closing.books
    close_until_december(books)
    closing.at(12)

    closing.step("Run the year end", f"Period {YEAR}-12 is closed")
    first = books.openings(1, YEAR + 1)
    closing.reopen(12)
    closing.step("Run the year end", f"Period {YEAR}-12 is closed")

    assert books.openings(1, YEAR + 1) == first
    assert books.balance("6001") == books.balance("4103") == 0
    runs = CloseRun.objects.filter(period=books.period(12)).values_list("state", flat=True)
    assert list(runs) == ["reopened", "closed"]
    assert [one.count for one in verify_books(books.ledger.pk) if one.count] == []
    statement = url("reports:income_statement", books.ledger.code)
    closing.site.visit(closing.page, f"{statement}?first={YEAR}-01&last={YEAR}-12")
    row = closing.page.get_by_role("row", name="Net profit")
    expect(row).to_contain_text(PROFIT[books.ledger.base_currency_id])


@pytest.mark.parametrize("closing", ["CNY"], indirect=True)
def test_the_page_of_a_job_follows_it_and_stops_it(closing: Closing) -> None:
    closing.at(1)
    job = closing.start("Revalue")
    run_job(job.pk)
    # Nobody loads the page again: it asks by itself.
    expect(closing.page.locator(".fm-alert.fm-tone-ok")).to_contain_text("Posted")
    closing.page.get_by_role("link", name="To the result").click()
    expect(closing.page.locator("h1")).to_contain_text("Posted")

    closing.at(1)
    closing.start("Transfer profit")
    closing.page.get_by_role("button", name="Stop the job").click()

    expect(closing.page.locator("#job-progress")).to_contain_text("cancelled")
    closing.at(1)
    expect(closing.page.get_by_role("button", name="Transfer profit").first).to_be_visible()


@pytest.mark.parametrize("closing", ["CNY"], indirect=True)
def test_a_month_is_closed_without_script(closing: Closing) -> None:
    closing.page = closing.site.window(closing.books.senior, script=False)
    closing.at(1)

    closing.start("Revalue")
    run_job(Job.objects.latest("pk").pk)
    closing.page.get_by_role("link", name="Load again").click()

    expect(closing.page.locator(".fm-alert.fm-tone-ok")).to_contain_text("Posted")
    closing.at(1)
    closing.step("Transfer profit", "Posted")
    closing.step(f"Close {YEAR}-01", f"Period {YEAR}-01 is closed")
