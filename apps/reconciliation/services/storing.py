"""The results of a run, written and proved in the transaction that moves it to review.

Proved before the commit: each side has as many results as rows went in and the same sum for
each currency; a row is in one bucket (primary key); a group has rows on both sides, its
difference is the one that is written, and within what its rule allows. What was reversed is two
rows of one side that come to zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.core.ahead import one_ahead
from apps.core.copying import count_new_rows
from apps.reconciliation.domain.buckets import MATCHED, Bucket, Side
from apps.reconciliation.domain.rules import Kind, Rules
from apps.reconciliation.errors import RunNotProved
from apps.reconciliation.models import MatchedItem, RunOutcome

if TYPE_CHECKING:
    from apps.reconciliation.models import ReconciliationRun
    from apps.reconciliation.services.loading import Pool

# What is sent of exact pairs, and of all others; see clients/duck_results.py.
EXACT = "channel_id, run_id, side, item_id, bucket, group_id, partner_id, amount, currency"
ALL = f"{EXACT}, delta, pass_name, score"
# What the rows of a run are looked for by.
_PLANNED = "channel_id, run_id, side, item_id, bucket, group_id"
_BLOCK, _MANY_BYTES = 1 << 20, 8 << 20
_GROUPED = tuple(sorted(MATCHED - {"exact", "manual"}))
# Beyond exact pairs, which are proved where they are made: that none is wanted is said twice,
# as an index has the others alone. `bound` is in minor units.
_BROKEN_GROUPS = """
SELECT g.group_id FROM (
  SELECT m.group_id, min(m.bucket) AS bucket, count(*) FILTER (WHERE side = 'book') AS ours,
    count(*) FILTER (WHERE side = 'statement') AS theirs,
    sum(amount * CASE side WHEN 'book' THEN -1 ELSE 1 END) AS difference, sum(delta) AS delta,
    sum(amount) FILTER (WHERE side = 'book') AS book, min(f.factor) AS factor
  FROM reconciliation_matcheditem m
  JOIN unnest(%(currencies)s::text[], %(factors)s::bigint[]) AS f(currency, factor)
    ON f.currency = m.currency
  WHERE m.channel_id = %(channel)s AND m.run_id = %(run)s AND m.bucket = ANY(%(grouped)s)
    AND m.bucket <> 'exact'
  GROUP BY m.group_id) g
WHERE CASE bucket WHEN 'reversal' THEN ours * theirs <> 0 OR ours + theirs <> 2
    ELSE ours = 0 OR theirs = 0 END
  OR difference <> delta
  OR abs(delta) * factor > CASE bucket {bounds} ELSE 0 END
