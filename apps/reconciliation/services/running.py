"""The work of a run, done by whichever worker claims it.

    loading    rows from PostgreSQL into files, files into the engine
    matching   the passes, one after the other; few rows after the exact one are left to the
               next step
    writing    results, proof and the step to review: one transaction

A worker that is killed anywhere leaves the run as it was before; the next one begins again from
the same marks and finds the same.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.jobs.services.heartbeats import beating
from apps.jobs.services.leases import ClaimLost, failure_of
from apps.reconciliation.clients.duck import Engine, engine_of
from apps.reconciliation.clients.duck_partition import FinalEngine
from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.errors import RunNotProved
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.breaks_opening import follow_run
from apps.reconciliation.services.disk_troubles import given_up, noting_disk_trouble
from apps.reconciliation.services.finish_events import tell_of_finish
from apps.reconciliation.services.live_seeding import begin_anew
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
from apps.reconciliation.services.run_progress import LEASES, Progress, RunCancelled
from apps.reconciliation.services.scratch import scratch_folder
from apps.reconciliation.services.staging import forget
from apps.reconciliation.services.storing import (
    ALL,
    EXACT,
    Results,
    keep_outcomes,
    prove,
    replace_open,
)

if TYPE_CHECKING:
    from collections.abc import Callable


State = ReconciliationRun.State
MOST_ATTEMPTS = 25
# With more rows than these left by the exact pass, the others take long: they are done before
# anything is written, so that people see each and can stop it.
MOST_LEFT = 200_000


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
    progress = Progress(run)
    with scratch_folder(str(run.pk)) as folder:
        LEASES.renew(run, **marks_now(run))
        run.refresh_from_db(fields=["book_mark", "statement_mark", "marked_at"])
        progress.stage("loading")
        if run.partitions.exists():
            _resume(run, folder, progress)
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
    progress: Progress,
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
            progress.stage("exact")
            duck.begin()
            is_long = duck.left() > MOST_LEFT
            if is_long:
                duck.go_on(progress.stage)
        _write(run, duck, progress, passes=_nothing if is_long else duck.go_on)


def _split(run: ReconciliationRun, folder: Path, prior: list[Any], parts: int) -> None:
    """Hand the rows to partitions and let go of the run until they are done."""
    with beating(LEASES, run):
        cut_files(run, folder, parts)
    with transaction.atomic(), operation("reconciliation.split", actor=run.created_by):
        LEASES.hold(run)
        split_run(run, folder, prior, parts)
        _let_partitions_work(run)


def _resume(run: ReconciliationRun, folder: Path, progress: Progress) -> None:
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


def _write(
    run: ReconciliationRun,
    duck: Engine,
    progress: Progress,
    *,
    passes: Callable[[], None],
) -> None:
    """Write results, prove them and move to review, all or nothing; do `passes` meanwhile."""
    progress.stage("writing")
    rules, digits = rules_of(run.rule_version), digits_of(run)
    with transaction.atomic(), operation("reconciliation.finish", actor=run.created_by):
        LEASES.hold(run)
        found = _written(run, duck, progress, passes)
        prove(run, rules, digits, found.totals)
        keep_outcomes(run, found.outcomes, digits)
        run.digest = found.digest
        run.counters = found.counts | {"rates": _rates(found.counts)}
        tell_of_finish(run)
        forget(run.pk)
        _end(
            run,
            state=State.REVIEW,
            digest=run.digest,
            counters=run.counters,
            progress=progress.facts(),
        )


def _written(
    run: ReconciliationRun, duck: Engine, progress: Progress, passes: Callable[[], None]
) -> _Found:
    """Write what the run finds, and what follows from it.

    PostgreSQL and the engine have a core each, as the engine needs no database. Exact pairs,
    nearly all results, are sent while it does the other passes; it proves and counts while
    PostgreSQL is busy with what those found.
    """
    replace_open(pool_of(run))
    results, keys = Results(run, progress.written), (run.channel_id, run.pk)
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as thread:
        done = thread.submit(passes)
        results.send(EXACT, (file for side in Side for file in duck.write_exact(side, keys)))
        done.result()
        counted = thread.submit(_counted, duck)
        results.send(ALL, (file for side in Side for file in duck.write_others(side, keys)))
        digest = results.end()
        refuse_rows_split_meanwhile(run)
        follow_run(run)
        begin_anew(run)
        return _Found(*counted.result(), digest)


def _nothing() -> None:
    """Do what is done already."""


def _counted(duck: Engine) -> tuple[Any, Any, Any]:
    """Prove what the engine found, and return what it counts.

    Raises:
        RunNotProved: pairs are not what they should be.
    """
    if problems := duck.prove():
        raise RunNotProved(problem=", ".join(problems))
    return duck.totals(), duck.counts(), duck.outcomes()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the engine counted: see its methods of these names; and the digest of results."""

    totals: dict[tuple[str, str], tuple[int, int]]
    counts: dict[str, dict[str, int]]
    outcomes: list[tuple[str, str, str, int, int]]
    digest: str


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
