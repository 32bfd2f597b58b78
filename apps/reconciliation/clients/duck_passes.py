"""The passes of the rules as SQL over sets; domain/matcher.py says what each means.

    book, statement            all rows of a side: pk, ref, cur, amount, on, h
    pairs                      exact pairs: b, r, and what both are: amount, cur
    open_book, open_statement  what no pass has taken yet, with the number of its day
    placed                     all others: side, pk, bucket, grp, partner, delta, pass, score

Values come from checked rules as whole numbers or are bound; no text of a user is ever SQL.
"""

from __future__ import annotations

from typing import Any

from apps.reconciliation.clients.duck_load import Connection
from apps.reconciliation.domain.buckets import ORIGINALS, Bucket, Side
from apps.reconciliation.domain.rules import MOST_PAIRS, Kind, Pass

_FULL = "ref, cur, amount"
_ORIGINALS = ", ".join(f"'{bucket}'" for bucket in sorted(ORIGINALS))


def exact(duck: Connection) -> None:
    """Pair what is equal. Keys that come once on their side, nearly all, are simply joined."""
    duck.execute(
        "CREATE TABLE twins AS SELECT h FROM book GROUP BY h HAVING count(*) > 1"
        " UNION SELECT h FROM statement GROUP BY h HAVING count(*) > 1"
    )
    on = " AND ".join(f"b.{name} = r.{name}" for name in ("h", "ref", "cur", "amount", '"on"'))
    clean = "h NOT IN (SELECT h FROM twins) AND ref <> '' AND amount IS NOT NULL"
    duck.execute(
        "CREATE TABLE pairs AS SELECT b.pk AS b, r.pk AS r, b.amount, b.cur"  # noqa: S608
        f" FROM (SELECT * FROM book WHERE {clean}) b"
        f" JOIN (SELECT * FROM statement WHERE {clean}) r ON {on}"
    )
    numbered = (
        '(SELECT *, row_number() OVER (PARTITION BY ref, cur, amount, "on" ORDER BY pk) AS n'
        " FROM {} WHERE h IN (SELECT h FROM twins) AND ref <> '' AND amount IS NOT NULL)"
    )
    duck.execute(
        f"INSERT INTO pairs SELECT b.pk, r.pk, b.amount, b.cur FROM {numbered.format('book')} b"  # noqa: S608
        f" JOIN {numbered.format('statement')} r ON {on} AND b.n = r.n"
    )


def open_what_is_left(duck: Connection) -> None:
    """Make the tables that the other passes work on."""
    for side, end in ((Side.BOOK, "b"), (Side.STATEMENT, "r")):
        duck.execute(
            f'CREATE TABLE open_{side} AS SELECT s.pk, ref, cur, amount, "on", day, h'  # noqa: S608
            f' FROM {side} s JOIN days USING ("on")'
            f" ANTI JOIN (SELECT {end} AS pk FROM pairs) p ON s.pk = p.pk"
        )
    duck.execute(
        "CREATE TABLE placed (side VARCHAR, pk BIGINT, bucket VARCHAR, grp BIGINT,"
        " partner BIGINT, delta BIGINT, pass VARCHAR, score INTEGER)"
    )
    duck.execute(
        "INSERT INTO placed SELECT 'statement', pk, 'invalid', NULL, NULL, 0, '', NULL"
        " FROM open_statement WHERE amount IS NULL"
    )
    close_what_is_placed(duck)


