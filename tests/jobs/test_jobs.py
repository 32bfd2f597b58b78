"""Long work: claimed once, told in steps, stopped on request, ended in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.jobs.errors import JobIsFinished
from apps.jobs.models import Job
from apps.jobs.services.kinds import KINDS, JobKind, Outcome, Work
from apps.jobs.services.leases import MAX_ATTEMPTS, ClaimLost
from apps.jobs.services.pages import failure_text, result_text
from apps.jobs.services.running import LEASES, progress_of, run_job, unfinished_jobs
from apps.jobs.services.starting import cancel_job, ring, start_job, unfinished_job
from apps.ledgers.errors import NoPeriod
from apps.organizations.models import User
from apps.organizations.permissions import Permission, Role
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[[Job, Work], Outcome]


@pytest.fixture
def senior() -> User:
    """Return somebody who may start jobs."""
    return make_user(make_organization(), Role.SENIOR_ACCOUNTANT)


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests do the work that the queue would call a worker for."""
    monkeypatch.setattr("apps.jobs.services.starting.ring", lambda _: None)
    monkeypatch.setattr("apps.jobs.views.ring", lambda _: None)


@pytest.fixture(autouse=True)
def kind() -> Iterator[Callable[[Run], None]]:
    """Let a test say what the kind `count` does."""

    def set_run(run: Run) -> None:
        KINDS["count"] = JobKind(
            "Count", Permission.PERIOD_MANAGE, run, says=lambda facts: f"{facts['n']} counted"
        )

    set_run(_count_to_three)
    yield set_run
    del KINDS["count"]


def _count_to_three(_job: Job, work: Work) -> Outcome:
    work.expect(3)
    for _ in range(3):
        work.advance()
    return Outcome("/", {"n": 3})


def start(senior: User, key: str = "count:1") -> Job:
    return start_job("count", actor=senior, subject="2026-01", exclusive_key=key, parameters={})


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_job_runs_to_its_end_and_says_what_it_came_to(senior: User) -> None:
    job = start(senior)

    assert run_job(job.pk)

    job = fresh(job)
    assert (job.state, job.done_count, job.total_count) == ("done", 3, 3)
    assert result_text(job) == "3 counted"
    assert progress_of(job).percent == 100


def test_a_second_start_finds_the_job_of_the_first(senior: User) -> None:
    first = start(senior)

    assert start(senior) == first
    assert unfinished_job("count:1", organization_id=senior.organization_id or 0) == first
    run_job(first.pk)
    assert start(senior) != first


def test_a_job_that_runs_twice_does_its_work_once(senior: User, kind: Any) -> None:
    runs: list[int] = []

    def note(job: Job, _work: Work) -> Outcome:
        runs.append(job.pk)
        return Outcome(facts={"n": 1})

    kind(note)
    job = start(senior)

    assert run_job(job.pk)
    assert run_job(job.pk)
    assert runs == [job.pk]


def test_while_a_worker_lives_no_other_takes_its_job(senior: User) -> None:
    job = start(senior)
    LEASES.claim(job.pk)

    assert not run_job(job.pk)
    assert unfinished_jobs() == []


def test_a_dead_worker_is_replaced_and_cannot_end_the_job_any_more(senior: User) -> None:
    job = start(senior)
    late = LEASES.claim(job.pk)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert unfinished_jobs() == [job.pk]
    assert run_job(job.pk)
    with pytest.raises(ClaimLost):
        LEASES.finish(late, state="failed")  # type: ignore[arg-type]
    assert fresh(job).state == "done"


def test_a_refusal_ends_the_job_in_words(senior: User, kind: Any) -> None:
    def refuse(_job: Job, _work: Work) -> Outcome:
        raise NoPeriod(date="2026-01-31")

    kind(refuse)
    job = start(senior)
    run_job(job.pk)

    assert fresh(job).state == "failed"
    assert "contains 2026-01-31" in failure_text(fresh(job))


def test_a_job_that_nobody_took_is_cancelled_at_once(senior: User) -> None:
    job = cancel_job(start(senior), actor=senior)

    assert job.state == "cancelled"
    assert run_job(job.pk)
    with pytest.raises(JobIsFinished, match="cancelled"):
        cancel_job(job, actor=senior)


def test_a_running_job_stops_before_its_next_step(senior: User, kind: Any) -> None:
    steps: list[int] = []

    def count(job: Job, work: Work) -> Outcome:
        for step in range(3):
            steps.append(step)
            cancel_job(job, actor=senior)
            work.advance()
        return Outcome()

    kind(count)
    job = start(senior)
    run_job(job.pk)

    assert (fresh(job).state, steps) == ("cancelled", [0])


def test_a_job_that_never_ends_is_given_up(senior: User) -> None:
    job = start(senior)
    Job.objects.update(attempt=MAX_ATTEMPTS)

    assert run_job(job.pk)

    assert fresh(job).state == "failed"
    assert "5 times" in failure_text(fresh(job))


def test_a_ring_without_a_broker_loses_nothing(
    senior: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_home(*_: object, **__: object) -> None:
        raise OperationalError

    job = start(senior)
    monkeypatch.setattr("celery.canvas.Signature.delay", nobody_home)

    ring(job)

    assert unfinished_jobs() == [job.pk]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_works_by_refresh_and_by_polling(senior: User) -> None:
    job = start(senior)
    client = signed_in(senior)

    page = client.get(job.get_absolute_url()).content.decode()
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})

    assert "Load again" in page
    assert "hx-get" in part.content.decode()
    run_job(job.pk)
    done = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "3 counted" in client.get(job.get_absolute_url()).content.decode()


def test_the_page_stops_and_lists_jobs(senior: User) -> None:
    job = start(senior)
    client = signed_in(senior)

    client.post(reverse("jobs:job_resume", args=[job.public_id]))
    client.post(reverse("jobs:job_cancel", args=[job.public_id]))

    assert fresh(job).state == "cancelled"
    assert "2026-01" in client.get(reverse("jobs:job_list")).content.decode()


def test_only_a_job_that_waits_too_long_offers_to_ring_again(senior: User) -> None:
    job = start(senior)
    client = signed_in(senior)
    fresh_page = client.get(job.get_absolute_url()).content.decode()
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=2))

    late_page = client.get(job.get_absolute_url()).content.decode()

    url = reverse("jobs:job_resume", args=[job.public_id])
    assert url not in fresh_page
    assert url in late_page


def test_a_job_of_another_tenant_is_not_found(senior: User) -> None:
    job = start(senior)
    stranger = make_user(make_organization(), Role.SENIOR_ACCOUNTANT)

    assert signed_in(stranger).get(job.get_absolute_url()).status_code == 404


def test_every_change_of_a_job_is_in_the_operation_log(senior: User) -> None:
    run_job(start(senior).pk)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_operationlog WHERE resource_type = 'jobs_job'"
        )
        assert cursor.fetchone()[0] >= 3
