"""What may go wrong between workers of one run: late ones, full disks, folders left behind."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.jobs.services.leases import ClaimLost
from apps.reconciliation import tasks
from apps.reconciliation.errors import RunNotProved
from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunPartition
from apps.reconciliation.services import partitions
from apps.reconciliation.services.leftovers import forget_left_folders
from apps.reconciliation.services.partitions import free_partitions, run_partition
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.starting import cancel_run, resume_run
from tests.reconciliation.test_partitions import do_partitions, make_mixed, split_by
from tests.reconciliation.world import run_now

pytestmark = pytest.mark.django_db
PROVE = "apps.reconciliation.clients.duck.Engine.prove"


def split(settings: Any) -> tuple[ReconciliationRun, list[int]]:
    """Return a run that waits for three partitions."""
    split_by(settings, 8)
    return run_now(make_mixed()), free_partitions(99)


def let_lease_end(partition: int) -> None:
    """Let a worker show no life for too long."""
    past = timezone.now() - timedelta(seconds=1)
    RunPartition.objects.filter(pk=partition).update(lease_until=past)


def state_of(run: ReconciliationRun) -> str:
    """Return the state of a run as it is now."""
    return ReconciliationRun.objects.get(pk=run.pk).state


def test_the_trouble_of_a_late_worker_is_none_of_the_run(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, (first, *_others) = split(settings)

    def let_another_do_it(_self: object) -> list[str]:
        monkeypatch.setattr(PROVE, lambda _self: [])
        let_lease_end(first)
        run_partition(first)
        return ["its files are gone"]

    monkeypatch.setattr(PROVE, let_another_do_it)

    assert run_partition(first) is None

    assert state_of(run) == "matching"
    assert RunPartition.objects.get(pk=first).state == "done"


def test_a_late_worker_does_not_fail_the_last_step_of_another(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, waiting = split(settings)
    for pk in waiting:
        run_partition(pk)

    def let_another_do_it(_self: object) -> None:
        monkeypatch.undo()
        past = timezone.now() - timedelta(seconds=1)
        ReconciliationRun.objects.filter(pk=run.pk).update(lease_until=past)
        run_reconciliation(run.pk)
        raise RunNotProved(problem="its files are gone")

    monkeypatch.setattr("apps.reconciliation.clients.duck.Engine.begin", let_another_do_it)

    assert run_reconciliation(run.pk)

    assert state_of(run) == "review"


def test_a_run_that_goes_on_uses_no_number_of_an_attempt_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, (first, second, _third) = split(settings)
    late = partitions.LEASES.claim(first)
    assert late is not None
    with monkeypatch.context() as patch:
        patch.setattr(PROVE, lambda _self: ["wrong"])
        run_partition(second)
    run.refresh_from_db()
    resume_run(run, actor=run.created_by)

    run_reconciliation(run.pk)

    assert first not in free_partitions(99)
    let_lease_end(first)
    assert partitions.LEASES.claim(first) is not None
    with pytest.raises(ClaimLost):
        partitions.LEASES.renew(late)


def test_a_partition_that_was_begun_too_often_fails_its_run_and_may_be_begun_again(
    settings: Any,
) -> None:
    run, (first, *_others) = split(settings)
    RunPartition.objects.filter(pk=first).update(attempt=partitions.MOST_ATTEMPTS)

    run_partition(first)

    run.refresh_from_db()
    assert (run.state, "run_gave_up" in run.failure) == ("failed", True)
    resume_run(run, actor=run.created_by)
    run_reconciliation(run.pk)
    do_partitions(run)
    assert state_of(run) == "review"


def test_who_stops_a_run_while_it_is_split_stops_it_before_its_first_partition(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = partitions.cut_files

    def cut_and_stop(run: ReconciliationRun, folder: Path, parts: int) -> None:
        cut(run, folder, parts)
        cancel_run(ReconciliationRun.objects.get(pk=run.pk), actor=run.created_by)

    monkeypatch.setattr("apps.reconciliation.services.running.cut_files", cut_and_stop)
    run, (first, *_others) = split(settings)

    run_partition(first)

    assert (state_of(run), free_partitions(99)) == ("cancelled", [])
    assert not RunPartition.objects.filter(state="done").exists()


def test_a_worker_that_finds_its_run_stopped_lets_go_of_its_partition(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, (first, *_others) = split(settings)

    def stop(_self: object) -> dict[str, int]:
        ReconciliationRun.objects.filter(pk=run.pk).update(state="failed")
        return {}

    monkeypatch.setattr("apps.reconciliation.clients.duck.Engine.load", stop)

    assert run_partition(first) is None

    found = RunPartition.objects.get(pk=first)
    assert (found.state, found.lease_until) == ("waiting", None)


def test_a_full_disk_leaves_nothing_and_the_partition_to_another_worker(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, (first, *_others) = split(settings)

    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(partitions, "bring", refuse)
        with pytest.raises(OSError, match="No space"):
            run_partition(first)

    assert not list(Path(settings.RECONCILIATION_SCRATCH).glob(f"reconciliation-{run.pk}*"))
    assert (state_of(run), MatchedItem.objects.count()) == ("matching", 0)
    let_lease_end(first)
    do_partitions(run)
    assert state_of(run) == "review"


def test_workers_share_no_folder(settings: Any, tmp_path: Path) -> None:
    whole = run_now(make_mixed())
    MatchedItem.objects.all().delete()
    split_by(settings, 8)
    settings.RECONCILIATION_SCRATCH = str(tmp_path / "split")
    run = run_now(whole.channel)

    for number, pk in enumerate(free_partitions(99)):
        settings.RECONCILIATION_SCRATCH = str(tmp_path / f"machine-{number}")
        run_partition(pk)
    settings.RECONCILIATION_SCRATCH = str(tmp_path / "last")
    run_reconciliation(run.pk)

    run.refresh_from_db()
    assert (run.state, run.digest) == ("review", whole.digest)


def test_folders_of_killed_workers_go_and_those_of_living_ones_stay(
    settings: Any, tmp_path: Path
) -> None:
    run, (first, second, _third) = split(settings)
    run_partition(first)
    partitions.LEASES.claim(second)
    settings.RECONCILIATION_SCRATCH = str(tmp_path)
    done, held, whole, foreign = (
        tmp_path / f"reconciliation-{name}-x"
        for name in (f"{run.pk}.1", f"{run.pk}.2", run.pk, "trial")
    )
    for folder in (done, held, whole, foreign):
        folder.mkdir()

    forget_left_folders()

    assert sorted(tmp_path.iterdir()) == sorted([held, foreign])


@pytest.mark.parametrize("name", ["run", "partition"])
def test_each_task_that_ends_rings_once_and_for_the_other_kind_first(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rung: list[str] = []

    def ring(kind: str) -> Callable[[int], int]:
        def note(most: int) -> int:
            rung.append(kind)
            return most

        return note

    monkeypatch.setattr(tasks, "run", lambda _pk: True)
    monkeypatch.setattr(tasks, "part", lambda _pk: None)
    monkeypatch.setattr(tasks, "_ring_runs", ring("run"))
    monkeypatch.setattr(tasks, "ring_partitions", ring("partition"))

    if name == "run":
        tasks.run_reconciliation(0)
    else:
        tasks.run_partition(0)

    assert rung == ["partition" if name == "run" else "run"]