class Passes:
    """The passes after the exact one."""

    def __init__(self, duck: Connection) -> None:
        """Work on one database."""
        self._duck = duck

    def run(self, step: Pass) -> None:
        """Do one pass."""
        {
            Kind.EXACT: self._nothing,
            Kind.DATE: self._date,
            Kind.REVERSAL: self._reversal,
            Kind.DUPLICATE: self._duplicate,
            Kind.GROUP: self._group,
            Kind.TOLERANCE: self._tolerance,
            Kind.TEXTREF: self._textref,
        }[step.kind](step)
        close_what_is_placed(self._duck)

    def _nothing(self, step: Pass) -> None:
        """Do what an exact pass does again: later ones find nothing new."""

    def _date(self, step: Pass) -> None:
        numbered = (
            f"(SELECT *, row_number() OVER (PARTITION BY {_FULL}, day ORDER BY pk) AS n"  # noqa: S608
            " FROM open_{} WHERE ref <> '')"
        )
        for distance in range(step.days + 1):
            for shift in sorted({distance, -distance}, reverse=True):
                self._keep_pairs(
                    f"SELECT b.pk AS b, r.pk AS r, 0 AS delta"  # noqa: S608
                    f" FROM {numbered.format('book')} b"
                    f" JOIN {numbered.format('statement')} r USING ({_FULL}, n)"
                    f" WHERE r.day = b.day + {shift}",
                    Bucket.DATE,
                )

    def _reversal(self, step: Pass) -> None:
        for side, sign in ((Side.BOOK, ""), (Side.STATEMENT, "-")):
            self._duck.execute(
                f"""
                INSERT INTO placed
                WITH twos AS (
                  SELECT ref, cur, abs(amount) AS size, {sign}min(pk) AS grp
                    FROM open_{side} WHERE ref <> '' AND amount <> 0 GROUP BY 1, 2, 3
                    HAVING count(*) = 2 AND sum(amount) = 0
                      AND max(day) - min(day) <= {step.days})
                SELECT '{side}', o.pk, 'reversal', grp, NULL, 0, 'reversal', NULL
                  FROM open_{side} o JOIN twos t
                  ON o.ref = t.ref AND o.cur = t.cur AND abs(o.amount) = t.size
                """  # noqa: S608
            )

    def _duplicate(self, step: Pass) -> None:
        for side, end in ((Side.BOOK, "b"), (Side.STATEMENT, "r")):
            self._duck.execute(
                f"""
                INSERT INTO placed
                WITH keys AS (SELECT DISTINCT {_FULL} FROM open_{side} WHERE ref <> ''),
                matched AS (
                  SELECT {_FULL}, day, s.pk, p.b AS grp
                    FROM {side} s JOIN keys USING ({_FULL}) JOIN days USING ("on")
                    JOIN pairs p ON p.{end} = s.pk
                  UNION ALL
                  SELECT {_FULL}, day, s.pk, p.grp
                    FROM {side} s JOIN keys USING ({_FULL}) JOIN days USING ("on")
                    JOIN placed p ON p.pk = s.pk AND p.side = '{side}'
                      AND p.bucket IN ({_ORIGINALS})
                  UNION ALL
                  SELECT {_FULL}, day, s.pk, s.grp
                    FROM settled s JOIN keys USING ({_FULL}) JOIN days USING ("on")
                    WHERE s.side = '{side}'),
                originals AS (
                  SELECT {_FULL}, day, min(pk) AS pk, arg_min(grp, pk) AS grp
                    FROM matched GROUP BY ALL_KEYS),
                doubled AS (
                  SELECT {_FULL}, o.day,
                    arg_min(m.grp, (abs(m.day - o.day)::BIGINT, m.pk)) AS grp
                    FROM (SELECT DISTINCT {_FULL}, day FROM open_{side} WHERE ref <> '') o
                    JOIN originals m USING ({_FULL})
                    WHERE abs(m.day - o.day) <= {step.days} GROUP BY {_FULL}, o.day)
                SELECT '{side}', o.pk, 'duplicate', d.grp, NULL, 0, 'duplicate', NULL
                  FROM open_{side} o JOIN doubled d USING ({_FULL}, day)
                """.replace("ALL_KEYS", f"{_FULL}, day")  # noqa: S608
            )
            close_what_is_placed(self._duck)

    def _group(self, step: Pass) -> None:
        by = "batch" if step.key == "batch" else "ref"
        fewest = 2 if step.key == "batch" else 3
        sums = (
            "count(*) AS n, sum(amount) AS total, min(pk) AS first, min(day) AS low,"
            " max(day) AS high"
        )
        right = "open_statement JOIN more_statement USING (pk)"
        self._duck.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE groups AS
            SELECT b.key, b.cur, b.first AS grp, r.first AS lowest, r.total - b.total AS delta
            FROM (SELECT ref AS key, cur, {sums} FROM open_book WHERE ref <> '' GROUP BY 1, 2) b
            JOIN (SELECT {by} AS key, cur, {sums} FROM {right} WHERE {by} <> '' GROUP BY 1, 2) r
              USING (key, cur)
            WHERE b.n + r.n BETWEEN {fewest} AND {step.most}
              AND greatest(b.high, r.high) - least(b.low, r.low) <= {step.days}
              AND abs(r.total - b.total) <= {step.absolute or 0}
            """  # noqa: S608
        )
        self._duck.execute(
            f"""
            INSERT INTO placed
            SELECT 'book', o.pk, 'group', grp, NULL, 0, 'group', NULL
              FROM open_book o JOIN groups g ON g.key = o.ref AND g.cur = o.cur
            UNION ALL
            SELECT 'statement', o.pk, 'group', grp, NULL,
              CASE WHEN o.pk = lowest THEN delta ELSE 0 END, 'group', NULL
              FROM {right.replace("open_statement", "open_statement o")}
              JOIN groups g ON g.key = {by} AND g.cur = o.cur
            """  # noqa: S608
        )

    def _tolerance(self, step: Pass) -> None:
        bounds = [] if step.absolute is None else [str(step.absolute)]
        if step.basis_points is not None:
            bounds.append(f"abs(b.amount)::HUGEINT * {step.basis_points} // 10000")
        self._candidates(
            "ref, cur",
            f"""sign(b.amount) * sign(r.amount) > 0 AND b.ref <> ''
              AND abs(r.amount - b.amount) <= {f"least({', '.join(bounds)})" if bounds else 0}
              AND abs(r.day - b.day) <= {step.days}""",
        )
        best = "row_number() OVER (PARTITION BY {} ORDER BY gap, days, b, r)"
        # Who is the best for each other goes first; that is the order of all pairs by nearness.
        while self._keep_pairs(
            f"SELECT b, r, delta FROM candidates"  # noqa: S608
            f" QUALIFY {best.format('b')} = 1 AND {best.format('r')} = 1",
            Bucket.TOLERANCE,
        ):
            self._duck.execute(
                "DELETE FROM candidates WHERE b NOT IN (SELECT pk FROM open_book)"
                " OR r NOT IN (SELECT pk FROM open_statement)"
            )

    def _textref(self, step: Pass) -> None:
        long = f"length(r.ref) >= {step.shortest} AND contains(mb.text, r.ref)"
        other = f"length(b.ref) >= {step.shortest} AND contains(mr.text, b.ref)"
        self._candidates(
            "cur, amount",
            f"abs(r.day - b.day) <= {step.days} AND ({long} OR {other})",
            more="JOIN more_book mb ON mb.pk = b.pk JOIN more_statement mr ON mr.pk = r.pk",
        )
        one = "count(*) OVER (PARTITION BY b) = 1 AND count(*) OVER (PARTITION BY r) = 1"
        self._keep_pairs(f"SELECT b, r, delta FROM candidates QUALIFY {one}", Bucket.TEXTREF)  # noqa: S608
        for side, end in ((Side.BOOK, "b"), (Side.STATEMENT, "r")):
            self._duck.execute(
                f"INSERT INTO placed SELECT DISTINCT '{side}', c.{end}, 'ambiguous',"  # noqa: S608
                f" NULL::BIGINT, NULL::BIGINT, 0, 'textref', NULL::INTEGER FROM candidates c"
                f" WHERE {end} IN (SELECT pk FROM open_{side})"
            )

    def _candidates(self, key: str, condition: str, more: str = "") -> None:
        """Fill `candidates` with near pairs of equal keys, where there are not too many."""
        counts = f"SELECT {key}, count(*) AS n FROM open_{{}} GROUP BY {key}"  # noqa: S608
        self._duck.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE candidates AS
            WITH few AS (
              SELECT {key} FROM ({counts.format("book")}) b
              JOIN ({counts.format("statement")}) r USING ({key})
              WHERE b.n * r.n <= {MOST_PAIRS})
            SELECT b.pk AS b, r.pk AS r, abs(r.amount - b.amount) AS gap,
              abs(r.day - b.day) AS days, r.amount - b.amount AS delta
            FROM (SELECT * FROM open_book SEMI JOIN few USING ({key})) b
            JOIN (SELECT * FROM open_statement SEMI JOIN few USING ({key})) r USING ({key})
            {more} WHERE {condition}
            """  # noqa: S608
        )

    def _keep_pairs(self, sql: str, bucket: Bucket) -> bool:
        """Place pairs (b, r, delta) and say whether there were any."""
        self._duck.execute(f"CREATE OR REPLACE TEMP TABLE found AS {sql}")
        self._duck.execute(
            f"INSERT INTO placed"  # noqa: S608
            f" SELECT 'book', b, '{bucket}', b, r, 0, '{bucket}', NULL FROM found UNION ALL"
            f" SELECT 'statement', r, '{bucket}', b, b, delta, '{bucket}', NULL FROM found"
        )
        close_what_is_placed(self._duck)
        found: Any = self._duck.execute("SELECT count(*) FROM found").fetchone()
        return bool(found[0])


def close_what_is_placed(duck: Connection) -> None:
    """Take what is placed out of what is open."""
    for side in Side:
        duck.execute(
            f"DELETE FROM open_{side}"  # noqa: S608
            f" WHERE pk IN (SELECT pk FROM placed WHERE side = '{side}')"
        )
