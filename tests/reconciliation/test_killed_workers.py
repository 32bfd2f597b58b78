"""Workers that die in the middle: nothing is left behind, and the next one finds the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as ours
from django.db import connection
from django.utils import timezone

from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunPartition
from apps.reconciliation.services.partitions import free_partitions, run_partition
from apps.reconciliation.services.running import run_reconciliation
from scripts.places import ROOT
from tests.reconciliation.world import DAYS, make_books, make_run, run_now
from tests.redis_keys import forget_keys
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db(transaction=True)


def kill_a_worker_at(stage: str, run: ReconciliationRun, partition: int | None = None) -> int:
    """Let a worker of its own process die at a stage; its lease is over at once."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
    place = {name: value for name, value in place.items() if value}
    user = f"{place.pop('user')}@" if "user" in place else ""
    database = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
    more = {
        "DATABASE_URL": database,
        "FMIS_REDIS_PREFIX": ours.REDIS_PREFIX,
        "RECONCILIATION_SCRATCH": ours.RECONCILIATION_SCRATCH,
        "RECONCILIATION_PARTITION_ROWS": str(ours.RECONCILIATION_PARTITION_ROWS),
    }
    command = ["-W", "ignore", "-m", "tests.reconciliation.victim", str(run.pk), stage]
    command += [] if partition is None else [str(partition)]
    done = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, *command], cwd=ROOT, env=os.environ | more, check=False
    )
    before = timezone.now() - timedelta(seconds=1)
    ReconciliationRun.objects.filter(pk=run.pk, lease_until__isnull=False).update(
        lease_until=before
    )
    if partition is not None:
        RunPartition.objects.filter(pk=partition).update(lease_until=before)
    return done.returncode


def test_a_run_that_is_killed_three_times_finds_what_an_undisturbed_one_finds() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1"), make_line("49.00", "X")))
    run = make_run(channel, **DAYS)

    for stage in ("loading", "group", "commit"):
        assert kill_a_worker_at(stage, run) == -signal.SIGKILL
        assert not MatchedItem.objects.exists()
    forget_keys()
    run_reconciliation(run.pk)

    run.refresh_from_db()
    assert (run.state, run.attempt, MatchedItem.objects.count()) == ("review", 4, 4)
    MatchedItem.objects.all().delete()
    assert run_now(channel).digest == run.digest


def test_a_run_by_partitions_is_killed_in_each_step_and_loses_that_step_only(
    settings: Any,
) -> None:
    channel = make_books(*((f"TXN-{number}", f"{number}.00") for number in range(1, 7)))
    make_statement(channel, read(make_line("1.00", "TXN-1"), make_line("2.20", "TXN-2")))
    whole = run_now(channel)
    MatchedItem.objects.all().delete()
    settings.RECONCILIATION_PARTITION_ROWS = 4
    # Nobody is rung for: who works is said here.
    settings.RECONCILIATION_AT_ONCE = 0
    run = make_run(channel, **DAYS)

    assert kill_a_worker_at("loading", run) == -signal.SIGKILL
    run_reconciliation(run.pk)
    first, second = free_partitions(9)
    run_partition(first)
    for stage in ("keep", "finish"):
        assert kill_a_worker_at(stage, run, second) == -signal.SIGKILL
    assert run_partition(second) == run.pk
    for stage in ("explain", "commit"):
        assert kill_a_worker_at(stage, run) == -signal.SIGKILL
        assert not MatchedItem.objects.exists()
    forget_keys()
    run_reconciliation(run.pk)

    run.refresh_from_db()
    assert (run.state, run.digest) == ("review", whole.digest)
    attempts = [RunPartition.objects.get(pk=pk).attempt for pk in (first, second)]
    assert attempts == [1, 3]
