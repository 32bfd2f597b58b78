"""A large run as tasks: split once, one for each partition, a last one over the rest.

    split       the task of the run reads all rows in one snapshot and keeps files of partitions
    partition   a worker on any machine claims one, matches, and keeps results and what is left
    final       the run's task again (services/running.py), when all partitions are done

Each step ends in one transaction: a worker that is killed loses its own step only. As the rows
were read once, nothing that is matched or posted meanwhile changes what a partition sees.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.jobs.services.heartbeats import beating
from apps.jobs.services.leases import ClaimLost, Leases
from apps.reconciliation.clients.duck import engine_of
from apps.reconciliation.clients.duck_partition import PartitionEngine, split
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.partitions import partitions_of
from apps.reconciliation.errors import RunNotProved
from apps.reconciliation.models import ReconciliationRun, RunPartition
from apps.reconciliation.services.disk_troubles import given_up, noting_disk_trouble
from apps.reconciliation.services.loading import digits_of
from apps.reconciliation.services.rules import rules_of
from apps.reconciliation.services.scratch import scratch_folder
from apps.reconciliation.services.split_ends import fail_split, stop_if_asked
from apps.reconciliation.services.staging import bring, forget, keep, names_of

if TYPE_CHECKING:
    from apps.organizations.models import User

TASK = "reconciliation.run_partition"
# The stage of a run whose partitions are worked on.
PARTITIONS = "partitions"
MOST_ATTEMPTS = 25
_PRIOR, _ORIGINALS = "prior.json", "originals.csv"
# No row is shorter than this, in bytes: smaller files need not be counted.
_SHORTEST_ROW = 24
_BLOCK = 1 << 20
State = RunPartition.State
log = structlog.get_logger(__name__)


def _worker_of(partition: RunPartition) -> User:
    return partition.run.created_by


def _claimed() -> dict[str, Any]:
    return {"started_at": timezone.now()}


LEASES = Leases(
    RunPartition,
    "reconciliation.partition",
    (State.WAITING,),
    _worker_of,
    related=("run__created_by", "run__channel", "run__rule_version"),
    claimed=_claimed,
)


def partitions_wanted(folder: Path) -> int:
    """Return into how many partitions the files of a folder are split."""
    files, most = (
        [folder / f"{side}.csv" for side in Side],
        settings.RECONCILIATION_PARTITION_ROWS,
    )
    if sum(file.stat().st_size for file in files) <= most * _SHORTEST_ROW:
        return 1
    return partitions_of(sum(map(_lines_in, files)), most)


def split_run(run: ReconciliationRun, folder: Path, prior: list[Any], parts: int) -> None:
    """Cut the files of a run and keep the partitions; part of the caller's transaction."""
    forget(run.pk)
    (folder / _PRIOR).write_text(json.dumps([list(row) for row in prior]))
    keep(run.pk, 0, _PRIOR, [folder / _PRIOR])
    for number in range(1, parts + 1):
        rows = 0
        for side in Side:
            rows += keep(run.pk, number, f"{side}.csv", _cut(folder, side.value, number))
            name = f"settled_{side}"
            keep(run.pk, number, f"{name}.csv", _cut(folder, name, number))
        RunPartition.objects.create(run=run, number=number, rows=rows)


def cut_files(run: ReconciliationRun, folder: Path, parts: int) -> None:
    """Cut the files of a run in its folder, by the rules of the run."""
    memory = settings.RECONCILIATION_MEMORY_MB
    split(folder, rules_of(run.rule_version), digits_of(run), parts, memory_mb=memory)


def waiting_partitions(run: int) -> Any:
    """Return the partitions of a run that are not done."""
    return RunPartition.objects.filter(run=run, state=State.WAITING)


def is_waiting_for_partitions(run: int) -> bool:
    """Say whether the last step of a run cannot begin yet."""
    partitions = waiting_partitions(run)
    return bool(partitions.filter(run__state=ReconciliationRun.State.MATCHING).exists())


def free_partitions(limit: int) -> list[int]:
    """Return the next partitions that no living worker has."""
    rows = RunPartition.objects.filter(
        pk__in=LEASES.unfinished(), run__state=ReconciliationRun.State.MATCHING
    )
    return list(rows.order_by("run", "number").values_list("pk", flat=True)[:limit])


def ring_partitions(limit: int) -> int:
    """Call workers for partitions and return for how many.

    Without a broker they wait until beat rings.
    """
    free = free_partitions(limit)
    try:
        for pk in free:
            current_app.signature(TASK, args=[pk]).delay()
    except OperationalError:
        log.warning("no broker for partitions")
    return len(free)


def run_partition(pk: int) -> int | None:
    """Do a partition, unless another worker does; return its run when that was the last one.

    Safe to call twice: what is done is not claimed again.
    """
    partition = LEASES.claim(pk)
    if partition is None:
        return None
    try:
        # An attempt's number is never used again: a late worker would take the claim of the
        # next one for its own. So a run that is resumed counts on.
        if not partition.attempt % (MOST_ATTEMPTS + 1):
            raise given_up(partition.run, count=partition.attempt - 1)
        with noting_disk_trouble(partition.run):
            _do(partition)
    except ClaimLost:
        return None
    except FinanceError as error:
        with suppress(ClaimLost):
            _fail(partition, error)
        return None
    is_last = not waiting_partitions(partition.run_id).exists()
    return partition.run_id if is_last else None


