"""Books and a statement of the same year whose true buckets are known, by a seed.

Of all events 95 % are exact, 2 % differ by up to 50 minor units, 1 % by one to three days,
0.5 % are told twice, 0.5 % are paid in two to four parts, and 0.5 % are missing on each side.
One in twenty references is spelled differently on the statement. Both sides tell one day after
the other, as books and banks do; within a day the statement has an order of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY, DAYS = date(2026, 1, 1), 300
_STEP, _PRIME = 73_939_133, 99_999_989
_SHARES = (950, 970, 980, 985, 990, 995, 1000)
_KINDS = ("exact", "tolerance", "date", "double", "split", "missing_ext", "missing_int")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key is its place from 1; `amount` in minor units, `day` from the first."""

    reference: str
    amount: int
    day: int
    bucket: str


@dataclass(frozen=True, slots=True)
class Generated:
    """Rows of both sides in the order of their keys."""

    book: list[Row]
    statement: list[Row]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows each bucket has, by side."""
        found: dict[str, dict[str, int]] = {}
        for side, rows in (("book", self.book), ("statement", self.statement)):
            counts = found.setdefault(side, {})
            for row in rows:
                counts[row.bucket] = counts.get(row.bucket, 0) + 1
        return found


def generate(events: int, seed: int = 7) -> Generated:
    """Return both sides of that many events."""
    rng = random.Random(seed)
    book: list[Row] = []
    statement: list[Row] = []
    for number, kind in enumerate(rng.choices(_KINDS, cum_weights=_SHARES, k=events)):
        # As references are: each one once, in no order.
        name = f"TXN{(number + 1) * _STEP % _PRIME:08}"
        _add(rng, name, number * DAYS // events, kind, book, statement)
    rng.shuffle(statement)
    statement.sort(key=lambda row: row.day)
    return Generated(book, _first_is_exact(statement))


def csv_rows(rows: list[Row], *, is_book: bool) -> Iterator[str]:
    """Yield the lines of the file that the engine reads."""
    days = [(FIRST_DAY + timedelta(day)).isoformat() for day in range(DAYS + 4)]
    more = "" if is_book else ",,,\\N,\\N,"
    for key, row in enumerate(rows, 1):
        cents = f"{row.amount // 100}.{row.amount % 100:02}"
        yield f"{key},{row.reference},,CNY,{cents},{days[row.day]}{more}\n"


def _add(
    rng: random.Random,
    name: str,
    day: int,
    kind: str,
    book: list[Row],
    statement: list[Row],
) -> None:
    amount = rng.randint(1_000, 5_000_000)
    # No row that is missing has the amount of one that is missing on the other side.
    amount -= kind.startswith("missing") and (amount - (kind == "missing_int")) % 2
    told = name if rng.random() > 0.05 else f"txn-{name[3:7]}-{name[7:]}"
    matched = {"double": "exact", "split": "group"}.get(kind, kind)
    if kind != "missing_int":
        book.append(Row(name, amount, day, matched))
    if kind == "split":
        parts = sorted(rng.sample(range(1, amount), rng.randint(1, 3)))
        bounds = zip([0, *parts], [*parts, amount], strict=True)
        statement += [Row(told, high - low, day, "group") for low, high in bounds]
    elif kind != "missing_ext":
        other = amount + rng.choice((-1, 1)) * rng.randint(1, 50) * (kind == "tolerance")
        later = day + rng.randint(1, 3) * (kind == "date")
        statement += [Row(told, other, later, matched)] * (2 if kind == "double" else 1)


def _first_is_exact(rows: list[Row]) -> list[Row]:
    """Let the later one of what was told twice be the duplicate."""
    seen: set[int] = set()
    marked = []
    for row in rows:
        if row.bucket == "exact" and id(row) in seen:
            marked.append(Row(row.reference, row.amount, row.day, "duplicate"))
            continue
        seen.add(id(row))
        marked.append(row)
    return marked
