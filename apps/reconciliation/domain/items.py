"""Rows to be matched, and where they end.

Amounts are whole minor units of the row's currency: debits and money that came in are positive
on both sides. References and texts are normalised (references.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.reconciliation.domain.buckets import Bucket, Side


@dataclass(frozen=True, slots=True)
class Item:
    """One row. What follows `text` is told by statements alone, but for `prior_group`.

    `batch` is what several lines were paid out with. `prior_group` is the group of the row that
    this one doubles, as an earlier run found.
    """

    pk: int
    reference: str
    currency: str
    amount: int
    on: date
    text: str = ""
    party: str = ""
    batch: str = ""
    fee: int = 0
    gross_amount: int | None = None
    gross_currency: str = ""
    prior_group: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A row that an earlier run matched: nobody can have it, but others may double it."""

    side: Side
    pk: int
    reference: str
    currency: str
    amount: int
    on: date
    group_id: int


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """Where a row ended.

    `group_id` is the lowest key of the group's rows of the books, or the lowest of the
    statement's as a negative number where the books have none. `delta` is what the statement
    has more than the books, in minor units, and stands on the group's lowest row of the
    statement. `partner_id` is the other one of a pair; `score` how alike they are, of 100.
    """

    side: Side
    pk: int
    bucket: Bucket
    group_id: int | None = None
    partner_id: int | None = None
    delta: int = 0
    pass_name: str = ""
    score: int | None = None
