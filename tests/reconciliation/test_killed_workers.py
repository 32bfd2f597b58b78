"""Workers that die in the middle: nothing is left behind, and the next one finds the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services.running import run_reconciliation
from scripts.places import ROOT
from tests.reconciliation.world import DAYS, make_books, make_run, run_now
from tests.redis_keys import forget_keys
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db(transaction=True)


def kill_a_worker_at(stage: str, run: ReconciliationRun) -> int:
    """Let a worker of its own process die at a stage; its lease is over at once."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
    place = {name: value for name, value in place.items() if value}
    user = f"{place.pop('user')}@" if "user" in place else ""
    database = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
    more = {"DATABASE_URL": database, "FMIS_REDIS_PREFIX": settings.REDIS_PREFIX}
    command = ["-W", "ignore", "-m", "tests.reconciliation.victim", str(run.pk), stage]
    done = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, *command], cwd=ROOT, env=os.environ | more, check=False
    )
    before = timezone.now() - timedelta(seconds=1)
    ReconciliationRun.objects.filter(pk=run.pk).update(lease_until=before)
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
