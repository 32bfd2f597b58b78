"""Which rows a trial of rules is about: those of a run over its days, as if none had been.

    again     rows that no person and no run of before these days matched: rows of the days, in
              whatever bucket the runs over them put them, and open rows of before
    settled   what persons and earlier runs matched: it stays, and others may double it
    prior     duplicates of these that are known

Without a run over the days these are exactly the rows of the next one (services/loading.py).
A side with more than `MOST_ROWS` is cut: its last days take part, and open rows of before all
days that were asked for as far as there is room.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Min

from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.services.loading import (
    Pool,
    count_days,
    newest_marks,
    pool_between,
    write_sample,
    write_settled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from apps.core.snapshots import Snapshot
    from apps.reconciliation.domain.rules import Rules
    from apps.reconciliation.models import RuleTrial

MOST_ROWS = 200_000
_MATCHED = ", ".join(f"'{bucket}'" for bucket in sorted(MATCHED))
_PRIOR = """
SELECT d.side, d.item_id, d.group_id FROM reconciliation_matcheditem d
WHERE d.channel_id = {channel} AND d.bucket = 'duplicate' AND NOT EXISTS (
  SELECT FROM reconciliation_matcheditem m WHERE m.channel_id = {channel}
    AND m.group_id = d.group_id AND m.bucket IN ({matched}) AND NOT {stays})
"""


@dataclass(frozen=True, slots=True)
class TrialPool(Pool):
    """Rows up to the marks; what was matched since `from_on`, but by hand, is open again."""

    from_on: date
    # Rows of before `from_on` take part; other days of before this one do not.
    cut_on: date

    def taking_part(self, side: Side) -> str:
        """Return FROM and WHERE of the rows that a trial matches."""
        settled = (
            f"SELECT FROM reconciliation_matcheditem m WHERE m.channel_id = {self.channel}"
            f" AND m.side = '{side}' AND m.item_id = l.id AND {self.stays}"
        )
        return f"{self.rows(side)} AND NOT EXISTS ({settled})"

    def settled(self, side: Side, since: date) -> str:
        """Return FROM and WHERE of the rows that were matched and stay so, from a day on."""
        return f"{Pool.settled(self, side, since)} AND {self.stays}"

    def rows(self, side: Side) -> str:
        """Return FROM and WHERE of all rows of the days that take part."""
        found = Pool.rows(self, side)
        if self.cut_on == self.from_on:
            return found
        day = self.day(side)
        return f"{found} AND ({day} >= '{self.cut_on}' OR {day} < '{self.from_on}')"

    @property
    def stays(self) -> str:
        """SQL of a result `m` that no run over the days made."""
        return (
            f"(m.bucket IN ({_MATCHED}) AND (m.bucket = 'manual' OR m.run_id IN (SELECT r.id"  # noqa: S608
            f" FROM reconciliation_reconciliationrun r WHERE r.channel_id = {self.channel}"
            f" AND r.to_on < '{self.from_on}')))"
        )

    @property
    def channel(self) -> int:
        """Return the key of the channel."""
        return int(self.facts["channel"])


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that take part, and how many there would be without a limit.

    `older` of the rows are of before the days that were asked for.
    """

    pool: TrialPool
    rows: dict[Side, int]
    all_rows: dict[Side, int]
    older: dict[Side, int]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that took part whole."""
        return self.pool.cut_on, self.pool.to_on

    def write(self, state: Snapshot, trial: RuleTrial, rules: Rules, folder: Path) -> None:
        """Write the files of the engine, without what stays as it is."""
        write_sample(state, trial.channel, self.pool, rules, folder, MOST_ROWS)

    def write_settled(
        self, state: Snapshot, trial: RuleTrial, rules: Rules, folder: Path
    ) -> None:
        """Write what stays as it is, and may be doubled."""
        write_settled(state, trial.channel, self.pool, self.pool.cut_on, rules, folder)

    def prior(self) -> list[Any]:
        """Return known duplicates as a run does: side, key, group."""
        pool = self.pool
        sql = _PRIOR.format(channel=pool.channel, matched=_MATCHED, stays=pool.stays)
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def kept(self) -> list[list[Any]]:
        """Return what of the days stays as it is: side, bucket, currency, count, sum."""
        found: list[list[Any]] = []
        with connection.cursor() as cursor:
            for side in Side:
                rows = self.pool.settled(side, self.pool.cut_on)
                cursor.execute(
                    f"SELECT m.bucket, m.currency, count(*), sum(m.amount) FROM {rows}"  # noqa: S608
                    " GROUP BY 1, 2 ORDER BY 1, 2"
                )
                found += [[side.value, *key, str(total)] for *key, total in cursor.fetchall()]
        return found


def sample_of(trial: RuleTrial) -> Sample:
    """Return what takes part in a trial now; the caller holds a snapshot for what follows."""
    runs = trial.channel.runs.exclude(state__in=("failed", "cancelled"))
    first = runs.aggregate(first=Min("from_on"))["first"] or trial.from_on
    days = (min(first, trial.from_on), trial.to_on)
    pool = pool_between(trial.channel, days, newest_marks())
    whole = TrialPool(pool.facts, *days, from_on=trial.from_on, cut_on=trial.from_on)
    return cut({side: count_days(whole, side) for side in Side}, whole)


def cut(by_day: Mapping[Side, Mapping[date, int]], pool: TrialPool) -> Sample:
    """Return the last days of a pool of which no side has more rows than are tried.

    The last day takes part in any case; open rows of before then get the room that is left.
    """
    all_rows = {side: sum(days.values()) for side, days in by_day.items()}
    older = {
        side: sum(count for day, count in days.items() if day < pool.from_on)
        for side, days in by_day.items()
    }
    rows, first = dict(older), pool.to_on + timedelta(days=1)
    days = {day for days in by_day.values() for day in days if day >= pool.from_on}
    for day in sorted(days, reverse=True):
        more = {side: rows[side] + by_day[side].get(day, 0) for side in Side}
        if first <= pool.to_on and max(more.values()) > MOST_ROWS:
            break
        rows, first = more, day
    if rows == all_rows:
        first = pool.from_on
    newer = {side: rows[side] - older[side] for side in Side}
    taken = {side: min(rows[side], MOST_ROWS) for side in Side}
    return Sample(
        pool=TrialPool(
            pool.facts, pool.first_on, pool.to_on, from_on=pool.from_on, cut_on=first
        ),
        rows=taken,
        all_rows=all_rows,
        older={side: max(taken[side] - newer[side], 0) for side in Side},
    )
