"""Workers killed at random moments of a run: is anything half there, is the result the same?

    ./run bench kills [-- EVENTS [KILLS]]
    ./run bench kills -- partitions [EVENTS [KILLS]]

One run is left in peace: its digest and its time are the measure. Then runs over the same rows
are killed, three times each, by SIGKILL at a random moment after their claim, until all kills
are done; another worker takes each over. Somebody looks all the time for results of a run that
is not in review.

By partitions it is Celery's workers that are killed: see _partition_kills.py.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.utils import timezone

from apps.organizations.models import User
from apps.reconciliation.models import ReconciliationRun
from apps.statements.models import Channel
from benchmarks._kills import RUNS, Seen, forget_results, looking, new_run, tell_what_is_there
from benchmarks._partition_kills import kill_partitions
from benchmarks._report import Figure, Report, at_least
from benchmarks._statement_rows import fill_books, import_lines, statement_csv
from benchmarks._statements import Generated, generate

EVENTS, KILLS, KILLS_OF_ONE = 100_000, 10, 3
_WAIT_SECONDS = 60


def main() -> None:
    """Measure and print, or work as a worker does."""
    if sys.argv[1:2] == ["work"]:
        from apps.reconciliation.services.running import run_reconciliation  # noqa: PLC0415

        run_reconciliation(int(sys.argv[2]))
        return
    if sys.argv[1:2] == ["partitions"]:
        kill_partitions(*map(int, sys.argv[2:4]))
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else KILLS
    made, seen = generate(events), Seen()
    channel, actor = fill_books(made)
    import_lines(statement_csv(made), channel, actor)
    with looking(seen):
        _rounds(channel, actor, kills, seen)
    _tell(seen, made, channel, kills)


def _rounds(channel: Channel, actor: User, kills: int, seen: Seen) -> None:
    """Do a run in peace, then runs that are killed until enough kills are done."""
    rng = random.Random(7)
    _work_to_the_end(new_run(channel, actor), seen)
    while seen.kills < kills:
        forget_results(channel)
        run = new_run(channel, actor)
        for _ in range(min(KILLS_OF_ONE, kills - seen.kills)):
            if not _kill_one(run, rng, seen):
                break
        _work_to_the_end(run, seen)


def _worker(run: ReconciliationRun) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.kills", "work", str(run.pk)]
    return subprocess.Popen(command)


def _work_to_the_end(run: ReconciliationRun, seen: Seen) -> None:
    if _worker(run).wait():
        raise RuntimeError
    run.refresh_from_db()
    if run.state != ReconciliationRun.State.REVIEW:
        raise RuntimeError(run.failure or run.state)
    seen.digests.add(run.digest)
    seen.attempts.append(run.attempt)
    seen.milliseconds = seen.milliseconds or run.progress["milliseconds"]


def _kill_one(run: ReconciliationRun, rng: random.Random, seen: Seen) -> bool:
    """Kill a worker some time after its claim; False when it was done before."""
    before = RUNS.values_list("attempt", flat=True).get(pk=run.pk)
    worker = _worker(run)
    ends = time.monotonic() + _WAIT_SECONDS
    while RUNS.values_list("attempt", flat=True).get(pk=run.pk) == before:
        if time.monotonic() > ends:
            raise RuntimeError
        time.sleep(0.005)
    time.sleep(rng.uniform(0, seen.milliseconds / 1000))
    worker.kill()
    if worker.wait() != -signal.SIGKILL or RUNS.filter(pk=run.pk, state="review").exists():
        return False
    seen.kills += 1
    # Nobody waits for the lease here; that only one worker has it is tested elsewhere.
    RUNS.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return True


def _tell(seen: Seen, made: Generated, channel: Channel, kills: int) -> None:
    report = Report()
    report.add(Figure("run in peace", seen.milliseconds / 1000, "s"))
    report.add(at_least("workers killed", seen.kills, "", of=kills, share=1))
    report.add(Figure("attempts of the runs", sum(seen.attempts), f"in {len(seen.attempts)}"))
    tell_what_is_there(report, seen, made, channel)
    report.end()


if __name__ == "__main__":
    main()
