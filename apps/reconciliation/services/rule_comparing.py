"""What other rules would make of a sample: both are run over the same rows and compared.

The sample is all rows of a channel on some days, in whatever bucket they are: what is matched
already is matched anew. A side with more rows than `MOST_ROWS` is cut to the last days that
fit. What comes of it (`Comparison.facts`):

    rows      {"book": 812, "statement": 809}         what took part
    all       {"book": 812, "statement": 809}         what the days have
    days      ["2026-09-01", "2026-09-30"]            the days that took part
    buckets   [[side, bucket, currency, rows before, sum before, rows now, sum now], …]
    changed   31                                      rows that end elsewhere
    changes   [[side, key, bucket before, bucket now, amount, currency], …]

Sums are texts of exact decimals. Of each side the first `SHOWN` changes are kept, by key.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.core.snapshots import snapshot
from apps.reconciliation.clients.duck import engine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.rules import SUGGESTIONS, Rules
from apps.reconciliation.services.loading import (
    Pool,
    count_days,
    digits_of,
    newest_marks,
    pool_between,
    write_sample,
)

if TYPE_CHECKING:
    from apps.reconciliation.models import RuleTrial

MOST_ROWS = 200_000
SHOWN = 100
# Beside a pass for each: exact pairs, what is left explained, suggestions, reading of files.
_OTHER_STAGES = 4
_KEY, _BUCKET, _AMOUNT, _CURRENCY = 3, 4, 7, 8
Tell = Callable[[], None]
Files = Mapping[Side, list[Path]]


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that take part, and how many the days have that were asked for."""

    pool: Pool
    rows: dict[Side, int]
    all_rows: dict[Side, int]


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a row ended."""

    key: int
    bucket: str
    amount: str
    currency: str


@dataclass(slots=True)
class Comparison:
    """Buckets of both rules by side and currency, and the rows that end elsewhere."""

    buckets: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    changes: list[list[Any]] = field(default_factory=list)
    changed: int = 0

    def take(self, side: Side, before: Ended, now: Ended) -> None:
        """Add a row; the side's first changes are kept."""
        for place, ended in ((0, before), (2, now)):
            key = (side.value, ended.bucket, ended.currency)
            sums = self.buckets.setdefault(key, [0, Decimal(0), 0, Decimal(0)])
            sums[place] += 1
            sums[place + 1] += Decimal(ended.amount)
        if before.bucket != now.bucket:
            self.changed += 1
            if sum(change[0] == side for change in self.changes) < SHOWN:
                amount = str(Decimal(now.amount))
                self.changes.append(
                    [side.value, now.key, before.bucket, now.bucket, amount, now.currency]
                )

    def facts(self) -> dict[str, Any]:
        """Return what is stored."""
        buckets = [
            [*key, one, str(one_sum), two, str(two_sum)]
            for key, (one, one_sum, two, two_sum) in sorted(self.buckets.items())
        ]
        return {"buckets": buckets, "changed": self.changed, "changes": self.changes}


def stages_of(rules: Iterable[Rules]) -> int:
    """Return how often `tell` is called while rules are compared."""
    confirming = [step for one in rules for step in one.passes if step.kind not in SUGGESTIONS]
    return len(confirming) + 2 * _OTHER_STAGES


def compare_rules(trial: RuleTrial, active: Rules, tried: Rules, tell: Tell) -> dict[str, Any]:
    """Run both rules over the trial's sample and return what differs."""
    folder = _folder_of(trial)
    try:
        sample = _write(trial, {"active": active, "tried": tried}, folder, tell)
        before, now = (
            _results(trial, rules, folder / name, tell)
            for name, rules in (("active", active), ("tried", tried))
        )
        found = Comparison()
        for side in Side:
            for one, other in zip(_ended(before[side]), _ended(now[side]), strict=True):
                found.take(side, one, other)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    days = (sample.pool.first_on, sample.pool.to_on)
    return found.facts() | {
        "days": [day.isoformat() for day in days],
        "rows": {side.value: count for side, count in sample.rows.items()},
        "all": {side.value: count for side, count in sample.all_rows.items()},
    }


def sample_of(pool: Pool) -> Sample:
    """Return the last days of a pool of which no side has more rows than are tried.

    The last day takes part in any case; of too many rows those with the lowest keys.
    """
    by_day = {side: count_days(pool, side) for side in Side}
    all_rows = {side: sum(days.values()) for side, days in by_day.items()}
    rows, first = dict.fromkeys(Side, 0), pool.first_on
    for day in sorted({day for days in by_day.values() for day in days}, reverse=True):
        more = {side: rows[side] + by_day[side].get(day, 0) for side in Side}
        if any(rows.values()) and max(more.values()) > MOST_ROWS:
            break
        rows, first = {side: min(count, MOST_ROWS) for side, count in more.items()}, day
    if rows == all_rows:
        first = pool.first_on
    return Sample(Pool(pool.facts, first, pool.to_on), rows, all_rows)


def _write(trial: RuleTrial, both: Mapping[str, Rules], folder: Path, tell: Tell) -> Sample:
    """Write the files of both rules, of one state of the database."""
    days: tuple[date, date] = (trial.from_on, trial.to_on)
    pool = pool_between(trial.channel, days, newest_marks())
    with snapshot():
        sample = sample_of(pool)
        for name, rules in both.items():
            (folder / name).mkdir()
            write_sample(trial.channel, sample.pool, rules, folder / name, MOST_ROWS)
    for _rules in both:
        tell()
    return sample


def _results(trial: RuleTrial, rules: Rules, folder: Path, tell: Tell) -> Files:
    """Match the files of a folder and return those of the results, in the order of keys."""
    memory = settings.RECONCILIATION_MEMORY_MB
    with engine(folder, rules, digits_of(trial), memory_mb=memory) as duck:
        duck.load()
        duck.run(lambda _stage: tell())
        return {side: list(duck.write(side, (trial.channel_id, 0))) for side in Side}


def _ended(files: Iterable[Path]) -> Iterator[Ended]:
    for path in files:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                row = line.split("\t")
                yield Ended(int(row[_KEY]), row[_BUCKET], row[_AMOUNT], row[_CURRENCY])


def _folder_of(trial: RuleTrial) -> Path:
    """Return a new folder, and clear away what killed workers left of the same trial."""
    scratch = Path(settings.RECONCILIATION_SCRATCH)
    scratch.mkdir(parents=True, exist_ok=True)
    prefix = f"rule-trial-{trial.pk}-"
    for left in scratch.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=prefix, dir=scratch))
