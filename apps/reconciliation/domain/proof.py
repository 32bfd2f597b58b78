"""The proof of a reconciled period: from the balance in the books to the one of the statement.

    balance in the books at the cut-off
      − rows of the books that no statement shows yet
      + rows of statements that the books do not show yet
      + differences of matched rows, by which the statement has more
      = balance of the statement at the cut-off, else something is unexplained

All amounts are in the currency of the channel; debits and money that came in are positive.
The effect of an open row is what it moves the balance of the books by, towards the statement:
its amount on the side of statements, the opposite on the side of the books.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Any

from apps.reconciliation.domain.buckets import Side
from apps.statements.domain.gaps import Span, gaps

ZERO = Decimal(0)


class Hindrance(StrEnum):
    """Why a period cannot be signed off."""

    NOT_IN_REVIEW = "not_in_review"
    NEWER_RUN = "newer_run"
    SIGNED_ALREADY = "signed_already"
    NO_BALANCES = "no_balances"
    MISSING_STATEMENT = "missing_statement"
    GAP = "gap"
    LINES_DISAGREE = "lines_disagree"
    LATE_ROWS = "late_rows"
    OPEN_BREAKS = "open_breaks"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One hindrance, with what its sentence tells."""

    code: Hindrance
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class OpenItem:
    """A row that is outstanding at the cut-off; `since` is its own day."""

    side: Side
    item_id: int
    category: str
    amount: Decimal
    currency: str
    since: date
    state: str = ""

    @property
    def effect(self) -> Decimal:
        """Return by how much it explains what the statement has more than the books."""
        return self.amount if self.side == Side.STATEMENT else -self.amount


@dataclass(frozen=True, slots=True)
class Total:
    """So many rows of a category, and their effect together."""

    category: str
    count: int
    effect: Decimal
    side: str = ""


@dataclass(frozen=True, slots=True)
class StatementBalance:
    """What the statements say the balance is at a cut-off, or why they do not say it."""

    amount: Decimal | None
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one channel, which is of one currency, at one cut-off."""

    currency: str
    from_on: date
    to_on: date
    book: Decimal
    statement: Decimal | None
    outstanding: tuple[Total, ...]
    deltas: tuple[Total, ...]

    @property
    def explained(self) -> Decimal:
        """Return what the statement should say."""
        parts = (*self.outstanding, *self.deltas)
        return self.book + sum((part.effect for part in parts), ZERO)

    @property
    def unexplained(self) -> Decimal | None:
        """Return what is left, which must be zero; None without a balance to compare with."""
        return None if self.statement is None else self.statement - self.explained


@dataclass(frozen=True, slots=True)
class RollRow:
    """How open rows of a category came from the last sign-off to this one.

    brought + new + moved − cleared = carried, in rows and in effect. What changed its category
    moved, which adds up to nothing over all of them.
    """

    category: str
    brought: Total
    new: Total
    moved: Total
    cleared: Total
    carried: Total


def statement_balance(
    spans: Sequence[Span], daily: Mapping[date, Decimal], since: date, at: date
) -> StatementBalance:
    """Return the balance at the end of a day, by balances and lines that agree.

    `spans` are the statements of the channel that tell balances, `daily` is the sum of its
    lines by day. Gaps before `since` are nobody's matter: the balance is counted from there.
    """
    if not spans:
        return StatementBalance(None, (Obstacle(Hindrance.NO_BALANCES),))
    ordered = sorted(spans, key=lambda one: (one.to_on, one.from_on))
    holes = gaps(ordered)
    old = [hole.before_on for hole in holes if hole.before_on <= since]
    chain = [span for span in ordered if not old or span.from_on >= max(old)]
    problems = [
        Obstacle(
            Hindrance.GAP,
            {"after": hole.after_on, "before": hole.before_on, "difference": hole.difference},
        )
        for hole in holes
        if hole.before_on > since and hole.after_on <= at
    ]
    last = max(span.to_on for span in chain)
    if last < at:
        problems.append(Obstacle(Hindrance.MISSING_STATEMENT, {"last": last, "until": at}))
    if problems:
        return StatementBalance(None, tuple(problems))
    return _counted(chain, daily, since, at)


def _counted(
    chain: Sequence[Span], daily: Mapping[date, Decimal], since: date, at: date
) -> StatementBalance:
    """Count lines from the first opening balance on, comparing with each balance told."""
    first = min(chain, key=lambda one: (one.from_on, one.to_on))
    days = sorted(day for day in daily if day >= first.from_on)
    balances = list(accumulate((daily[day] for day in days), initial=first.opening))

    def balance_at(end: date) -> Decimal:
        return balances[bisect_right(days, end)]

    for span in _comparable(chain, since, at):
        counted = balance_at(span.to_on)
        if counted != span.closing:
            facts = {"day": span.to_on, "told": span.closing, "counted": counted}
            return StatementBalance(None, (Obstacle(Hindrance.LINES_DISAGREE, facts),))
    return StatementBalance(balance_at(at))


def _comparable(chain: Sequence[Span], since: date, at: date) -> Iterator[Span]:
    """Yield the statements whose last day no later one tells more of, up to the cut-off.

    `chain` comes ordered by last days. The first that ends at the cut-off or later is the last.
    """
    begins = list(accumulate((span.from_on for span in reversed(chain)), min))[::-1]
    for span, later in zip(chain, [*begins[1:], date.max], strict=True):
        if span.to_on >= since and later > span.to_on:
            yield span
            if span.to_on >= at:
                return


def totals_of(items: Iterable[OpenItem], currency: str) -> tuple[Total, ...]:
    """Return open rows by side and category; those in another currency move no balance."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    effects: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in items:
        key = (item.side.value, item.category)
        counts[key] += 1
        effects[key] += item.effect if item.currency == currency else ZERO
    return tuple(
        Total(category, counts[side, category], effects[side, category], side)
        for side, category in sorted(counts)
    )


def roll_forward(
    before: Iterable[OpenItem], now: Iterable[OpenItem], currency: str
) -> list[RollRow]:
    """Return, by category, how what was open then became what is open now."""
    old = {(item.side, item.item_id): item for item in before}
    new = {(item.side, item.item_id): item for item in now}
    stayed = [(old[key], new[key]) for key in old.keys() & new.keys()]
    left = [was for was, is_now in stayed if was.category != is_now.category]
    came = [is_now for was, is_now in stayed if was.category != is_now.category]
    columns = {
        "brought": [(1, item) for item in old.values()],
        "new": [(1, new[key]) for key in new.keys() - old.keys()],
        "moved": [(-1, item) for item in left] + [(1, item) for item in came],
        "cleared": [(1, old[key]) for key in old.keys() - new.keys()],
        "carried": [(1, item) for item in new.values()],
    }
    categories = sorted({item.category for rows in columns.values() for _, item in rows})
    return [
        RollRow(
            category,
            **{name: _column(rows, category, currency) for name, rows in columns.items()},
        )
        for category in categories
    ]


def _column(rows: Iterable[tuple[int, OpenItem]], category: str, currency: str) -> Total:
    mine = [(sign, item) for sign, item in rows if item.category == category]
    effect = sum((sign * i.effect for sign, i in mine if i.currency == currency), ZERO)
    return Total(category, sum(sign for sign, _ in mine), effect)
