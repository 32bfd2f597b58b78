"""The pages of a close: the list, the steps as jobs, reopening by two people, the settings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.jobs.models import Job
from apps.jobs.services.running import run_job
from apps.ledgers.models import ClosingSettings, Ledger, PeriodState
from apps.organizations.permissions import Role
from tests.closing_books import Books, hold_dollars, last_day, make_closing_books
from tests.factories import YEAR
from tests.fx.rates import make_own
from tests.reports.books import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    """Return books with a sale in January."""
    made = make_closing_books()
    made.post(date(YEAR, 1, 15), ("1002", "10.00"), ("6001", "-10.00"))
    return made


def url_of(books: Books, name: str, number: int = 1) -> str:
    return reverse(f"ledgers:{name}", args=[books.ledger.code, books.period(number).pk])


def take(client: Client, books: Books, step: str, number: int = 1) -> Job:
    """Start a step on its page and do the work of the worker."""
    answer = client.post(url_of(books, "period_close_step", number), {"step": step})
    job = Job.objects.latest("pk")
    assert answer["Location"] == job.get_absolute_url()
    run_job(job.pk)
    job.refresh_from_db()
    return job


def page(client: Client, books: Books, number: int = 1) -> str:
    return client.get(url_of(books, "period_close", number)).content.decode()


def test_the_page_says_what_is_missing_and_offers_the_step(books: Books) -> None:
    text = page(client_of(books.ledger), books)

    assert "1 item keeps the period open" in text
    assert "Transfer profit" in text
    assert " disabled " in text


def test_an_accountant_reads_the_list_and_takes_no_step(books: Books) -> None:
    client = client_of(books.ledger, Role.ACCOUNTANT)

    assert "Transfer profit</button>" not in page(client, books)
    refused = client.post(url_of(books, "period_close_step"), {"step": "close"})
    assert refused.status_code == 403


def test_a_month_is_closed_by_its_steps(books: Books) -> None:
    client = client_of(books.ledger)

    transfer = take(client, books, "transfer")
    close = take(client, books, "close")

    assert (transfer.state, close.state) == ("done", "done")
    assert books.period(1).state == PeriodState.CLOSED
    shown = client.get(close.get_absolute_url()).content.decode()
    assert "Period 2026-01 is closed; 2 opening balances were handed on." in shown
    assert "Posted TV-2026-01" not in shown


def test_a_refused_close_says_why_on_the_page_of_its_job(books: Books) -> None:
    client = client_of(books.ledger)

    job = take(client, books, "close")

    assert job.state == "failed"
    shown = client.get(job.get_absolute_url()).content.decode()
    assert "profit and loss is not transferred: 1" in shown
    assert books.period(1).state == PeriodState.OPEN


def test_nothing_left_to_post_is_said(books: Books) -> None:
    client = client_of(books.ledger)
    take(client, books, "transfer")

    job = take(client, books, "transfer")

    assert "Nothing was left to post" in client.get(job.get_absolute_url()).content.decode()


def test_while_a_step_runs_the_page_leads_to_its_job(books: Books) -> None:
    client = client_of(books.ledger)
    client.post(url_of(books, "period_close_step"), {"step": "transfer"})

    assert Job.objects.get().get_absolute_url() in page(client, books)


def test_what_a_revaluation_would_post_is_shown_before(books: Books) -> None:
    hold_dollars(books)
    make_own(books.ledger.organization, "USD/CNY", "7.25", on=last_day(1))
    url = url_of(books, "period_close") + "?show=revaluation"
    client = client_of(books.ledger)

    before = client.get(url).content.decode()
    take(client, books, "revalue")
    after = client.get(url).content.decode()

    for figure in ("1,000.00 USD", "7.25", "7,100.00", "7,250.00", "150.00"):
        assert figure in before
    assert "every foreign balance stands at its rate" in after
    assert client.get(url_of(books, "period_close") + "?show=x").status_code == 200


def test_a_missing_rate_leaves_nothing_to_preview(books: Books) -> None:
    hold_dollars(books)

    page = client_of(books.ledger).get(url_of(books, "period_close") + "?show=revaluation")

    assert page.context["page"].preview is None
    assert b"There is no" in page.content


def test_an_unknown_step_is_refused(books: Books) -> None:
    answer = client_of(books.ledger).post(url_of(books, "period_close_step"), {"step": "burn"})

    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_a_close_stops_on_request_and_leaves_the_period_as_it_was(books: Books) -> None:
    client = client_of(books.ledger)
    take(client, books, "transfer")
    client.post(url_of(books, "period_close_step"), {"step": "close"})
    job = Job.objects.latest("pk")
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)

    run_job(job.pk)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert books.period(1).state == PeriodState.OPEN
    assert books.openings(2) == {}


def test_a_close_whose_worker_died_after_its_commit_is_done(books: Books) -> None:
    client = client_of(books.ledger)
    take(client, books, "transfer")
    client.post(url_of(books, "period_close_step"), {"step": "close"})
    job = Job.objects.latest("pk")
    books.close(1)
    Job.objects.filter(pk=job.pk).update(attempt=1)

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"period": "2026-01", "openings": 2})


def reopen(client: Client, books: Books, **values: str) -> Any:
    return client.post(url_of(books, "period_reopen_decide"), values)


def test_one_person_asks_and_another_opens(books: Books) -> None:
    senior, approver = client_of(books.ledger), client_of(books.ledger, Role.APPROVER)
    take(senior, books, "transfer")
    take(senior, books, "close")
    senior.post(url_of(books, "period_reopen_request"), {"reason": "Invoice came late"})

    own = reopen(senior, books, act="approve")
    seen = page(approver, books)
    answer = reopen(approver, books, act="approve")

    assert own.status_code == 403
    assert "Invoice came late" in seen
    assert answer.status_code == 302
    assert books.period(1).state == PeriodState.OPEN
    assert "reopened" in page(senior, books)
    assert reopen(approver, books, act="approve").status_code == 422


def test_a_request_is_rejected_with_a_note_or_withdrawn(books: Books) -> None:
    senior, approver = client_of(books.ledger), client_of(books.ledger, Role.APPROVER)
    take(senior, books, "transfer")
    take(senior, books, "close")
    ask = url_of(books, "period_reopen_request")

    assert senior.post(ask, {"reason": ""}).status_code == 422
    senior.post(ask, {"reason": "late"})
    assert reopen(approver, books, act="reject").status_code == 422
    assert reopen(approver, books, act="reject", reason="Reported").status_code == 302
    senior.post(ask, {"reason": "really"})
    assert reopen(senior, books, act="withdraw").status_code == 302
    assert books.period(1).state == PeriodState.CLOSED


def settings_url(ledger: Ledger) -> str:
    return reverse("ledgers:closing_settings", args=[ledger.code])


def test_the_settings_are_prefilled_and_saved_at_the_version_that_was_seen(
    books: Books,
) -> None:
    client = client_of(books.ledger)
    first = client.get(settings_url(books.ledger))
    data = {
        "profit_account": str(books.accounts["4103"].pk),
        "retained_account": str(books.accounts["410406"].pk),
        "fx_method": "auto_reverse",
    }

    saved = client.post(settings_url(books.ledger), data)
    stale = client.post(settings_url(books.ledger), {**data, "version": "9"})

    assert first.context["form"].initial["profit_account"] == books.accounts["4103"].pk
    assert (saved.status_code, stale.status_code) == (302, 422)
    assert ClosingSettings.objects.get().fx_method == "auto_reverse"
