"""The batch engine: DuckDB inside the worker, with bounded memory and no access outside.

    with engine(folder, rules, digits) as duck:   # reads book.csv and statement.csv
        duck.load()  →  duck.run()  →  duck.prove()  →  duck.write(side, …)

It finds what domain/matcher.py finds; tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from apps.reconciliation.clients import duck_explain, duck_passes
from apps.reconciliation.clients.duck_load import Loader, connect
from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.items import Item, Placed, Settled
from apps.reconciliation.domain.rules import SUGGESTIONS, Pass, Rules
from apps.reconciliation.domain.suggestions import MOST_ROWS, suggest

MEMORY_MB = 160
# One is sent to PostgreSQL while the next one is written.
ROWS_IN_FILE = 250_000
Tell = Callable[[str], None]
# A row of the books → the group that it doubled when an earlier run looked.
Prior = Sequence[tuple[str, int, int]]


class Engine:
    """One run over two files."""

    LOADER = Loader
    # How results are written: as text for COPY.
    FORMAT = "(HEADER false, DELIMITER '\t', NULLSTR '\\N')"

    def __init__(self, duck: Any, loader: Loader, folder: Path, rules: Rules) -> None:
        """Keep what the stages share."""
        self._duck, self._loader, self._folder, self._rules = duck, loader, folder, rules

    def load(self, settled: Iterable[Settled] = (), prior: Prior = ()) -> dict[Side, int]:
        """Read both files; others may double `settled` rows, `prior` are known duplicates."""
        duck = self._duck
        duck.execute(
            "CREATE TABLE settled (side VARCHAR, pk BIGINT, ref VARCHAR, cur VARCHAR,"
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
        self._begin(tell)
        self._confirm(self._rules.passes, tell)
        self._end(tell)

    def _begin(self, tell: Tell) -> None:
        """Pair what is equal and see what is open."""
        tell("exact")
        duck_passes.exact(self._duck)
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
        checks = {
            "a row in two pairs": "SELECT 1 FROM pairs GROUP BY b HAVING count(*) > 1"
            " UNION ALL SELECT 1 FROM pairs GROUP BY r HAVING count(*) > 1",
            "an exact pair that is not equal": "SELECT 1 FROM pairs p JOIN book b ON b.pk = p.b"
            ' JOIN statement s ON s.pk = p.r WHERE (b.ref, b.cur, b.amount, b."on")'
            ' IS DISTINCT FROM (s.ref, s.cur, s.amount, s."on")',
        }
        return [name for name, sql in checks.items() if self._duck.execute(sql).fetchone()]

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
        exact = " UNION ALL ".join(
            f"SELECT '{side}', cur, 'exact', {value} FROM {side}"  # noqa: S608
            f" WHERE pk IN (SELECT {end} FROM pairs) GROUP BY cur"
            for side, end in ((Side.BOOK, "b"), (Side.STATEMENT, "r"))
        )
        others = " UNION ALL ".join(
            f"SELECT '{side}', cur, bucket, {value} FROM placed p JOIN {side} USING (pk)"  # noqa: S608
            f" WHERE p.side = '{side}' GROUP BY cur, bucket"
            for side in Side
        )
        rows = self._duck.execute(f"{exact} UNION ALL {others} ORDER BY ALL").fetchall()
        return [(*key, count, int(total)) for *key, count, total in rows]

    def write(self, side: Side, before: Sequence[int]) -> Iterator[Path]:
        """Write the results of a side in the order of its keys, as text for COPY.

        Columns: the `before` values (channel and run), side, key, bucket, group, partner,
        amount, currency, delta, pass, score. Amounts are written as minor units with an
        exponent, which PostgreSQL reads exactly. A file is written when it is asked for and
        has about ROWS_IN_FILE rows: many more would be sorted on disk. Two threads may write
        a side each.
        """
        ends = self._ends(side.value)
        for number, between in enumerate(pairwise([None, *ends, None])):
            yield self._write_part(side, before, number, between)

    def _ends(self, rows_of: str) -> list[int]:
        """Return keys that cut a table into parts of about the same size."""
        duck = self._duck.cursor()
        rows: Any = duck.execute(f"SELECT count(*) FROM {rows_of}").fetchone()  # noqa: S608
        parts = rows[0] // ROWS_IN_FILE + 1
        if parts == 1:
            return []
        shares = [number / parts for number in range(1, parts)]
        found: Any = duck.execute(
            f"SELECT approx_quantile(pk, {shares}) FROM {rows_of}"  # noqa: S608
        ).fetchone()
        return sorted(set(found[0]))

    def _write_part(
        self,
        side: Side,
        before: Sequence[int],
        number: int,
        between: tuple[int | None, int | None],
    ) -> Path:
        """Write the rows with keys above the first bound up to the second one."""
        end, other, grp = ("b", "r", "p.b") if side == Side.BOOK else ("r", "b", "p.b")
        channel, run = (int(value) for value in before)
        path = self._folder / f"{side}-{number:04}.out"
        digits = "'e-' || (length(d.factor::VARCHAR) - 1)"

        def within(key: str) -> str:
            return keys_within(key, between)

        self._duck.cursor().execute(
            f"""
            COPY (SELECT {channel} AS channel, {run} AS run, '{side}' AS side, s.pk,
                coalesce(q.bucket, 'exact') AS bucket, coalesce(q.grp, {grp}) AS grp,
                coalesce(q.partner, p.{other}) AS partner,
                coalesce(s.amount, 0) || {digits} AS amount, s.cur,
                coalesce(q.delta, 0) || {digits} AS delta,
                coalesce(q.pass, 'exact') AS pass, q.score
              FROM (SELECT * FROM {side} WHERE {within("pk")}) s JOIN digits d USING (cur)
              LEFT JOIN (SELECT * FROM pairs WHERE {within(end)}) p ON p.{end} = s.pk
              LEFT JOIN (SELECT * FROM placed WHERE side = '{side}' AND {within("pk")}) q
                ON q.pk = s.pk
              ORDER BY s.pk)
            TO '{str(path).replace("'", "''")}' {self.FORMAT}
            """  # noqa: S608
        )
        return path

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
            f'SELECT pk, ref, s.cur, s.amount, s."on", text, party, batch, fee, gross,'  # noqa: S608
            f" gross_cur FROM {side} s JOIN more_{side} USING (pk)"
            f" WHERE pk IN (SELECT pk FROM open_{side}) ORDER BY pk LIMIT {MOST_ROWS + 1}"
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


def keys_within(key: str, between: tuple[int | None, int | None]) -> str:
    """Return SQL for a key above the first bound up to the second one."""
    low, high = between
    bounds = [] if low is None else [f"{key} > {int(low)}"]
    bounds += [] if high is None else [f"{key} <= {int(high)}"]
    return " AND ".join(bounds) or "true"


def _placed(row: tuple[Any, ...]) -> Placed:
    side, pk, bucket, *more = row
    return Placed(Side(side), pk, Bucket(bucket), *more)
