"""Signs of life beside a statement that takes long."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.jobs.services.heartbeats import beating
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.run_progress import LEASES
from tests.reconciliation.world import make_books, make_run

pytestmark = pytest.mark.django_db(transaction=True)
OFTEN = timedelta(milliseconds=10)
RUNS = ReconciliationRun.objects


def make_claimed() -> ReconciliationRun:
    """Return a run that a worker has claimed, whose lease is almost over."""
    run = LEASES.claim(make_run(make_books()).pk)
    assert run
    RUNS.update(lease_until=timezone.now() + timedelta(seconds=2))
    return run


def is_prolonged() -> bool:
    return RUNS.filter(lease_until__gt=timezone.now() + timedelta(seconds=30)).exists()


def comes_true(check: Callable[[], bool]) -> bool:
    """Look for some seconds."""
    for _ in range(500):
        if check():
            return True
        time.sleep(0.01)
    return False


def test_a_lease_is_prolonged_while_its_worker_waits_for_one_statement() -> None:
    run = make_claimed()

    with beating(LEASES, run, OFTEN):
        assert comes_true(is_prolonged)


def test_a_heartbeat_follows_its_worker_from_state_to_state() -> None:
    run = make_claimed()
    RUNS.update(state="matching")

    with beating(LEASES, run, OFTEN):
        assert comes_true(is_prolonged)


def test_a_worker_that_lost_its_claim_prolongs_nothing() -> None:
    run = make_claimed()
    RUNS.update(attempt=F("attempt") + 1)

    with beating(LEASES, run, OFTEN):
        time.sleep(0.2)

    assert not is_prolonged()


def test_a_heartbeat_never_waits_for_whoever_holds_the_row() -> None:
    run = make_claimed()

    with transaction.atomic():
        RUNS.select_for_update().get()
        with beating(LEASES, run, OFTEN):
            time.sleep(0.2)

    assert not is_prolonged()
