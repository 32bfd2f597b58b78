"""Celery's workers killed at random moments of a run by partitions, and a Redis that forgets.

Three matchers of the product serve its queue, each with a pool of one process. Every kill is
SIGKILL, of a whole worker or of its pool process alone, at a random moment; besides, all of
them while the last partition is worked on and while results are written. Nobody helps the run:
what beat calls every 30 s is called here every 2 s, and a lease is 6 s and not 60, so that
nobody waits for what is not measured.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum
from redis import Redis

from apps.organizations.models import User
from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunFile, RunPartition
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.tasks import resume_runs
from apps.statements.models import Channel
from benchmarks._kills import RUNS, Seen, forget_results, looking, new_run, tell_what_is_there
from benchmarks._report import Figure, Report, at_least, below
from benchmarks._statement_rows import fill_books, import_lines, statement_csv
from benchmarks._statements import Generated, generate
from finance_mis.celery import app

EVENTS, KILLS, PARTITIONS = 100_000, 20, 8
_WORKERS, _LEASE_SECONDS, _SWEEP_SECONDS, _LOOK_SECONDS = 3, 6, 2, 0.02
_RANDOM_KILLS_OF_ONE = 5
# A kill at random may meet a worker that waits or comes up: so many have to meet one at work.
_HITS = 10
_LONGEST_SECONDS = 900
_ERROR = re.compile(r"\\n[\w.]*?(\w+(?:Error|Exception|Exceeded))\b")
_LAST, _WRITING = "the last partition", "writing"


def kill_partitions(events: int = EVENTS, kills: int = KILLS) -> None:
    """Measure and print."""
    made, seen = generate(events), Seen()
    rows = len(made.book) + len(made.statement)
    channel, actor = fill_books(made)
    import_lines(statement_csv(made), channel, actor)
    seen.digests.add(_digest_of_one_task(channel, actor, 10 * rows))
    # The sweep is called here and what it rings for goes to the queue.
    app.conf.task_always_eager = False
    work = _Work(_Pool(-(-rows // PARTITIONS)), seen, kills)
    with work.pool.at_work(), looking(seen):
        work.do(channel, actor)
    _tell(work, made, channel)


@dataclass(slots=True)
class _Pool:
    """Worker processes, each of a session of its own."""

    most_rows: int
    log: Path = field(default_factory=lambda: settings.STATE_DIR / "matchers.log")
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: int = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Start all of them, and end them with the block."""
        self.processes = [self._start(number) for number in range(_WORKERS)]
        try:
            yield
        finally:
            for process in self.processes:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def kill(self, number: int, *, is_child_enough: bool = False) -> None:
        """End a worker, or the process of its pool alone, and start what was ended again."""
        process = self.processes[number]
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        self.killed += 1
        if is_child_enough and children:
            with suppress(ProcessLookupError):
                os.kill(int(children[0]), signal.SIGKILL)
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes[number] = self._start(number)

    def kill_all(self) -> None:
        """End all of them at once."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
        for number, process in enumerate(self.processes):
            process.wait()
            self.processes[number] = self._start(number)
        self.killed += len(self.processes)

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks._matcher"]
        # As the product runs where it is tried: tests would do tasks at once.
        more = {
            "FMIS_TESTING": "",
            "FMIS_DEMO": "1",
            "RECONCILIATION_PARTITION_ROWS": str(self.most_rows),
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*command, str(_LEASE_SECONDS), f"matcher{number}"], stdout=log, stderr=log,
                env=os.environ | more, start_new_session=True,
            )  # fmt: skip


@dataclass(slots=True)
class _Work:
    """Runs that are killed until enough kills are done."""

    pool: _Pool
    seen: Seen
    kills: int
    moments: Counter[str] = field(default_factory=Counter)
    peace: float = 0.0
    # How long results were being written in peace.
    writing: float = 0.0
    slowest: float = 0.0
    again: int = 0
    parts: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def do(self, channel: Channel, actor: User) -> None:
        """Do a run in peace, and then all others."""
        # Workers take seconds to come up; the run in peace is measured when they are.
        self._to_the_end(channel, actor, is_peaceful=True)
        self.peace = self._to_the_end(channel, actor, is_peaceful=True)
        while self.moments.total() < self.kills or self.again < _HITS:
            seconds = self._to_the_end(channel, actor, is_peaceful=False)
            self.slowest = max(self.slowest, seconds)

    def _to_the_end(self, channel: Channel, actor: User, *, is_peaceful: bool) -> float:
        forget_results(channel)
        run, started = new_run(channel, actor), time.monotonic()
        resume_runs()
        self._watch(run, None if is_peaceful else _Plan(self.rng, self.peace))
        seconds = time.monotonic() - started
        run.refresh_from_db()
        if run.state != ReconciliationRun.State.REVIEW:
            raise RuntimeError(run.failure or run.state)
        self.seen.digests.add(run.digest)
        parts = run.partitions.aggregate(attempts=Sum("attempt"))["attempts"]
        self.parts = run.partitions.count()
        # The run itself is claimed twice: to split it and for the last step.
        self.again += parts - self.parts + run.attempt - 2
        return seconds

    def _watch(self, run: ReconciliationRun, plan: _Plan | None) -> None:
        """Call the sweep and kill by the plan until the run has ended."""
        started = swept = time.monotonic()
        wrote = 0.0
        while (now := time.monotonic()) - started < _LONGEST_SECONDS:
            state, progress = RUNS.values_list("state", "progress").get(pk=run.pk)
            if state in {"review", "failed", "cancelled"}:
                self.writing = (now - wrote) if plan is None and wrote else self.writing
                return
            wrote = wrote or (now if progress.get("stage") == "writing" else 0)
            if now - swept > _SWEEP_SECONDS:
                resume_runs()
                swept = now
            if plan:
                self._disturb(run, progress, plan)
            time.sleep(_LOOK_SECONDS)

    def _disturb(self, run: ReconciliationRun, progress: dict[str, Any], plan: _Plan) -> None:
        """Do what is due."""
        waiting = list(run.partitions.filter(state="waiting").values_list("lease_until"))
        done = run.partitions.filter(state="done").count()
        if _WRITING in plan.aims and progress.get("stage") == "writing":
            time.sleep(self.rng.uniform(0, self.writing))
            self._kill_all(_WRITING, plan)
        elif _LAST in plan.aims and done and len(waiting) == 1 and waiting[0][0]:
            time.sleep(self.rng.uniform(0, self.peace / PARTITIONS))
            self._kill_all(_LAST, plan)
        elif done >= PARTITIONS // 2 and not self.moments["Redis forgot"]:
            _forget_all()
            self.moments["Redis forgot"] += 1
        elif plan.is_due():
            self.pool.kill(
                self.rng.randrange(_WORKERS), is_child_enough=self.rng.random() < 0.5
            )
            self.moments["at random"] += 1

    def _kill_all(self, moment: str, plan: _Plan) -> None:
        self.pool.kill_all()
        plan.aims.discard(moment)
        self.moments[moment] += 1


@dataclass(slots=True)
class _Plan:
    """When the workers of one run are killed."""

    rng: random.Random
    peace: float
    aims: set[str] = field(default_factory=lambda: {_LAST, _WRITING})
    left: int = _RANDOM_KILLS_OF_ONE
    _next: float = 0.0

    def is_due(self) -> bool:
        """Say whether it is time for a kill at random, and draw the next one."""
        now = time.monotonic()
        is_due = self.left > 0 and 0 < self._next <= now
        if is_due or not self._next:
            self.left -= is_due
            self._next = now + self.rng.uniform(0, self.peace)
        return is_due


def _digest_of_one_task(channel: Channel, actor: User, rows: int) -> str:
    settings.RECONCILIATION_PARTITION_ROWS = rows
    run = new_run(channel, actor)
    run_reconciliation(run.pk)
    run.refresh_from_db()
    if run.state != ReconciliationRun.State.REVIEW:
        raise RuntimeError(run.failure or run.state)
    return str(run.digest)


def _forget_all() -> None:
    """Delete all keys at once, as FLUSHALL does; another program's stay."""
    redis = Redis.from_url(settings.REDIS_URL)
    keys = redis.keys(f"{settings.REDIS_PREFIX}:*")
    if keys:
        redis.delete(*keys)
    redis.close()


