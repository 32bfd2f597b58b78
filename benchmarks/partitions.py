"""A large run by partitions: rows a second by one and by two worker processes.

    ./run bench partitions [-- EVENTS [PARTITIONS]]

The same rows are matched by one task first; the digests must be the same. CPU seconds are of
the workers alone, without PostgreSQL: they say more than the clock where others work too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from datetime import date

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from apps.organizations.models import User
from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services.partitions import free_partitions, run_partition
from apps.reconciliation.services.rules import active_rules
from apps.reconciliation.services.running import run_reconciliation
from apps.statements.models import Channel
from benchmarks._report import Figure, Report, below
from benchmarks._statement_rows import fill_books, import_lines, statement_csv
from benchmarks._statements import generate

EVENTS, PARTITIONS = 1_000_000, 4
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def main() -> None:
    """Measure and print, or work as a worker does."""
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2], int(sys.argv[3]))
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    parts = int(sys.argv[2]) if len(sys.argv) > 2 else PARTITIONS
    made, report = generate(events), Report()
    rows = len(made.book) + len(made.statement)
    channel, actor = fill_books(made)
    import_lines(statement_csv(made), channel, actor)
    digests = {_measure(report, channel, actor, rows, most=10 * rows, workers=1)}
    for workers in (1, 2):
        digests.add(
            _measure(report, channel, actor, rows, most=-(-rows // parts), workers=workers)
        )
    report.add(below("distinct digests", len(digests), "", 1))
    report.end()


def work(step: str, run_id: int) -> None:
    """Do a step of a run: the run's own task, or partitions as long as there are any."""
    if step == "run":
        run_reconciliation(run_id)
        return
    while waiting := free_partitions(1):
        run_partition(waiting[0])


def _measure(
    report: Report, channel: Channel, actor: User, rows: int, *, most: int, workers: int
) -> str:
    """Do a run and tell what each step took."""
    MatchedItem.objects.filter(channel=channel).delete()
    run = ReconciliationRun.objects.create(
        channel=channel, rule_version=active_rules(channel, actor=actor),
        number=channel.runs.count() + 1, from_on=FIRST, to_on=LAST, created_by=actor,
    )  # fmt: skip
    os.environ["RECONCILIATION_PARTITION_ROWS"] = str(most)
    steps = [("split", ["run"])]
    if most < rows:
        steps += [("partitions", ["partitions"] * workers), ("final step", ["run"])]
    name, whole = (f"workers: {workers}" if most < rows else "one task"), 0.0
    for step, calls in steps:
        seconds, cpu = _timed(calls, run.pk)
        whole += seconds
        if len(steps) > 1:
            report.add(Figure(f"{name}: {step}", seconds, f"s, {cpu:.1f} CPU-s"))
            if step == "partitions":
                rate = rows / seconds / workers
                report.add(Figure(f"{name}: rows a second and worker", rate, ""))
    report.add(Figure(f"{name}: whole run of {rows} rows", whole, "s"))
    run.refresh_from_db()
    if run.state != ReconciliationRun.State.REVIEW:
        raise RuntimeError(run.failure or run.state)
    return str(run.digest)


def _timed(calls: list[str], run: int) -> tuple[float, float]:
    """Return seconds and CPU seconds of workers that run at the same time."""
    before, started = _cpu(), time.monotonic()
    command = [sys.executable, "-m", "benchmarks.partitions", "work"]
    processes = [subprocess.Popen([*command, step, str(run)]) for step in calls]
    for process in processes:
        if process.wait():
            raise RuntimeError
    return time.monotonic() - started, _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    # Nobody is rung for: the steps are begun here.
    os.environ["RECONCILIATION_AT_ONCE"] = "0"
    main()
