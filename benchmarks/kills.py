"""Workers killed at random moments of a run: is anything half there, is the result the same?

    ./run bench kills [-- EVENTS [KILLS]]

One run is left in peace: its digest and its time are the measure. Then runs over the same rows
are killed, three times each, by SIGKILL at a random moment after their claim, until all kills
are done; another worker takes each over. Somebody looks all the time for results of a run that
is not in review.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.ledgers.services.verification import CHECKS
from apps.organizations.models import User
from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services.rules import active_rules
from apps.reconciliation.services.verification import RECONCILIATION_QUERIES
from apps.statements.models import Channel
from benchmarks._report import Figure, Report, at_least, below
from benchmarks._statement_rows import fill_books, import_lines, statement_csv
from benchmarks._statements import Generated, generate

EVENTS, KILLS, KILLS_OF_ONE = 100_000, 10, 3
_WAIT_SECONDS = 60
_PARTIAL = """
SELECT count(*) FROM reconciliation_matcheditem m JOIN reconciliation_reconciliationrun r
  ON r.id = m.run_id WHERE r.state <> 'review'
"""
RUNS = ReconciliationRun.objects


@dataclass(slots=True)
class Seen:
    """What happened: partial rows are counted each time that somebody looked."""

    kills: int = 0
    looks: int = 0
    partial: int = 0
    digests: set[str] = field(default_factory=set)
    milliseconds: int = 0
    attempts: list[int] = field(default_factory=list)


def main() -> None:
    """Measure and print, or work as a worker does."""
    if sys.argv[1:2] == ["work"]:
        from apps.reconciliation.services.running import run_reconciliation  # noqa: PLC0415

        run_reconciliation(int(sys.argv[2]))
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else KILLS
    made, seen = generate(events), Seen()
    channel, actor = fill_books(made)
    import_lines(statement_csv(made), channel, actor)
    with _looking(seen):
        _rounds(channel, actor, kills, seen)
    _tell(seen, made, channel, kills)


def _rounds(channel: Channel, actor: User, kills: int, seen: Seen) -> None:
    """Do a run in peace, then runs that are killed until enough kills are done."""
    rng = random.Random(7)
    _work_to_the_end(_new_run(channel, actor), seen)
    while seen.kills < kills:
        MatchedItem.objects.filter(channel=channel).delete()
        run = _new_run(channel, actor)
        for _ in range(min(KILLS_OF_ONE, kills - seen.kills)):
            if not _kill_one(run, rng, seen):
                break
        _work_to_the_end(run, seen)


def _new_run(channel: Channel, actor: User) -> ReconciliationRun:
    return RUNS.create(
        channel=channel, rule_version=active_rules(channel, actor=actor),
        number=channel.runs.count() + 1, from_on=date(2026, 1, 1), to_on=date(2026, 12, 31),
        created_by=actor,
    )  # fmt: skip


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


@contextmanager
def _looking(seen: Seen) -> Iterator[None]:
    """Look all the time whether another transaction sees a part of a run."""
    is_over = Event()

    def look() -> None:
        while not is_over.wait(0.05):
            with connection.cursor() as cursor:
                cursor.execute(_PARTIAL)
                row = cursor.fetchone()
            seen.looks += 1
            seen.partial += row[0] if row else 0
        connection.close()

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _tell(seen: Seen, made: Generated, channel: Channel, kills: int) -> None:
    report = Report()
    report.add(Figure("run in peace", seen.milliseconds / 1000, "s"))
    report.add(at_least("workers killed", seen.kills, "", of=kills, share=1))
    report.add(Figure("attempts of the runs", sum(seen.attempts), f"in {len(seen.attempts)}"))
    report.add(Figure("times that somebody looked", seen.looks, ""))
    report.add(below("rows seen of a run that was not done", seen.partial, "rows", 0.5))
    report.add(below("distinct digests", len(seen.digests), "", 1))
    found = MatchedItem.objects.filter(channel=channel).count()
    wanted = len(made.book) + len(made.statement)
    report.add(below("rows in no bucket or in two", abs(found - wanted), "rows", 0.5))
    left = list(Path(settings.RECONCILIATION_SCRATCH).glob("reconciliation-*"))
    report.add(below("folders left behind", len(left), "", 0.5))
    _verify(report)
    report.end()


def _verify(report: Report) -> None:
    """Prove the results again; books that came by COPY have no balances to prove."""
    names = {*RECONCILIATION_QUERIES, "matches differ by what their rules allow"}
    checks = [check for check in CHECKS if check.name in names]
    for check in checks:
        report.add(below(check.name, len(check.find(None)), "findings", 0.5))


if __name__ == "__main__":
    main()
