"""A large run by parts: split by reference, each part for itself, then what all parts left.

    split(…)                             book.csv → book.parts/part=1/*.csv, …
    engine(…, kind=PartitionEngine)      load → run → leave → write both shares: Parquet
    engine(…, kind=FinalEngine)          over all leftovers; writes the results of all parts

The three find together what one engine over all rows finds; tests compare them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from apps.reconciliation.clients.duck import Engine, Prior, Tell
from apps.reconciliation.clients.duck_load import BOOK_COLUMNS, MORE_COLUMNS, Loader, connect
from apps.reconciliation.clients.duck_results import (
    PARQUET,
    Bounds,
    Share,
    keys_within,
    written,
)
from apps.reconciliation.domain.buckets import ORIGINALS, Side
from apps.reconciliation.domain.items import Settled
from apps.reconciliation.domain.partitions import later_passes, local_passes
from apps.reconciliation.domain.rules import Kind, Rules

_CSV = "(FORMAT csv, HEADER false, NULLSTR '\\N'{})"
_ORIGINALS = {
    "side": "VARCHAR",
    "pk": "BIGINT",
    "ref": "VARCHAR",
    "cur": "currency",
    "amount": "BIGINT",
    "on": "DATE",
    "grp": "BIGINT",
}
_DOUBLED = ", ".join(f"'{bucket}'" for bucket in sorted(ORIGINALS))
Facts = dict[str, list[list[Any]]]


def split(
    folder: Path, rules: Rules, digits: Mapping[str, int], parts: int, *, memory_mb: int
) -> None:
    """Cut each file of a folder into `parts` folders by a hash of the reference.

    MD5 is the same on every machine and in every version. Rows without a reference meet nobody
    in a partition; they are spread by currency and amount.
    """
    duck = connect(folder, memory_mb=memory_mb)
    try:
        _Splitter(duck, folder, rules, digits).split(parts)
    finally:
        duck.close()


class _RawLoader(Loader):
    """Reads rows as they stand in the files, as texts."""

    def raw(self, name: str, more: Iterable[str] = ()) -> str:
        """Return SQL for the rows of a file."""
        columns = [*BOOK_COLUMNS, *(MORE_COLUMNS if name == Side.STATEMENT else ()), *more]
        return self._file(name, dict.fromkeys(columns, "VARCHAR") | {"pk": "BIGINT"})


class _Splitter(_RawLoader):
    def split(self, parts: int) -> None:
        """Write the folders of all files."""
        for side in Side:
            for name, more in ((side.value, ()), (f"settled_{side}", ("grp",))):
                if (self._folder / f"{name}.csv").exists():
                    self._split(side, name, more, parts)

    def _split(self, side: Side, name: str, more: tuple[str, ...], parts: int) -> None:
        key = f"coalesce(nullif({self._reference(side)}, ''), concat_ws(' ', cur, amount))"
        part = f"('0x' || left(md5({key}), 15))::BIGINT % {int(parts)} + 1"
        path = str(self._folder / f"{name}.parts").replace("'", "''")
        self._duck.execute(
            f"COPY (SELECT *, {part} AS part FROM {self.raw(name, more)})"  # noqa: S608
            f" TO '{path}' {_CSV.format(', PARTITION_BY (part)')}"
        )


class PartitionEngine(Engine):
    """The passes that find in a part what they would find among all rows."""

    LOADER = _RawLoader
    FORMAT = PARQUET

    def go_on(self, tell: Tell = lambda _stage: None) -> None:
        """Do the first of the other passes, those whose key holds the reference."""
        self._open()
        self._confirm(local_passes(self._rules), tell)

    def leave(self) -> Facts:
        """Write what is open to `open_{side}.csv`, take it out, and return what is known.

        A later pass for duplicates finds the matched rows that an open one may double in
        `originals.csv`.
        """
        totals = self.totals()
        if any(step.kind == Kind.DUPLICATE for step in later_passes(self._rules)):
            self._leave_originals()
        for side in Side:
            rows = self._loader.raw(side.value)  # type: ignore[attr-defined]  # LOADER
            self._copy(f"SELECT * FROM {rows} SEMI JOIN open_{side} USING (pk)", f"open_{side}")  # noqa: S608
            self._duck.execute(f"DELETE FROM {side} WHERE pk IN (SELECT pk FROM open_{side})")  # noqa: S608
        return {
            "totals": [[*key, *found] for key, found in totals.items()],
            "counts": [
                [side, bucket, count]
                for side, buckets in self.counts().items()
                for bucket, count in buckets.items()
            ],
            "outcomes": [list(row) for row in self.outcomes()],
        }

    def _leave_originals(self) -> None:
        key = "(ref, cur, amount)"
        parts = [
            f"""
            SELECT '{side}' AS side, s.pk, ref, cur, amount, "on", found.grp FROM {side} s
              JOIN (SELECT {end} AS pk, b AS grp FROM pairs UNION ALL
                SELECT pk, grp FROM placed
                WHERE side = '{side}' AND bucket IN ({_DOUBLED})) found ON found.pk = s.pk
              SEMI JOIN open_{side} USING {key}
            UNION ALL
            SELECT side, pk, ref, cur, amount, "on", grp
              FROM (SELECT * FROM settled WHERE side = '{side}') s
              SEMI JOIN open_{side} USING {key}
            """  # noqa: S608
            for side, end in ((Side.BOOK, "b"), (Side.STATEMENT, "r"))
        ]
        self._copy(" UNION ALL ".join(parts), "originals")

    def _copy(self, sql: str, name: str) -> None:
        path = str(self._folder / f"{name}.csv").replace("'", "''")
        self._duck.execute(f"COPY ({sql}) TO '{path}' {_CSV.format('')}")


class _FinalLoader(Loader):
    def load_settled(self, side: Side) -> None:
        """Add to `settled` the originals that partitions left."""
        if (self._folder / "originals.csv").exists():
            self._duck.execute(
                "INSERT INTO settled"  # noqa: S608
                f" SELECT * FROM {self._file('originals', _ORIGINALS)} WHERE side = '{side}'"
            )


class FinalEngine(Engine):
    """The other passes over all leftovers; writes what partitions found as well.

    Results of partitions are `done-*-{side}-{share}-*.out` in its folder.
    """

    LOADER = _FinalLoader
    FORMAT = PARQUET
    facts: Sequence[Facts] = ()

    def load(self, settled: Iterable[Settled] = (), prior: Prior = ()) -> dict[Side, int]:
        """Read the leftovers and return how many rows the whole run has."""
        super().load(settled, prior)
        counts = dict.fromkeys(Side, 0)
        for (side, _currency), (count, _total) in self.totals().items():
            counts[Side(side)] += count
        return counts

    def go_on(self, tell: Tell = lambda _stage: None) -> None:
        """Do the passes that need all rows; there is nothing equal any more."""
        self._open()
        self._confirm(later_passes(self._rules), tell)
        self._end(tell)

    def totals(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return count and sum of each side and currency, of what all partitions read."""
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for facts in self.facts:
            for side, currency, count, total in facts["totals"]:
                rows, units = sums.get((side, currency), (0, 0))
                sums[side, currency] = (rows + count, units + total)
        return sums

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows each bucket has, of all partitions and of the leftovers."""
        found = super().counts()
        for facts in self.facts:
            for side, bucket, count in facts["counts"]:
                found[side][bucket] = found[side].get(bucket, 0) + count
        return found

    def outcomes(self) -> list[tuple[str, str, str, int, int]]:
        """Return outcomes of all partitions and of the leftovers."""
        rows: list[Any] = [*super().outcomes()]
        rows += [row for facts in self.facts for row in facts["outcomes"]]
        counts: Counter[tuple[str, str, str]] = Counter()
        values: Counter[tuple[str, str, str]] = Counter()
        for side, currency, bucket, count, value in rows:
            counts[side, currency, bucket] += count
            values[side, currency, bucket] += value
        return [(*key, count, values[key]) for key, count in sorted(counts.items())]

    def write_exact(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write the exact pairs, all of which partitions found."""
        return self._merged(side, Share.EXACT, super().write_exact(side, before))

    def write_others(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write all other results, of partitions and of the leftovers."""
        return self._merged(side, Share.OTHERS, super().write_others(side, before))

    def _merged(self, side: Side, share: Share, own: Iterable[Path]) -> Iterator[Path]:
        """Write what files have, in the order of keys.

        Each of them is in that order, so that a range of keys is read from few of its blocks.
        """
        files = [*own, *self._folder.glob(f"done-*-{side}-{share}-*.out")]
        names = ", ".join("'{}'".format(str(path).replace("'", "''")) for path in files)
        found = f"read_parquet([{names}])"

        def rows(between: Bounds) -> str:
            return f"SELECT * FROM {found} WHERE {keys_within('pk', between)}"  # noqa: S608

        target = self._folder / f"all-{side}-{share}"
        yield from written(self._duck.cursor(), found, rows, target)
