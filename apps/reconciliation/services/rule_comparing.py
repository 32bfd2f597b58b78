"""What other rules would make of a sample: both are run over the same rows and compared.

The sample is what a run over the days would take, as if none had been: services/rule_sample.py.
What comes of it (`Comparison.facts`):

    rows      {"book": 812, "statement": 809}         what took part
    all       {"book": 812, "statement": 809}         what would without a limit
    older     {"book": 3, "statement": 0}             of the rows: open ones of before the days
    kept      [[side, bucket, currency, rows, sum], …] of the days: matched by hand or before
    days      ["2026-09-01", "2026-09-30"]            the days that took part
    buckets   [[side, bucket, currency, rows before, sum before, rows now, sum now], …]
    changed   31                                      rows that end elsewhere
    changes   [[side, key, bucket before, bucket now, amount, currency], …]

Sums are texts of exact decimals. Of each side the first `SHOWN` changes are kept, by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.core.snapshots import snapshot
from apps.reconciliation.clients.duck import engine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.rules import SUGGESTIONS, Rules
from apps.reconciliation.services.loading import digits_of
from apps.reconciliation.services.rule_sample import Sample, sample_of
from apps.reconciliation.services.scratch import scratch_folder

if TYPE_CHECKING:
    from apps.reconciliation.models import RuleTrial

SHOWN = 100
# Beside a pass for each: exact pairs, what is left explained, suggestions, reading of files.
_OTHER_STAGES = 4
_KEY, _BUCKET, _AMOUNT, _CURRENCY, _COLUMNS = 3, 4, 7, 8, 9
Tell = Callable[[], None]
Files = Mapping[Side, list[Path]]


@dataclass(slots=True)
class Comparison:
    """Buckets of both rules by side and currency, and the rows that end elsewhere."""

    buckets: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    changes: list[list[Any]] = field(default_factory=list)
    changed: int = 0

    def take(self, side: Side, before: Iterable[Path], now: Iterable[Path]) -> None:
        """Add the results of a side by both rules; its first changes are kept."""
        shown = 0
        for one, other in zip(_rows(before), _rows(now), strict=True):
            for place, row in ((0, one), (2, other)):
                key = (side.value, row[_BUCKET], row[_CURRENCY])
                if (sums := self.buckets.get(key)) is None:
                    sums = self.buckets[key] = [0, Decimal(0), 0, Decimal(0)]
                sums[place] += 1
                sums[place + 1] += Decimal(row[_AMOUNT])
            if one[_BUCKET] != other[_BUCKET]:
                self.changed += 1
                shown += 1
                if shown <= SHOWN:
                    self.changes.append(_change(side, one, other))

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
    with scratch_folder(f"rule-trial-{trial.pk}") as folder:
        both = {"active": active, "tried": tried}
        facts, prior = _write(trial, both, folder, tell)
        before, now = (
            _results(trial, rules, folder / name, prior, tell) for name, rules in both.items()
        )
        found = Comparison()
        for side in Side:
            found.take(side, before[side], now[side])
    return found.facts() | facts


def _write(
    trial: RuleTrial, both: Mapping[str, Rules], folder: Path, tell: Tell
) -> tuple[dict[str, Any], list[Any]]:
    """Write the files of both rules, of one state of the database, and say what is in them."""
    written: dict[str, Path] = {}
    with snapshot() as state:
        sample = sample_of(trial)
        for name, rules in both.items():
            (place := folder / name).mkdir()
            # Most rules read the same rows: it takes as long as matching them.
            if same := written.get(rules.book_reference):
                for side in Side:
                    (place / f"{side}.csv").hardlink_to(same / f"{side}.csv")
            else:
                sample.write(state, trial, rules, place)
                written[rules.book_reference] = place
            sample.write_settled(state, trial, rules, place)
            tell()
        return _facts(sample), sample.prior()


def _facts(sample: Sample) -> dict[str, Any]:
    return {
        "days": [day.isoformat() for day in sample.days],
        "rows": {side.value: count for side, count in sample.rows.items()},
        "all": {side.value: count for side, count in sample.all_rows.items()},
        "older": {side.value: count for side, count in sample.older.items()},
        "kept": sample.kept(),
    }


def _results(
    trial: RuleTrial, rules: Rules, folder: Path, prior: list[Any], tell: Tell
) -> Files:
    """Match the files of a folder and return those of the results, in the order of keys."""
    memory = settings.RECONCILIATION_MEMORY_MB
    with engine(folder, rules, digits_of(trial), memory_mb=memory) as duck:
        duck.load(prior=prior)
        duck.run(lambda _stage: tell())
        return {side: list(duck.write(side, (trial.channel_id, 0))) for side in Side}


def _rows(files: Iterable[Path]) -> Iterator[list[str]]:
    for path in files:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield line.split("\t", _COLUMNS)


def _change(side: Side, before: list[str], now: list[str]) -> list[Any]:
    amount = str(Decimal(now[_AMOUNT]))
    return [
        side.value,
        int(now[_KEY]),
        before[_BUCKET],
        now[_BUCKET],
        amount,
        now[_CURRENCY],
    ]
