"""Settings on which it depends that a killed worker's work is done again, and once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from apps.jobs.services.leases import LEASE
from finance_mis.beat import beat_schedule
from finance_mis.celery import app


def test_a_task_is_acknowledged_only_when_it_is_done() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.worker_cancel_long_running_tasks_on_connection_loss


def test_no_task_lives_long_enough_to_be_delivered_while_it_runs() -> None:
    visible_after = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]

    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < visible_after


def test_what_a_dead_worker_held_comes_back_within_seconds() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    waits = options["unacked_restore_interval"] * options["unacked_restore_throttle"]
    assert waits <= 10


def test_only_json_is_read_from_the_queue() -> None:
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]


@pytest.mark.parametrize("name", ["resume jobs", "resume reconciliation runs"])
def test_beat_finds_what_nobody_rang_for_within_a_lease(name: str) -> None:
    assert beat_schedule(watch_files=False)[name]["schedule"] <= LEASE.total_seconds()


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("events.relay", "events"),
        ("reconciliation.run_reconciliation", "reconciliation"),
        ("reconciliation.watch_channels", "celery"),
    ],
)
def test_long_work_has_a_queue_of_its_own_and_somebody_serves_it(task: str, queue: str) -> None:
    app.loader.import_default_modules()
    assert task in app.tasks
    assert app.amqp.router.route({}, task)["queue"].name == queue

    served = Path(settings.BASE_DIR, "Procfile").read_text(encoding="utf-8")
    wanted = "worker --concurrency" if queue == "celery" else f"--queues {queue} "
    assert wanted in served
