"""What the page of a run shows beside its rows: progress, buckets, sums and rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from apps.core.errors import sentence_of
from apps.jobs.services.running import stored_failure
from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.rules import SUGGESTIONS
from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services.disk_troubles import trouble_text
from apps.reconciliation.services.partitions import PARTITIONS, how_far
from apps.reconciliation.services.queueing import runs_before
from apps.reconciliation.services.run_list import Funnel, funnel_of
from apps.reconciliation.services.run_progress import LEASES
from apps.reconciliation.services.run_words import (
    KINDS,
    ORDER,
    label_of,
    pass_label,
    stage_label,
    tone_of,
)

# Exact pairs are summed only while a channel has no more rows than this: no index has them.
_MOST_SUMMED = 300_000
_MILLISECONDS = 1_000
# In seconds.
_MINUTE, _LONG_WAIT = 60, 120


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an unfinished run stands; `left` is in seconds, None while nobody can tell.

    `parts` says of each partition whether it is done, working or waiting, for a run that has
    some; `rows` and `done` are of these then.
    """

    stage: str
    step: int
    steps: int
    rows: int
    done: int
    rate: int
    left: int | None
    before: int
    parts: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def parts_done(self) -> int:
        """How many partitions are done."""
        return self.parts.count("done")

    @property
    def minutes(self) -> int | None:
        """What is left in minutes, where seconds would be a long number."""
        is_long = self.left is not None and self.left >= _LONG_WAIT
        return round((self.left or 0) / _MINUTE) if is_long else None


@dataclass(slots=True)
class BucketRow:
    """A bucket by side; sums are None where they were not added up."""

    bucket: str
    label: str
    tone: str
    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, Decimal | None] = field(default_factory=dict)
    moved: int = 0

    @property
    def sides(self) -> list[tuple[str, int, Decimal | None]]:
        """Side, rows and sum, our books first."""
        return [(side, self.counts.get(side, 0), self.sums.get(side)) for side in Side]


@dataclass(frozen=True, slots=True)
class PassRow:
    """What a rule found."""

    label: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Findings:
    """What became of the rows of a run; `moved` went on into later runs."""

    funnel: Funnel | None
    buckets: list[BucketRow]
    passes: list[PassRow]
    failure: str
    moved: int


def progress_page(run: ReconciliationRun) -> Progress | None:
    """Return where a run stands; None for one that has ended."""
    if run.state not in ReconciliationRun.UNFINISHED:
        return None
    told: dict[str, Any] = run.progress
    if told.get("stage") == PARTITIONS:
        return _of_partitions(run)
    stages = _stages(run)
    stage = str(told.get("stage", ""))
    return Progress(
        stage=stage_label(stage) if stage else "",
        step=stages.index(stage) + 1 if stage in stages else 0,
        steps=len(stages),
        rows=int(told.get("rows", 0)),
        done=LEASES.progress_of(run) if stage == "writing" else 0,
        rate=int(told.get("rate", 0)),
        left=_left(run, told),
        before=runs_before(run),
        trouble=trouble_text(run),
    )


def _of_partitions(run: ReconciliationRun) -> Progress:
    """Return where the partitions of a run stand, judged by those that are done."""
    done = how_far(run)
    left = (done.rows - done.rows_done) // done.rate if done.rate else None
    return Progress(
        # The state says that they are matched, and `parts` how many of them are.
        stage="",
        step=done.states.count("done"),
        steps=len(done.states),
        rows=done.rows,
        done=done.rows_done,
        rate=done.rate,
        left=left,
        before=0,
        parts=done.states,
        trouble=trouble_text(run),
    )