LIMIT 5
"""
_TOTALS = """
SELECT side, currency, count(*), sum(amount) FROM reconciliation_matcheditem
WHERE channel_id = %(channel)s AND run_id = %(run)s GROUP BY 1, 2
"""


def replace_open(pool: Pool) -> None:
    """Delete what earlier runs said about the rows that take part."""
    channel = pool.facts["channel"]
    # That no exact pair is wanted is said twice: an index has the others alone.
    earlier = MatchedItem.objects.filter(channel=channel).exclude(bucket__in=MATCHED)
    if not earlier.exclude(bucket=Bucket.EXACT).exists():
        return
    with connection.cursor() as cursor:
        for side in Side:
            cursor.execute(
                "DELETE FROM reconciliation_matcheditem d"  # noqa: S608
                " WHERE d.channel_id = %s AND d.side = %s AND d.bucket <> ALL (%s)"
                " AND d.bucket <> 'exact'"
                f" AND EXISTS (SELECT FROM {pool.rows(side)} AND l.id = d.item_id)",
                [channel, side.value, list(MATCHED)],
            )


class Results:
    """The results of a run on their way into the table, and their digest.

    The digest leaves out which run it was: the same input and rules give the same one.
    """

    def __init__(self, run: ReconciliationRun, tell: Callable[[int], None]) -> None:
        """Begin with nothing; `tell` is told of each block how many results were sent."""
        self._hash, self._tell, self._bytes = hashlib.sha256(), tell, 0
        self._prefix = f"\n{run.channel_id}\t{run.pk}\t".encode()

    def send(self, columns: str, files: Iterator[Path]) -> None:
        """Send files; the next one is made, and taken into the digest, while one is sent."""
        sql = f"COPY reconciliation_matcheditem ({columns}) FROM STDIN"
        with connection.cursor() as cursor:
            for path in one_ahead(self._counted(files)):
                with path.open("rb") as file, cursor.copy(sql) as copy:
                    while block := file.read(_BLOCK):
                        copy.write(block)
                        self._tell(block.count(b"\n"))
                self._bytes += path.stat().st_size
                path.unlink()

    def end(self) -> str:
        """Return the digest when all was sent."""
        if self._bytes > _MANY_BYTES:
            count_new_rows("reconciliation_matcheditem", _PLANNED)
        return self._hash.hexdigest()

    def _counted(self, files: Iterable[Path]) -> Iterator[Path]:
        """Yield files when they are taken into the digest."""
        for path in files:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    whole_lines = b"\n" + block + file.readline()
                    self._hash.update(whole_lines.replace(self._prefix, b"\n")[1:])
            yield path


def keep_outcomes(
    run: ReconciliationRun,
    outcomes: Iterable[tuple[str, str, str, int, int]],
    digits: Mapping[str, int],
) -> None:
    """Keep what the run made of its rows: side, currency, bucket, count, minor units."""
    RunOutcome.objects.bulk_create(
        RunOutcome(
            run=run,
            side=side,
            currency=currency,
            bucket=bucket,
            count=count,
            value=Decimal(total).scaleb(-digits[currency]),
        )
        for side, currency, bucket, count, total in outcomes
    )


def prove(
    run: ReconciliationRun,
    rules: Rules,
    digits: Mapping[str, int],
    inputs: Mapping[tuple[str, str], tuple[int, int]],
) -> None:
    """Compare what was written with what went in.

    Raises:
        RunNotProved: they differ; the transaction must not be committed.
    """
    currencies = sorted({currency for _side, currency in inputs})
    facts: dict[str, Any] = {
        "channel": run.channel_id,
        "run": run.pk,
        "grouped": list(_GROUPED),
        "currencies": currencies,
        "factors": [10 ** digits[currency] for currency in currencies],
    }
    with connection.cursor() as cursor:
        with _one_worker_more(cursor):
            cursor.execute(_TOTALS, facts)
            totals = cursor.fetchall()
        written = {
            (side, cur): (count, int(total * 10 ** digits[cur]))
            for side, cur, count, total in totals
        }
        if written != dict(inputs):
            raise RunNotProved(problem="counts and sums")
        cursor.execute(_BROKEN_GROUPS.format(bounds=_bounds(rules)), facts)
        broken = [str(group) for (group,) in cursor.fetchall()]
    if broken:
        raise RunNotProved(problem=f"groups {', '.join(broken)}")


@contextmanager
def _one_worker_more(cursor: Any) -> Iterator[None]:
    """Read a table with two cores of the database, as the engine has nothing to do."""
    cursor.execute("SHOW max_parallel_workers_per_gather")
    (before,) = cursor.fetchone()
    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 1")
    yield
    cursor.execute(f"SET LOCAL max_parallel_workers_per_gather = {int(before)}")


def _bounds(rules: Rules) -> str:
    """Return, as the arms of a CASE, by how much a group of each bucket may differ at most."""
    arms = []
    for kind in (Kind.GROUP, Kind.TOLERANCE):
        bounds = [_bound(step) for step in rules.passes if step.kind == kind]
        if bounds:
            arms.append(f"WHEN '{kind}' THEN greatest({', '.join(bounds)})")
    return " ".join(arms) or "WHEN '' THEN 0"


def _bound(step: Any) -> str:
    parts = [] if step.absolute is None else [str(int(step.absolute))]
    if step.basis_points is not None:
        parts.append(f"floor(abs(book) * factor * {int(step.basis_points)} / 10000)")
    return f"least({', '.join(parts)})" if parts else str(Decimal(0))
