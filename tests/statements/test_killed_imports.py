"""A worker that dies, or a Redis that forgets all: a statement is imported once, or not yet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.jobs.models import Job
from apps.jobs.services import starting
from apps.jobs.services.running import run_job, unfinished_jobs
from apps.organizations.models import User
from apps.statements.models import Channel, StatementFile, StatementLine
from apps.statements.services.overlap import Overlap
from apps.statements.services.statement_files import import_statement, job_of, upload_statement
from scripts.places import ROOT
from tests.factories import make_senior
from tests.redis_keys import forget_keys
from tests.statements import files
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_bell() -> Iterator[None]:
    """Let no worker be called: tests say when one is at work."""
    with patch.object(starting, "ring"):
        yield


@pytest.fixture
def channel() -> Channel:
    """Return a channel of the account that the file is of."""
    return make_channel(external_account=files.ACCOUNT)


@pytest.fixture
def actor(channel: Channel) -> User:
    """Return who brings the file."""
    return make_senior(channel.ledger)


def kill_a_worker_at(stage: str, job: Job) -> int:
    """Let a worker of its own process die at a stage; its lease is over at once."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
    place = {name: value for name, value in place.items() if value}
    user = f"{place.pop('user')}@" if "user" in place else ""
    database = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
    more = {
        "DATABASE_URL": database,
        "FMIS_REDIS_PREFIX": settings.REDIS_PREFIX,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
    command = ["-W", "ignore", "-m", "tests.statements.victim", str(job.pk), stage]
    done = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, *command], cwd=ROOT, env=os.environ | more, check=False
    )
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return done.returncode


def waiting_job(statement: StatementFile) -> Job:
    """Return the job that has to be done for a file."""
    job = job_of(statement)
    assert job is not None
    return job


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_imports_once(
    channel: Channel, actor: User
) -> None:
    statement = upload_statement(channel, files.MT940.encode(), "x.sta", actor=actor)
    reading = waiting_job(statement)

    assert kill_a_worker_at("reading", reading) == -signal.SIGKILL
    run_job(reading.pk)
    statement.refresh_from_db()
    importing = import_statement(statement, version=statement.version, actor=actor)
    for stage in ("lines", "end"):
        assert kill_a_worker_at(stage, importing) == -signal.SIGKILL
        assert not StatementLine.objects.exists()
        statement.refresh_from_db()
        assert statement.state == "ready"
    assert unfinished_jobs() == [importing.pk]
    run_job(importing.pk)

    statement.refresh_from_db()
    assert (statement.state, statement.new_count) == ("imported", 3)
    assert StatementLine.objects.count() == 3
    run_job(importing.pk)
    assert StatementLine.objects.count() == 3


def test_redis_may_forget_everything_in_the_middle_of_an_import(
    channel: Channel, actor: User
) -> None:
    statement = upload_statement(channel, files.MT940.encode(), "x.sta", actor=actor)
    forget_keys()
    run_job(waiting_job(statement).pk)
    statement.refresh_from_db()
    importing = import_statement(statement, version=statement.version, actor=actor)
    copy = Overlap.write_missing

    def forgetting(overlap: Overlap, lines: object) -> None:
        copy(overlap, lines)  # type: ignore[arg-type]
        forget_keys()

    with patch.object(Overlap, "write_missing", forgetting):
        run_job(importing.pk)

    statement.refresh_from_db()
    importing.refresh_from_db()
    assert (statement.state, importing.state) == ("imported", "done")
    assert StatementLine.objects.count() == 3
