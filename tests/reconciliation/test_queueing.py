"""Whose turn it is, and what is told to who comes when the queue is full."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from apps.core.middleware import FinanceErrorMiddleware
from apps.reconciliation.errors import TooManyRuns
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services import starting
from apps.reconciliation.services.queueing import runs_before
from apps.reconciliation.services.run_progress import LEASES
from apps.reconciliation.services.running import unfinished_runs
from apps.statements.models import Channel
from tests.factories import make_account, make_senior
from tests.reconciliation.world import DAYS, make_books, make_run
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db


def beside(channel: Channel) -> Channel:
    """Return another channel of the same organization."""
    return make_channel(channel.ledger, make_account(channel.ledger))


def make_crowd() -> list[ReconciliationRun]:
    """Return three runs of one organization, then one of another."""
    busy = make_books()
    channels = [busy, beside(busy), beside(busy), make_books()]
    return [make_run(channel) for channel in channels]


def test_nobody_waits_behind_another_organizations_whole_queue() -> None:
    first, second, third, other = make_crowd()

    assert unfinished_runs(9) == [first.pk, other.pk, second.pk, third.pk]
    assert (runs_before(other), runs_before(third)) == (1, 3)


def test_what_works_already_counts_as_a_turn() -> None:
    first, second, _third, other = make_crowd()
    LEASES.claim(first.pk)

    assert unfinished_runs(2) == [other.pk, second.pk]


def test_the_queue_in_redis_stays_short(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    rung: list[int] = []
    monkeypatch.setattr(starting, "ring", rung.append)
    settings.RECONCILIATION_AT_ONCE = 1
    for run in make_crowd()[:2]:
        starting.ring_soon(run.pk)

    assert rung == []


def test_a_channel_is_run_no_more_than_so_often_in_a_minute() -> None:
    channel = make_books()
    actor = make_senior(channel.ledger)
    for _ in range(starting.MOST_IN_A_MINUTE):
        run = make_run(channel, actor)
        ReconciliationRun.objects.filter(pk=run.pk).update(state="cancelled")

    with pytest.raises(TooManyRuns):
        starting.start_run(channel, **DAYS, actor=actor)


def test_a_machine_is_told_when_to_come_again() -> None:
    request = RequestFactory().post("/", headers={"Accept": "application/json"})
    middleware = FinanceErrorMiddleware(lambda _request: HttpResponse())

    answer = middleware.process_exception(request, TooManyRuns(count=50))

    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert json.loads(answer.content)["code"] == "too_many_runs"
