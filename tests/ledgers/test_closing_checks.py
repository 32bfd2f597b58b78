"""Each item of a close's checklist is seen failing, with number and link, and holding again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.urls import reverse

from apps.ledgers.models import JournalEntry, PeriodState
from apps.ledgers.services.closing.checklist import check_count, checklist_of
from apps.ledgers.services.closing.revaluation import revalue_period
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import distribute_profit
from apps.ledgers.services.drafts import cancel_journal_entry
from apps.ledgers.services.periods import change_period
from tests.closing_books import Books, hold_dollars, item_of, last_day, make_closing_books
from tests.factories import YEAR, make_account, make_draft
from tests.fx.rates import make_own
from tests.reports.books import client_of
from tests.sql import run

pytestmark = pytest.mark.django_db
JANUARY_15 = date(YEAR, 1, 15)


@dataclass(frozen=True)
class Case:
    """How an item comes to fail and to hold; what it counts, names and links to."""

    fail: Callable[[Books], object]
    mend: Callable[[Books], object]
    names: tuple[str, ...]
    link: str
    number: int = 1
    state: str = "blocker"


def past_the_guards(sql: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run(sql)
    run("SET LOCAL session_replication_role = origin")


def draft(books: Books) -> None:
    make_draft(books.ledger, (books.accounts["1002"], "1"), (books.accounts["4001"], "-1"))


def give_up_the_draft(books: Books) -> None:
    entry = JournalEntry.objects.get(ledger=books.ledger, state="draft")
    cancel_journal_entry(entry, version=1, actor=entry.maker)


def lose_a_number(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10"), ("4001", "-10"))
    books.post(JANUARY_15, ("1002", "10"), ("4001", "-10"))
    past_the_guards("UPDATE ledgers_journalentry SET number = 9 WHERE number = 2")


def find_the_number(_books: Books) -> None:
    past_the_guards("UPDATE ledgers_journalentry SET number = 2 WHERE number = 9")


def change_a_total(books: Books) -> None:
    books.post(JANUARY_15, ("1002", "10"), ("4001", "-10"))
    past_the_guards("UPDATE ledgers_accounttotal SET debit = debit + 3 WHERE debit > 0")


def change_an_item(books: Books) -> None:
    books.accounts["2203"] = make_account(books.ledger, "2203", control="payable")
    books.post(JANUARY_15, ("1002", "10"), ("2203", "-10"))
    past_the_guards("UPDATE ledgers_openitem SET base_amount = base_amount - 1")


def hold_dollars_over_the_end(books: Books) -> None:
    hold_dollars(books)
    make_own(books.ledger.organization, "USD/CNY", "7.20", on=last_day(1))


def fill_suspense(books: Books) -> None:
    books.accounts["1901"] = make_account(books.ledger, "1901", is_suspense=True)
    books.post(JANUARY_15, ("1901", "10"), ("4001", "-10"))


def at_the_end_of_the_year(books: Books) -> None:
    for number in range(4, 13):
        change_period(books.period(number), PeriodState.OPEN, version=1, actor=books.senior)


def earn_in_december(books: Books) -> None:
    at_the_end_of_the_year(books)
    books.post(last_day(12), ("1002", "10"), ("6001", "-10"))
    transfer_profit(books.period(12), actor=books.senior)


def open_the_thirteenth(books: Books) -> None:
    past_the_guards(
        "UPDATE ledgers_period SET ends_on = ends_on - 365, starts_on = starts_on - 365,"
        " fiscal_year = fiscal_year - 1 WHERE is_adjustment"
    )
    thirteenth = books.ledger.periods.get(is_adjustment=True)
    change_period(thirteenth, PeriodState.OPEN, version=1, actor=books.senior)


def close_the_thirteenth(books: Books) -> None:
    past_the_guards("UPDATE ledgers_period SET state = 'closed' WHERE is_adjustment")


CASES = {
    "previous": Case(lambda _: None, lambda b: b.close(1), ("2026-01",), "/periods/", number=2),
    "unposted": Case(draft, give_up_the_draft, (), "state=unposted"),
    "gaps": Case(
        lose_a_number,
        find_the_number,
        ("General",), "state=posted&sort=number",
    ),
    "drift": Case(
        change_a_total,
        lambda _: past_the_guards("UPDATE ledgers_accounttotal SET debit = 10 WHERE debit > 0"),
        ("1002",), "/accounts/1002/?first=2026-01&last=2026-01",
    ),
    "control": Case(
        change_an_item,
        lambda _: past_the_guards("UPDATE ledgers_openitem SET base_amount = base_amount + 1"),
        ("2203",), "/open-items/?as_of=2026-01-31&account=2203",
    ),
    "revaluation": Case(
        hold_dollars_over_the_end, lambda b: revalue_period(b.period(1), actor=b.senior),
        ("100201",), "?show=revaluation#revaluation",
    ),
    "profit": Case(
        lambda b: b.post(JANUARY_15, ("1002", "10"), ("6001", "-10")),
        lambda b: transfer_profit(b.period(1), actor=b.senior), ("6001",), "/accounts/6001/",
    ),
    "suspense": Case(
        fill_suspense, lambda b: b.post(JANUARY_15, ("4001", "10"), ("1901", "-10")),
        ("1901",), "/accounts/1901/", state="warning",
    ),
    "adjustment": Case(
        open_the_thirteenth, close_the_thirteenth, ("2025-13",), "/periods/", state="warning"
    ),
    "result": Case(
        earn_in_december, lambda b: distribute_profit(b.period(12), actor=b.senior),
        ("4103",), "/accounts/4103/", number=12,
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", CASES)
def test_it_fails_with_its_number_and_link_and_holds_again(key: str) -> None:
    books, case = make_closing_books(), CASES[key]
    case.fail(books)
    failing = item_of(books, key, case.number)

    case.mend(books)

    assert (failing.state, failing.finding.count) == (case.state, 1)
    assert failing.finding.names == case.names
    assert case.link in failing.url
    holding = item_of(books, key, case.number)
    assert (holding.state, holding.finding.count) == ("ok", 0)


def test_every_item_has_its_case() -> None:
    books = make_closing_books()
    at_the_end_of_the_year(books)

    assert [one.key for one in checklist_of(books.period(12))] == list(CASES)
    assert check_count(books.period(12)) == len(CASES)
    assert check_count(books.period(1)) == len(CASES) - 1


def test_the_links_lead_to_pages() -> None:
    books = make_closing_books()
    fill_suspense(books)
    client = client_of(books.ledger)

    answers = {
        one.key: client.get(one.url).status_code for one in checklist_of(books.period(1))
    }

    assert set(answers.values()) == {200}


def test_a_missing_rate_is_entered_where_its_link_leads() -> None:
    books = make_closing_books()
    hold_dollars(books)

    found = item_of(books, "revaluation")

    assert found.finding.is_missing
    assert found.url == f"{reverse('fx:rate_create')}?from=USD&to=CNY"
