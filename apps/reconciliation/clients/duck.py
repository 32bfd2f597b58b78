"""The batch engine: DuckDB inside the worker, with bounded memory and no access outside.

    with engine(folder, rules, digits) as duck:   # reads book.csv and statement.csv
        duck.load()  →  duck.run()  →  duck.prove()  →  duck.write(side, …)

`run` is `begin`, which finds exact pairs, and `go_on`, which does the rest: exact pairs may be
written by another thread meanwhile. It finds what domain/matcher.py finds; tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from apps.reconciliation.clients import duck_explain, duck_passes, duck_results
from apps.reconciliation.clients.duck_load import Loader, connect
from apps.reconciliation.clients.duck_proof import wrong_pairs
from apps.reconciliation.clients.duck_results import Share, result_files
from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.items import Item, Placed, Settled
from apps.reconciliation.domain.rules import SUGGESTIONS, Pass, Rules
from apps.reconciliation.domain.suggestions import MOST_ROWS, suggest

MEMORY_MB = 208
Tell = Callable[[str], None]
# A row of the books → the group that it doubled when an earlier run looked.
Prior = Sequence[tuple[str, int, int]]


class Engine:
    """One run over two files."""

    LOADER = Loader
    # How results are written.
    FORMAT = duck_results.TEXT

    def __init__(self, duck: Any, loader: Loader, folder: Path, rules: Rules) -> None:
        """Keep what the stages share."""
        self._duck, self._loader, self._folder, self._rules = duck, loader, folder, rules

    def load(self, settled: Iterable[Settled] = (), prior: Prior = ()) -> dict[Side, int]:
        """Read both files; others may double `settled` rows, `prior` are known duplicates."""
        duck = self._duck
        duck.execute(
            "CREATE TABLE settled (side VARCHAR, pk BIGINT, ref VARCHAR, cur currency,"
            ' amount BIGINT, "on" DATE, grp BIGINT)'
        )
        duck.execute("CREATE TABLE prior (side VARCHAR, pk BIGINT, grp BIGINT)")
        rows = [
            (s.side.value, s.pk, s.reference, s.currency, s.amount, s.on, s.group_id)
            for s in settled
        ]
        if rows:
            duck.executemany("INSERT INTO settled VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        if prior:
            duck.executemany("INSERT INTO prior VALUES (?, ?, ?)", list(prior))
        for side in Side:
            self._loader.load_settled(side)
        counts = {side: self._loader.load(side) for side in Side}
        self._loader.calendar(self._rules.calendar)
        return counts

    def run(self, tell: Tell = lambda _stage: None) -> None:
        """Do all passes in order, telling the name of each before it begins."""
        tell("exact")
        self.begin()
        self.go_on(tell)

    def begin(self) -> None:
        """Pair what is equal."""
        duck_passes.exact(self._duck)

    def left(self) -> int:
        """Return how many rows exact pairs have left."""
        found: Any = self._duck.execute(
            "SELECT (SELECT count(*) FROM book) + (SELECT count(*) FROM statement)"
            " - 2 * (SELECT count(*) FROM pairs)"
        ).fetchone()
        return int(found[0])

    def go_on(self, tell: Tell = lambda _stage: None) -> None:
        """Do all other passes."""
        self._open()
        self._confirm(self._rules.passes, tell)
        self._end(tell)

    def _open(self) -> None:
        """See what is open, and what is known of it."""
        duck_passes.open_what_is_left(self._duck)
        for side in Side:
            self._loader.extras(side)

    def _confirm(self, steps: Iterable[Pass], tell: Tell) -> None:
        """Do the passes that confirm by themselves."""
        passes = duck_passes.Passes(self._duck)
        for step in steps:
            if step.kind not in SUGGESTIONS:
                tell(step.kind)
                passes.run(step)

    def _end(self, tell: Tell) -> None:
        """Explain what is left and suggest for the rest."""
        tell("explain")
        duck_explain.explain(self._duck)
        duck_passes.close_what_is_placed(self._duck)
        tell("suggest")
        self._suggest()

    def prove(self) -> list[str]:
        """Return what is wrong with exact pairs; nothing is a proof."""
        return wrong_pairs(self._duck)

    def totals(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return count and sum of minor units for each side and currency, of the input."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for side in Side:
            rows = self._duck.execute(
                f"SELECT cur, count(*), coalesce(sum(amount), 0) FROM {side} GROUP BY cur"  # noqa: S608
            ).fetchall()
            found |= {(side.value, cur): (count, int(total)) for cur, count, total in rows}
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows each bucket has, by side."""
        rows = self._duck.execute(
            "SELECT side, bucket, count(*) FROM placed GROUP BY ALL UNION ALL"
            " SELECT 'book', 'exact', count(*) FROM pairs UNION ALL"
            " SELECT 'statement', 'exact', count(*) FROM pairs"
        ).fetchall()
        found: dict[str, dict[str, int]] = {side.value: {} for side in Side}
        for side, bucket, count in rows:
            if count:
                found[side][bucket] = count
        return found

    def outcomes(self) -> list[tuple[str, str, str, int, int]]:
        """Return side, currency, bucket, count and sum of minor units without signs."""
        value = "count(*), coalesce(sum(abs(amount)), 0)"
        # Both rows of a pair are of its amount and currency: that is proved.
        exact = (
            f"SELECT unnest({[side.value for side in Side]}) AS side, sums.* FROM"  # noqa: S608
            f" (SELECT cur, 'exact' AS bucket, {value} FROM pairs GROUP BY cur) sums"
        )
        others = " UNION ALL ".join(
            f"SELECT '{side}', cur, bucket, {value} FROM placed p JOIN {side} USING (pk)"  # noqa: S608
            f" WHERE p.side = '{side}' GROUP BY cur, bucket"
            for side in Side
        )
        rows = self._duck.execute(f"{exact} UNION ALL {others} ORDER BY ALL").fetchall()
        return [(*key, count, int(total)) for *key, count, total in rows]

    def write(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write the results of a side in the order of its keys; see duck_results.py.

        Two threads may write a side each.
        """
        return self._write(side, Share.ALL, before)

    def write_exact(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write the exact pairs alone, which are known when `begin` is done."""
        return self._write(side, Share.EXACT, before)

    def write_others(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write all results but the exact pairs."""
        return self._write(side, Share.OTHERS, before)

    def _write(self, side: Side, share: Share, before: Sequence[int]) -> Iterator[Path]:
        target = self._folder / f"{side}-{share}"
        return result_files(self._duck.cursor(), side, share, before, target, self.FORMAT)

    def placed(self) -> list[Placed]:
        """Return all results as the reference matcher does; for tests and samples."""
        rows = self._duck.execute(
            "SELECT side, pk, bucket, grp, partner, delta, pass, score FROM placed UNION ALL"
            " SELECT 'book', b, 'exact', b, r, 0, 'exact', NULL FROM pairs UNION ALL"
            " SELECT 'statement', r, 'exact', b, b, 0, 'exact', NULL FROM pairs"
        ).fetchall()
        return sorted((_placed(row) for row in rows), key=lambda row: (row.side, row.pk))

    def _suggest(self) -> None:
        """Suggest for what is left by the domain's own code: it is little."""
        steps = [step for step in self._rules.passes if step.kind in SUGGESTIONS]
        book, statement = (self._left(side) for side in Side) if steps else ([], [])
        if not steps or len(book) + len(statement) > MOST_ROWS:
            self._duck.execute(duck_explain.MISSING)
            return
        rows = [
            (p.side, p.pk, p.bucket, p.group_id, p.partner_id, p.delta, p.pass_name, p.score)
            for p in suggest(book, statement, self._rules)
        ]
        if rows:
            path = self._folder / "suggestions.csv"
            path.write_text(
                "".join(
                    ",".join(r"\N" if value is None else str(value) for value in row) + "\n"
                    for row in rows
                )
            )
            self._duck.execute(f"COPY placed FROM '{path}' (HEADER false, NULLSTR '\\N')")

    def _left(self, side: Side) -> list[Item]:
        rows = self._duck.execute(
            'SELECT pk, ref, cur, amount, "on", text, party, batch, fee, gross, gross_cur'  # noqa: S608
            f" FROM open_{side} JOIN more_{side} USING (pk) ORDER BY pk LIMIT {MOST_ROWS + 1}"
        ).fetchall()
        return [Item(*row) for row in rows]


Sort = TypeVar("Sort", bound=Engine)


@contextmanager
def engine_of(
    kind: type[Sort],
    folder: Path,
    rules: Rules,
    digits: Mapping[str, int],
    *,
    memory_mb: int = MEMORY_MB,
) -> Iterator[Sort]:
    """Give an engine over the files of a folder; what it holds ends with the block."""
    duck = connect(folder, memory_mb=memory_mb)
    try:
        yield kind(duck, kind.LOADER(duck, folder, rules, digits), folder, rules)
    finally:
        duck.close()


engine = partial(engine_of, Engine)


def _placed(row: tuple[Any, ...]) -> Placed:
    side, pk, bucket, *more = row
    return Placed(Side(side), pk, Bucket(bucket), *more)