def milliseconds_since_first(run: ReconciliationRun) -> int:
    """Return how long ago the first partition of a run was begun."""
    first = run.partitions.aggregate(first=Min("started_at"))["first"]
    return (timezone.now() - first) // timedelta(milliseconds=1) if first else 0


def bring_leftovers(run: ReconciliationRun, folder: Path) -> list[Any]:
    """Fetch what all partitions left and found; return known duplicates."""
    bring(run.pk, 0, _PRIOR, folder / _PRIOR)
    for side in Side:
        (folder / f"{side}.csv").touch()
    numbers = run.partitions.order_by("number").values_list("number", flat=True)
    for number in numbers:
        for name in names_of(run.pk, number):
            if name.endswith(".out"):
                bring(run.pk, number, name, folder / f"done-{number}-{name}")
            else:
                path = folder / name.removeprefix("open_")
                bring(run.pk, number, name, path, append=True)
    prior: list[Any] = json.loads((folder / _PRIOR).read_text())
    return prior


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far each partition is, by number: done, working or waiting; and how many rows are.

    `rate` is rows a second since the first began.
    """

    states: tuple[str, ...]
    rows: int
    rows_done: int
    rate: int


def how_far(run: ReconciliationRun) -> HowFar:
    """Return how far the partitions of a run are."""
    now = timezone.now()
    states, rows, rows_done = [], 0, 0
    found = run.partitions.order_by("number").values_list("state", "rows", "lease_until")
    for state, count, lease_until in found:
        is_working = state == State.WAITING and lease_until and lease_until > now
        states.append("working" if is_working else state)
        rows += count
        rows_done += count if state == State.DONE else 0
    spent = max(milliseconds_since_first(run), 1)
    return HowFar(tuple(states), rows, rows_done, rate=rows_done * 1_000 // spent)


def facts_of(run: ReconciliationRun) -> list[Any]:
    """Return what partitions counted."""
    return list(run.partitions.order_by("number").values_list("facts", flat=True))


def _do(partition: RunPartition) -> None:
    run, number = partition.run, partition.number
    with scratch_folder(f"{run.pk}.{number}") as folder:
        _tell(partition)
        with beating(LEASES, partition):
            for name in names_of(run.pk, number):
                bring(run.pk, number, name, folder / name)
            for side in Side:
                (folder / f"{side}.csv").touch()
        rules, digits, memory = (
            rules_of(run.rule_version),
            digits_of(run),
            settings.RECONCILIATION_MEMORY_MB,
        )
        with engine_of(PartitionEngine, folder, rules, digits, memory_mb=memory) as duck:
            with beating(LEASES, partition):
                rows = sum(duck.load().values())
                duck.run(lambda _stage: _tell(partition))
                problems = duck.prove()
                if problems:
                    raise RunNotProved(problem=", ".join(problems))
                facts = duck.leave()
            _keep(partition, duck, folder, facts=facts, rows=rows)


def _keep(
    partition: RunPartition, duck: PartitionEngine, folder: Path, *, facts: Any, rows: int
) -> None:
    """Keep what was found and what is left, and drop what was read: one transaction."""
    run, number = partition.run, partition.number
    with (
        transaction.atomic(),
        operation("reconciliation.partition.finish", actor=run.created_by),
    ):
        LEASES.hold(partition)
        forget(run.pk, number)
        for side in Side:
            for write in (duck.write_exact, duck.write_others):
                for path in write(side, (run.channel_id, run.pk)):
                    keep(run.pk, number, path.name, [path])
            keep(run.pk, number, f"open_{side}.csv", [folder / f"open_{side}.csv"])
        if (folder / _ORIGINALS).exists():
            keep(run.pk, number, _ORIGINALS, [folder / _ORIGINALS])
        LEASES.finish(
            partition, state=State.DONE, facts=facts, rows=rows, finished_at=timezone.now()
        )


def _tell(partition: RunPartition) -> None:
    """Prolong the lease; a run that was stopped meanwhile needs its partitions no more."""
    stop_if_asked(partition.run)
    if not is_waiting_for_partitions(partition.run_id):
        # Whoever takes it when the run goes on need not wait for the lease to end.
        LEASES.finish(partition)
        raise ClaimLost
    LEASES.renew(partition)


def _fail(partition: RunPartition, error: FinanceError) -> None:
    """Fail the run of a partition, unless another worker has that meanwhile.

    Raises:
        ClaimLost: it has: what is wrong is not wrong with the run, but its files are gone.
    """
    with transaction.atomic():
        LEASES.finish(partition)
        fail_split(partition.run, error)


def _cut(folder: Path, name: str, number: int) -> list[Path]:
    return sorted((folder / f"{name}.parts" / f"part={number}").glob("*"))


def _lines_in(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
