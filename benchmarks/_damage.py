"""A copy of real transactions as a statement would tell them, with known damage, by a seed.

    kind           what is done to a transaction          where its rows must land
    dropped        the statement leaves it out            missing_ext
    doubled        it is told twice                       exact, and a duplicate
    shifted        booked one to three days later         date
    shifted_far    booked ten days later                  date_break
    split          told in two to four parts              group
    rounded        up to 0.50 more or less                tolerance
    changed        5.00 to 500.00 more                    amount_break
    fee            told net of a fee that stands beside   fee

Everything else is told as it is, and must be exact.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

# Which bucket the rows of the books, and those of the statement, must land in.
EXPECTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "dropped": ("missing_ext", ()),
    "doubled": ("exact", ("exact", "duplicate")),
    "shifted": ("date", ("date",)),
    "shifted_far": ("date_break", ("date_break",)),
    "split": ("group", ("group",)),
    "rounded": ("tolerance", ("tolerance",)),
    "changed": ("amount_break", ("amount_break",)),
    "fee": ("fee", ("fee",)),
}
# A day near the first or the last one cannot be moved inside the statement.
_MARGIN = 15
# Smaller transactions are not worth a fee, and cannot be split.
_LEAST = Decimal(10)


@dataclass(frozen=True, slots=True)
class Told:
    """One transaction: money that came in is positive."""

    reference: str
    day: date
    amount: Decimal
    fee: Decimal = Decimal(0)


def read_transactions(path: Path) -> list[Told]:
    """Return the transactions of a bank's file, as `import_journal` reads it too."""
    with path.open(newline="") as file:
        return [
            Told(
                row["transaction_id"],
                date.fromisoformat(row["date"]),
                Decimal(row["amount"]) * (1 if row["direction"] == "in" else -1),
            )
            for row in csv.DictReader(file)
        ]


def damaged(rows: list[Told], each: int, seed: int = 7) -> tuple[list[Told], dict[str, str]]:
    """Return a copy in the order of days with that many of each kind, and which got what."""
    rng = random.Random(seed)
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    margin = timedelta(_MARGIN)
    fit = [
        row.reference
        for row in rows
        if abs(row.amount) >= _LEAST and first + margin <= row.day <= last - margin
    ]
    chosen = rng.sample(fit, each * len(EXPECTED))
    kinds = {
        reference: kind
        for place, kind in enumerate(EXPECTED)
        for reference in chosen[place * each : (place + 1) * each]
    }
    copy: list[Told] = []
    for row in rows:
        kind = kinds.get(row.reference)
        copy += _DAMAGES[kind](row, rng) if kind else [row]
    return sorted(copy, key=lambda one: one.day), kinds


def statement_lines(rows: list[Told]) -> Iterator[str]:
    """Yield the lines of a CSV with a balance beside each of them."""
    yield "date,reference,amount,fee,balance\n"
    balance = Decimal(0)
    for row in rows:
        balance += row.amount
        yield f"{row.day},{row.reference},{row.amount},{row.fee or ''},{balance}\n"


def _dropped(_row: Told, _rng: random.Random) -> list[Told]:
    return []


def _doubled(row: Told, _rng: random.Random) -> list[Told]:
    return [row, row]


def _shifted(row: Told, rng: random.Random) -> list[Told]:
    return [replace(row, day=row.day + timedelta(rng.randint(1, 3)))]


def _shifted_far(row: Told, _rng: random.Random) -> list[Told]:
    return [replace(row, day=row.day + timedelta(10))]


def _split(row: Told, rng: random.Random) -> list[Told]:
    cents = int(row.amount * 100)
    cuts = sorted(rng.sample(range(1, abs(cents)), rng.randint(1, 3)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, abs(cents)], strict=True)]
    sign = 1 if cents > 0 else -1
    return [replace(row, amount=Decimal(sign * part).scaleb(-2)) for part in parts]


def _rounded(row: Told, rng: random.Random) -> list[Told]:
    cents = rng.randint(1, 50) * rng.choice((-1, 1))
    return [replace(row, amount=row.amount + Decimal(cents).scaleb(-2))]


def _changed(row: Told, rng: random.Random) -> list[Told]:
    return [replace(row, amount=row.amount + Decimal(rng.randint(500, 50_000)).scaleb(-2))]


def _fee(row: Told, rng: random.Random) -> list[Told]:
    fee = Decimal(rng.randint(100, 900)).scaleb(-2)
    return [replace(row, amount=row.amount - fee, fee=fee)]


_DAMAGES: dict[str, Callable[[Told, random.Random], list[Told]]] = {
    "dropped": _dropped,
    "doubled": _doubled,
    "shifted": _shifted,
    "shifted_far": _shifted_far,
    "split": _split,
    "rounded": _rounded,
    "changed": _changed,
    "fee": _fee,
}
