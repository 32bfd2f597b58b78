"""A run that never ends because of a worker's disk says so, in the reader's language."""

from __future__ import annotations

import errno
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from apps.reconciliation.clients.disks import is_disk_broken, is_disk_full
from apps.reconciliation.models import ReconciliationRun, RunPartition
from apps.reconciliation.services import partitions, running
from apps.reconciliation.services.disk_troubles import trouble_text
from apps.reconciliation.services.partitions import free_partitions, run_partition
from apps.reconciliation.services.run_pages import findings_of
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.starting import resume_run
from tests.factories import make_accountant
from tests.permission_world import signed_in
from tests.reconciliation.test_partitions import make_mixed, split_by
from tests.reconciliation.world import make_books, make_run, run_now

pytestmark = pytest.mark.django_db
FULL = OSError(errno.ENOSPC, "No space left on device")
READ_ONLY = OSError(errno.EROFS, "Read-only file system")
_PAST = timedelta(seconds=-1)


def meet(monkeypatch: pytest.MonkeyPatch, error: Exception, **values: Any) -> ReconciliationRun:
    """Return a run whose first attempt met an error while its rows were read."""
    run = make_run(make_books(("TXN-1", "1.00")), **values)

    def refuse(*_args: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(running, "write_files", refuse)
        with pytest.raises(type(error)):
            run_reconciliation(run.pk)
    run.refresh_from_db()
    return run


def begin_too_often(run: ReconciliationRun) -> None:
    """Let a worker find that others have begun a run very often."""
    rows = ReconciliationRun.objects.filter(pk=run.pk)
    rows.update(attempt=running.MOST_ATTEMPTS, lease_until=timezone.now() + _PAST)
    run_reconciliation(run.pk)
    run.refresh_from_db()


def test_a_run_that_gave_up_on_a_full_disk_says_so_in_the_language_of_the_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = meet(monkeypatch, FULL)

    begin_too_often(run)

    assert run.state == "failed"
    assert "begun 25 times" in findings_of(run).failure
    assert "the disk of the worker is full" in findings_of(run).failure
    with override("zh-hans"):
        assert "磁盘已满" in findings_of(run).failure


def test_a_run_that_gave_up_on_its_files_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = meet(monkeypatch, READ_ONLY)

    begin_too_often(run)

    assert "cannot read or write its files" in findings_of(run).failure


def test_a_run_whose_workers_died_without_a_word_gives_no_reason() -> None:
    run = make_run(make_books(("TXN-1", "1.00")))

    begin_too_often(run)

    assert "never came to its end. Nothing was changed" in findings_of(run).failure


def test_the_page_tells_what_a_run_met_while_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = meet(monkeypatch, FULL)
    client = signed_in(make_accountant(run.channel.ledger))

    shown = client.get(reverse("reconciliation:run_detail", args=[run.pk])).content.decode()

    assert "The disk of the worker is full; the run is begun again." in shown
    assert "The run failed" not in shown


def test_a_run_that_ends_well_after_all_forgets_its_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = meet(monkeypatch, FULL)
    begin_too_often(run)

    resume_run(run, actor=run.created_by)
    run_reconciliation(run.pk)

    run.refresh_from_db()
    assert (run.state, run.failure, trouble_text(run)) == ("review", "", "")


def test_an_error_of_the_network_is_no_trouble_of_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = meet(monkeypatch, ConnectionResetError(errno.ECONNRESET, "reset by peer"))

    assert (run.state, run.failure) == ("loading", "")


def test_a_partition_that_met_a_full_disk_too_often_says_so_of_its_run(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    first = free_partitions(1)[0]

    def refuse(*_args: object, **_more: object) -> None:
        raise FULL

    monkeypatch.setattr(partitions, "bring", refuse)
    for _attempt in range(partitions.MOST_ATTEMPTS + 1):
        RunPartition.objects.filter(pk=first).update(lease_until=None)
        with suppress(OSError):
            run_partition(first)

    run.refresh_from_db()
    assert run.state == "failed"
    assert "the disk of the worker is full" in findings_of(run).failure


@pytest.mark.parametrize(
    ("statement", "is_full"),
    [
        ("COPY (SELECT range FROM range(100000)) TO '/dev/full'", True),
        ("CREATE TABLE t AS SELECT md5(range::varchar) AS a FROM range(1000000)", True),
        ("COPY (SELECT 1) TO '/no/such/folder/file'", False),
    ],
)
def test_what_the_engine_says_of_disks_is_understood(
    tmp_path: Path, statement: str, *, is_full: bool
) -> None:
    duck = duckdb.connect(
        config={
            "memory_limit": "10MB",
            "max_temp_directory_size": "1MB",
            "temp_directory": str(tmp_path),
        }
    )

    with pytest.raises(duckdb.Error) as caught:
        duck.execute(statement)

    assert (is_disk_full(caught.value), is_disk_broken(caught.value)) == (is_full, not is_full)
