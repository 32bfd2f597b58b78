"""What both benchmarks of killed workers share: somebody who looks, rows, and the proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.db import connection, transaction

from apps.ledgers.services.verification import CHECKS
from apps.organizations.models import User
from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunOutcome
from apps.reconciliation.services.rules import active_rules
from apps.reconciliation.services.verification import RECONCILIATION_QUERIES
from apps.statements.models import Channel
from benchmarks._report import Figure, Report, below
from benchmarks._statements import Generated

RUNS = ReconciliationRun.objects
_PARTIAL = """
SELECT count(*) FROM reconciliation_matcheditem m JOIN reconciliation_reconciliationrun r
  ON r.id = m.run_id WHERE r.state <> 'review'
"""


@dataclass(slots=True)
class Seen:
    """What happened: partial rows are counted each time that somebody looked."""

    kills: int = 0
    looks: int = 0
    partial: int = 0
    digests: set[str] = field(default_factory=set)
    milliseconds: int = 0
    attempts: list[int] = field(default_factory=list)


def new_run(channel: Channel, actor: User) -> ReconciliationRun:
    """Return a run of the whole year that waits."""
    return RUNS.create(
        channel=channel, rule_version=active_rules(channel, actor=actor),
        number=channel.runs.count() + 1, from_on=date(2026, 1, 1), to_on=date(2026, 12, 31),
        created_by=actor,
    )  # fmt: skip


def forget_results(channel: Channel) -> None:
    """Let the rows of a channel be as if no run had been: outcomes are else never deleted."""
    MatchedItem.objects.filter(channel=channel).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        RunOutcome.objects.filter(run__channel=channel).delete()


@contextmanager
def looking(seen: Seen) -> Iterator[None]:
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


def tell_what_is_there(report: Report, seen: Seen, made: Generated, channel: Channel) -> None:
    """Report what was seen, and whether the last run's results are the truth."""
    report.add(Figure("times that somebody looked", seen.looks, ""))
    report.add(below("rows seen of a run that was not done", seen.partial, "rows", 0.5))
    report.add(below("distinct digests", len(seen.digests), "", 1))
    found = MatchedItem.objects.filter(channel=channel).count()
    wanted = len(made.book) + len(made.statement)
    report.add(below("rows in no bucket or in two", abs(found - wanted), "rows", 0.5))
    left = list(Path(settings.RECONCILIATION_SCRATCH).glob("reconciliation-*"))
    report.add(below("folders left behind", len(left), "", 0.5))
    _verify(report)


def _verify(report: Report) -> None:
    """Prove the results again; books that came by COPY have no balances to prove."""
    names = {*RECONCILIATION_QUERIES, "matches differ by what their rules allow"}
    checks = [check for check in CHECKS if check.name in names]
    for check in checks:
        report.add(below(check.name, len(check.find(None)), "findings", 0.5))
