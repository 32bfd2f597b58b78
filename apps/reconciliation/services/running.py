"""The work of a run, done by whichever worker claims it.

    loading    rows from PostgreSQL into files, files into the engine
    matching   the passes, one after the other
    writing    results, proof and the step to review: one transaction

A worker that is killed anywhere leaves the run as it was before; the next one begins again from
the same marks and finds the same.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.jobs.services.heartbeats import beating
from apps.jobs.services.leases import ClaimLost, Leases, failure_of
from apps.reconciliation.clients.duck import Engine, engine_of
from apps.reconciliation.clients.duck_partition import FinalEngine
from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.errors import RunNotProved
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.disk_troubles import given_up, noting_disk_trouble
from apps.reconciliation.services.follow_ups import follow_up
from apps.reconciliation.services.loading import digits_of, marks_now, pool_of, write_files
from apps.reconciliation.services.partitions import (
    PARTITIONS,
    bring_leftovers,
    cut_files,
    facts_of,
    is_waiting_for_partitions,
    milliseconds_since_first,
    partitions_wanted,
    ring_partitions,
    split_run,
    waiting_partitions,
)
from apps.reconciliation.services.queueing import in_turn
from apps.reconciliation.services.rereading import (
    reading_again,
    refuse_rows_split_meanwhile,
)
from apps.reconciliation.services.rules import rules_of
from apps.reconciliation.services.scratch import scratch_folder
from apps.reconciliation.services.staging import forget
from apps.reconciliation.services.storing import (
    copy_results,
    keep_outcomes,
    prove,
    replace_open,
)

if TYPE_CHECKING:
    from apps.organizations.models import User

State = ReconciliationRun.State
MOST_ATTEMPTS = 25
# Progress is written no more often than this.
_SECONDS_BETWEEN = 0.5


def _worker_of(run: ReconciliationRun) -> User:
    return run.created_by


def _claimed() -> dict[str, Any]:
    return {"state": State.LOADING, "started_at": timezone.now(), "progress": {}}


LEASES = Leases(
    ReconciliationRun,
    "reconciliation",
    ReconciliationRun.UNFINISHED,
    _worker_of,
    related=("created_by", "channel", "rule_version"),
    claimed=_claimed,
)


class RunCancelled(Exception):
    """Somebody asked to stop; nothing of the run was kept."""


def run_reconciliation(pk: int) -> bool:
    """Do a run; False when another worker is at it.

    Safe to call twice: what is done is not claimed again.
    """
    if is_waiting_for_partitions(pk):
        return True
    run = LEASES.claim(pk)
    if run is None:
        return LEASES.is_settled(pk)
    try:
        if run.attempt > MOST_ATTEMPTS:
            raise given_up(run, count=run.attempt - 1)
        with noting_disk_trouble(run):
            reading_again(run, _do, LEASES)
    except ClaimLost:
        return True
    except RunCancelled:
        _end_unless_lost(run, state=State.CANCELLED)
    except FinanceError as error:
        _end_unless_lost(run, state=State.FAILED, failure=failure_of(error))
    return True


def unfinished_runs(limit: int) -> list[int]:
    """Return the next runs that no living worker has, no more than are sensible at once."""
    free = set(LEASES.unfinished())
    ready = (pk for pk in in_turn() if pk in free and not is_waiting_for_partitions(pk))
    return list(islice(ready, limit))


def _do(run: ReconciliationRun) -> None:
    """Load, match and write inside a folder of its own, which goes whatever happens.

    A large run is split here, and comes here again when its partitions are done.
    """
    progress = _Progress(run)
    with scratch_folder(str(run.pk)) as folder:
        LEASES.renew(run, **marks_now(run))
        run.refresh_from_db(fields=["book_mark", "statement_mark", "marked_at"])
        progress.stage("loading")
        if run.partitions.exists():
            _go_on(run, folder, progress)
            return
        with beating(LEASES, run):
            prior = write_files(run, rules_of(run.rule_version), folder)
            parts = partitions_wanted(folder)
        if parts > 1:
            _split(run, folder, prior, parts)
        else:
            _match(run, folder, prior, progress, Engine)


def _match(
    run: ReconciliationRun,
    folder: Path,
    prior: list[Any],
    progress: _Progress,
    kind: type[Engine],
) -> None:
    rules, digits = rules_of(run.rule_version), digits_of(run)
    memory = settings.RECONCILIATION_MEMORY_MB
    with engine_of(kind, folder, rules, digits, memory_mb=memory) as duck:
        if isinstance(duck, FinalEngine):
            duck.facts = facts_of(run)
        with beating(LEASES, run):
            counts = duck.load(prior=prior)
            progress.matching(counts)
            duck.run(progress.stage)
        _write(run, duck, progress)


def _split(run: ReconciliationRun, folder: Path, prior: list[Any], parts: int) -> None:
    """Hand the rows to partitions and let go of the run until they are done."""
    with beating(LEASES, run):
        cut_files(run, folder, parts)
    with transaction.atomic(), operation("reconciliation.split", actor=run.created_by):
        LEASES.hold(run)
        split_run(run, folder, prior, parts)
        _let_partitions_work(run)


def _go_on(run: ReconciliationRun, folder: Path, progress: _Progress) -> None:
    """Do the last step, or have partitions done first that are not, after a failure."""
    if waiting_partitions(run.pk).exists():
        _let_partitions_work(run)
        return
    progress.spent = milliseconds_since_first(run)
    with beating(LEASES, run):
        prior = bring_leftovers(run, folder)
    _match(run, folder, prior, progress, FinalEngine)


def _let_partitions_work(run: ReconciliationRun) -> None:
    LEASES.finish(run, state=State.MATCHING, progress={"stage": PARTITIONS})
    transaction.on_commit(lambda: ring_partitions(settings.RECONCILIATION_AT_ONCE))


def _write(run: ReconciliationRun, duck: Engine, progress: _Progress) -> None:
    """Write results, prove them and move to review, all or nothing."""
    progress.stage("writing")
    rules, digits = rules_of(run.rule_version), digits_of(run)
    with beating(LEASES, run):
        problems = duck.prove()
        if problems:
            raise RunNotProved(problem=", ".join(problems))
        inputs, counters, outcomes = duck.totals(), duck.counts(), duck.outcomes()
    with transaction.atomic(), operation("reconciliation.finish", actor=run.created_by):
        LEASES.hold(run)
        replace_open(pool_of(run))
        files = (file for side in Side for file in duck.write(side, (run.channel_id, run.pk)))
        digest = copy_results(run, files, progress.written)
        refuse_rows_split_meanwhile(run)
        prove(run, rules, digits, inputs)
        keep_outcomes(run, outcomes, digits)
        run.digest, run.counters = digest, counters | {"rates": _rates(counters)}
        follow_up(run)
        forget(run.pk)
        _end(
            run,
            state=State.REVIEW,
            digest=digest,
            counters=run.counters,
            progress=progress.facts(),
        )


def _rates(counters: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return which share of each side was matched by itself, in hundredths of a percent."""
    rates = {}
    for side, buckets in counters.items():
        matched = sum(count for bucket, count in buckets.items() if bucket in MATCHED)
        rates[side] = matched * 10_000 // max(sum(buckets.values()), 1)
    return rates


