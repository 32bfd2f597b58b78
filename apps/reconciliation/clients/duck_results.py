"""The results of a run as files for COPY: exact pairs, all others, or both together.

Columns: channel, run, side, key, bucket, group, partner, amount, currency, delta, pass, score;
the last three not where exact pairs are alone, since the table knows what they are for these.
Amounts are minor units with an exponent, which PostgreSQL reads exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from apps.reconciliation.clients.duck_load import Connection
from apps.reconciliation.domain.buckets import Side

# One is sent to PostgreSQL while the next one is written; many more would be sorted on disk.
ROWS_IN_FILE = 100_000
TEXT = "(HEADER false, DELIMITER '\t', NULLSTR '\\N')"
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"
_PAIRED = "pk, 'exact' AS bucket, grp, partner, minor || exponent_of(cur) AS amount, cur"
_ENDS = {Side.BOOK: ("b", "r"), Side.STATEMENT: ("r", "b")}
Bounds = tuple[int | None, int | None]


class Share(StrEnum):
    """Which results are written."""

    EXACT = "exact"
    OTHERS = "others"
    ALL = "all"


def result_files(
    duck: Connection, side: Side, share: Share, before: Sequence[int], target: Path, form: str
) -> Iterator[Path]:
    """Write results of a side in the order of its keys, each file when it is asked for.

    `before` are channel and run; `target` begins the names of the files, of about
    ROWS_IN_FILE rows each.
    """
    first = ", ".join(
        f"{int(value)} AS {name}"
        for name, value in zip(("channel", "run"), before, strict=True)
    )

    def rows(between: Bounds) -> str:
        return f"SELECT {first}, '{side}' AS side, * FROM ({_rows(side, share, between)})"  # noqa: S608

    return written(duck, _keys(side, share), rows, target, form)


def written(
    duck: Connection, keys: str, rows: Callable[[Bounds], str], target: Path, form: str = TEXT
) -> Iterator[Path]:
    """Write the `rows` between bounds, in the order of their keys, file by file."""
    for number, between in enumerate(ranges(duck, keys)):
        path = target.with_name(f"{target.name}-{number:04}.out")
        quoted = str(path).replace("'", "''")
        duck.execute(f"COPY ({rows(between)} ORDER BY pk) TO '{quoted}' {form}")
        yield path


def ranges(duck: Connection, rows: str, key: str = "pk") -> list[Bounds]:
    """Return bounds between which a table has about ROWS_IN_FILE keys each."""
    found: Any = duck.execute(f"SELECT count(*) FROM {rows}").fetchone()  # noqa: S608
    parts = found[0] // ROWS_IN_FILE + 1
    if parts == 1:
        return [(None, None)]
    shares = [number / parts for number in range(1, parts)]
    found = duck.execute(f"SELECT approx_quantile({key}, {shares}) FROM {rows}").fetchone()  # noqa: S608
    return [*pairwise([None, *sorted(set(found[0])), None])]


def keys_within(key: str, between: Bounds) -> str:
    """Return SQL for a key above the first bound up to the second one."""
    low, high = between
    bounds = [] if low is None else [f"{key} > {int(low)}"]
    bounds += [] if high is None else [f"{key} <= {int(high)}"]
    return " AND ".join(bounds) or "true"


def _rows(side: Side, share: Share, between: Bounds) -> str:
    if share == Share.EXACT:
        return f"SELECT {_PAIRED} FROM {_exact(side, between)}"  # noqa: S608
    others = _others(side, between)
    if share == Share.OTHERS:
        return others
    said = "'0' || exponent_of(cur) AS delta, 'exact' AS pass, NULL::INTEGER AS score"
    return f"SELECT {_PAIRED}, {said} FROM {_exact(side, between)} UNION ALL {others}"  # noqa: S608


def _exact(side: Side, between: Bounds) -> str:
    end, other = _ENDS[side]
    return (
        f"(SELECT {end} AS pk, b AS grp, {other} AS partner, amount AS minor, cur FROM pairs"  # noqa: S608
        f" WHERE {keys_within(end, between)})"
    )


def _others(side: Side, between: Bounds) -> str:
    return (
        "SELECT pk, bucket, grp, partner, coalesce(amount, 0) || exponent_of(cur) AS amount,"  # noqa: S608
        " cur, delta || exponent_of(cur) AS delta, pass, score"
        f" FROM (SELECT * FROM placed WHERE side = '{side}' AND {keys_within('pk', between)})"
        f" JOIN (SELECT pk, amount, cur FROM {side}) USING (pk)"
    )


def _keys(side: Side, share: Share) -> str:
    """Return SQL for the keys of results, or of about as many."""
    if share == Share.OTHERS:
        return f"(SELECT pk FROM placed WHERE side = '{side}')"  # noqa: S608
    return str(side)