def findings_of(run: ReconciliationRun) -> Findings:
    """Return what a run found, with sums of what is still its own."""
    by_bucket: dict[str, BucketRow] = {}
    for side in Side:
        for bucket, count in run.counters.get(side, {}).items():
            row = by_bucket.setdefault(
                bucket, BucketRow(bucket, label_of(bucket), tone_of(bucket))
            )
            row.counts[side] = count
    passes: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Side, 0))
    has_exact = _sums_exact(run)
    for found in _summed(run, has_exact=has_exact):
        _take(found, by_bucket, passes)
    for row in by_bucket.values():
        _count_moved(row, has_exact=has_exact)
    if not has_exact and Bucket.EXACT in by_bucket:
        passes[Bucket.EXACT] = by_bucket[Bucket.EXACT].counts
    rows = sorted(by_bucket.values(), key=lambda row: ORDER.get(row.bucket, len(ORDER)))
    ordered = sorted(passes.items(), key=lambda one: _place(one[0]))
    return Findings(
        funnel=funnel_of(run),
        buckets=[row for row in rows if any(row.counts.values())],
        passes=[PassRow(pass_label(name), counts) for name, counts in ordered],
        failure=_failure_text(run),
        moved=sum(row.moved for row in rows),
    )


def _take(
    found: dict[str, Any], rows: dict[str, BucketRow], passes: dict[str, dict[str, int]]
) -> None:
    """Add a group of rows to its bucket and to the rule that found it."""
    bucket, side = found["bucket"], found["side"]
    row = rows.setdefault(bucket, BucketRow(bucket, label_of(bucket), tone_of(bucket)))
    # What was matched by hand came after the run counted.
    row.counts.setdefault(side, found["count"])
    row.sums[side] = (row.sums.get(side) or Decimal(0)) + found["sum"]
    row.moved -= found["count"]
    if found["pass_name"]:
        passes[found["pass_name"]][side] += found["count"]


def _count_moved(row: BucketRow, *, has_exact: bool) -> None:
    if row.bucket == Bucket.EXACT and not has_exact:
        row.moved = 0
    else:
        row.moved = max(row.moved + sum(row.counts.values()), 0)


def _summed(run: ReconciliationRun, *, has_exact: bool) -> list[dict[str, Any]]:
    items = MatchedItem.objects.filter(channel=run.channel_id, run=run)
    if not has_exact:
        items = items.exclude(bucket=Bucket.EXACT)
    groups = items.order_by().values("bucket", "side", "pass_name")
    rows: Any = groups.annotate(count=Count("item_id"), sum=Sum("amount"))
    return list(rows)


def _sums_exact(run: ReconciliationRun) -> bool:
    rows = run.channel.runs.aggregate(books=Sum("book_count"), others=Sum("statement_count"))
    return (rows["books"] or 0) + (rows["others"] or 0) <= _MOST_SUMMED


def _place(name: str) -> int:
    kinds = list(KINDS)
    kind = name.partition("#")[0]
    return kinds.index(kind) if kind in kinds else len(kinds)


def _failure_text(run: ReconciliationRun) -> str:
    """Return why a run failed; what an unfinished one met so far tells its progress."""
    has_failed = run.state == ReconciliationRun.State.FAILED and run.failure
    return sentence_of(*stored_failure(run.failure)) if has_failed else ""


def _stages(run: ReconciliationRun) -> list[str]:
    kinds = [step["kind"] for step in run.rule_version.passes]
    confirming = [kind for kind in kinds if kind not in SUGGESTIONS]
    return list(dict.fromkeys(["loading", *confirming, "explain", "suggest", "writing"]))


def _left(run: ReconciliationRun, told: dict[str, Any]) -> int | None:
    """Return the seconds that are left if rows cost what they cost in the run before."""
    done = run.channel.runs.exclude(counters={}).exclude(pk=run.pk).first()
    rows, spent = int(told.get("rows", 0)), int(told.get("milliseconds", 0))
    known = int(done.progress.get("rows", 0)) if done else 0
    if done is None or not rows or not known:
        return None
    whole = int(done.progress.get("milliseconds", 0)) * rows // known
    return max(whole - spent, 0) // _MILLISECONDS