def _tell(work: _Work, made: Generated, channel: Channel) -> None:
    report, moments = Report(), work.moments
    report.add(Figure(f"run by {work.parts} partitions in peace", work.peace, "s"))
    report.add(Figure("slowest run that was killed", work.slowest, "s"))
    forgot = moments.pop("Redis forgot", 0)
    report.add(at_least("times that Redis forgot all", forgot, "", of=1, share=1))
    report.add(at_least("moments of kills", moments.total(), "", of=work.kills, share=1))
    for moment in ("at random", _LAST, _WRITING):
        report.add(at_least(f"kills {moment}", moments[moment], "", of=1, share=1))
    report.add(Figure("processes killed", work.pool.killed, ""))
    report.add(at_least("steps begun again", work.again, "", of=_HITS, share=1))
    report.add(below("rows not in their true bucket", _wrong(made, channel), "rows", 0.5))
    is_left = Q(state="waiting") | Q(lease_until__isnull=False)
    report.add(below("files kept for tasks", RunFile.objects.count(), "blocks", 0.5))
    left = RunPartition.objects.filter(is_left).count()
    report.add(below("partitions that are not done or held", left, "", 0.5))
    for name, count in sorted(Counter(_ERROR.findall(work.pool.log.read_text())).items()):
        report.add(Figure(f"{name} in the workers' log", count, ""))
    tell_what_is_there(report, work.seen, made, channel)
    report.end()


def _wrong(made: Generated, channel: Channel) -> int:
    """Return how many rows are not in the bucket that the generator made them for."""
    wrong = 0
    for side, rows in (("book", made.book), ("statement", made.statement)):
        items = MatchedItem.objects.filter(channel=channel, side=side).order_by("item_id")
        found = list(items.values_list("bucket", flat=True))
        wrong += abs(len(found) - len(rows))
        wrong += sum(a != row.bucket for a, row in zip(found, rows, strict=False))
    return wrong