def _end(run: ReconciliationRun, **changes: Any) -> None:
    LEASES.finish(run, finished_at=timezone.now(), **{"failure": ""} | changes)


def _end_unless_lost(run: ReconciliationRun, **changes: Any) -> None:
    """End a run without results; a late worker's trouble is none of the one that has it."""
    with suppress(ClaimLost):
        _end(run, **changes)


@dataclass(slots=True)
class _Progress:
    """Tells how far a run is, and notices the wish to stop it."""

    run: ReconciliationRun
    rows: int = 0
    done: int = 0
    # What partitions took, in milliseconds.
    spent: int = 0
    _stage: str = ""
    _began: int = field(default_factory=time.monotonic_ns)
    _told: int = 0

    def stage(self, name: str) -> None:
        """Begin a stage: prolongs the lease."""
        self._stage = name
        if ReconciliationRun.objects.filter(pk=self.run.pk, is_cancel_requested=True).exists():
            raise RunCancelled
        LEASES.renew(self.run, progress=self.facts())

    def matching(self, counts: dict[Side, int]) -> None:
        """Say how many rows there are, and that they are being matched now."""
        self.rows = sum(counts.values())
        LEASES.renew(
            self.run,
            state=State.MATCHING,
            book_count=counts[Side.BOOK],
            statement_count=counts[Side.STATEMENT],
            progress=self.facts(),
        )
        self.run.state = State.MATCHING

    def written(self, count: int) -> None:
        """Say that so many results were sent, where others can see it before the commit."""
        self.done += count
        now = time.monotonic_ns()
        if now - self._told > _SECONDS_BETWEEN * 1_000_000_000:
            self._told = now
            LEASES.tell(self.run, self.done)

    def facts(self) -> dict[str, Any]:
        """Return stage, rows, rows a second and milliseconds so far."""
        spent = self.spent + (time.monotonic_ns() - self._began) // 1_000_000
        return {
            "stage": self._stage,
            "rows": self.rows,
            "done": self.done,
            "milliseconds": spent,
            "rate": self.rows * 1_000 // max(spent, 1),
        }
