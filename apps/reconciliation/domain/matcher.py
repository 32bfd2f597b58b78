"""The reference matcher: what every engine must find, written to be read.

Rows go through the passes of the rules in order; the first pass that takes a row keeps it.
Within equal keys the first goes with the first, by key: the order of the input never counts.
Other engines are tested against this one; it is too slow for millions of rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from apps.reconciliation.domain.buckets import ORIGINALS, Bucket, Side
from apps.reconciliation.domain.explaining import explain
from apps.reconciliation.domain.items import Item, Placed, Settled
from apps.reconciliation.domain.rules import MOST_PAIRS, SUGGESTIONS, Pass, Rules
from apps.reconciliation.domain.suggestions import suggest

Key = Callable[[Item], Any]
Pairs = list[tuple[Item, Item]]


def match(
    book: Iterable[Item],
    statement: Iterable[Item],
    rules: Rules,
    settled: Sequence[Settled] = (),
) -> list[Placed]:
    """Return the bucket of every row, ordered by side and key."""
    matcher = _Matcher(rules, settled)
    matcher.book = {item.pk: item for item in sorted(book, key=_pk)}
    matcher.statement = {item.pk: item for item in sorted(statement, key=_pk)}
    for step in rules.passes:
        if step.kind not in SUGGESTIONS:
            getattr(matcher, step.kind)(step)
    matcher.finish()
    return sorted(matcher.placed)


def _pk(item: Item) -> int:
    return item.pk


class _Matcher:
    """What is open on both sides, and where the others are."""

    def __init__(self, rules: Rules, settled: Sequence[Settled]) -> None:
        self.rules = rules
        self.book: dict[int, Item] = {}
        self.statement: dict[int, Item] = {}
        self.placed: list[Placed] = []
        # Rows that others may double: side and key → the originals.
        self.originals: dict[Any, list[Settled]] = defaultdict(list)
        for row in settled:
            self._remember(row)

    def exact(self, step: Pass) -> None:
        """Same reference, currency, amount and day."""
        self._nth_with_nth(step, Bucket.EXACT, lambda i: (*_full(i), i.on), None)

    def date(self, step: Pass) -> None:
        """Same but for the day: nearest first, and the statement rather later than earlier."""
        day = self._day
        for distance in range(step.days + 1):
            for shift in sorted({distance, -distance}, reverse=True):
                self._nth_with_nth(
                    step,
                    Bucket.DATE,
                    lambda i, shift=shift: (*_full(i), day(i) + shift),  # type: ignore[misc]
                    lambda i: (*_full(i), day(i)),
                )

    def reversal(self, step: Pass) -> None:
        """Two rows of one side, opposite and of one reference; only where there is no third."""
        for side in Side:
            named = [item for item in self._rows(side).values() if item.reference]
            blocks = _by(named, lambda i: (i.reference, i.currency, abs(i.amount)))
            for first, *others in blocks.values():
                if len(others) == 1 and self._cancel_out(first, others[0], step):
                    # Of the books or of the statement alone: see Placed.
                    group = first.pk if side == Side.BOOK else -first.pk
                    for item in (first, others[0]):
                        self._place(side, item, Bucket.REVERSAL, group, step)

    def duplicate(self, step: Pass) -> None:
        """Like a row of the same side that is matched already, within some days."""
        for side, rows in ((Side.BOOK, self.book), (Side.STATEMENT, self.statement)):
            for item in [item for item in rows.values() if item.reference]:
                near = [
                    (abs(self._day(row) - self._day(item)), row.pk, row.group_id)
                    for row in self.originals[side, *_full(item)]
                    if abs(self._day(row) - self._day(item)) <= step.days
                ]
                if near:
                    self._place(side, item, Bucket.DUPLICATE, min(near)[2], step)

    def group(self, step: Pass) -> None:
        """All open rows of a reference together, where their sums agree."""
        lefts = _by(self.book.values(), lambda i: (i.reference, i.currency))
        rights = _by(self.statement.values(), lambda i: (getattr(i, step.key), i.currency))
        fewest = 2 if step.key == "batch" else 3
        for key in sorted(key for key in lefts.keys() & rights.keys() if key[0]):
            left, right = lefts[key], rights[key]
            days = [self._day(item) for item in (*left, *right)]
            delta = _sum(right) - _sum(left)
            if (
                fewest <= len(days) <= step.most
                and max(days) - min(days) <= step.days
                and abs(delta) <= (step.absolute or 0)
            ):
                self._together(left, right, Bucket.GROUP, delta, step)

    def tolerance(self, step: Pass) -> None:
        """Same reference, nearly the amount: nearest amount, then day, then keys."""
        for left, right in self._blocks(lambda i: (i.reference, i.currency)):
            near = sorted(
                (abs(r.amount - b.amount), abs(self._day(r) - self._day(b)), b.pk, r.pk)
                for b in left
                for r in right
                if b.amount * r.amount > 0
                and abs(r.amount - b.amount) <= step.allowed(b.amount)
                and abs(self._day(r) - self._day(b)) <= step.days
            )
            for _amount, _day, b, r in near:
                if b in self.book and r in self.statement:
                    self._pair(self.book[b], self.statement[r], Bucket.TOLERANCE, step)

    def textref(self, step: Pass) -> None:
        """One side's reference inside the other's text, same amount; only where unique."""
        pairs: Pairs = []
        for left, right in self._blocks(lambda i: (i.currency, i.amount), needs_key=False):
            pairs += [
                (b, r)
                for b in left
                for r in right
                if abs(self._day(r) - self._day(b)) <= step.days
                and (
                    (len(r.reference) >= step.shortest and r.reference in b.text)
                    or (len(b.reference) >= step.shortest and b.reference in r.text)
                )
            ]
        lefts, rights = Counter(b.pk for b, _ in pairs), Counter(r.pk for _, r in pairs)
        for b, r in pairs:
            if lefts[b.pk] == rights[r.pk] == 1:
                self._pair(b, r, Bucket.TEXTREF, step)
                continue
            for side, item in ((Side.BOOK, b), (Side.STATEMENT, r)):
                if item.pk in self._rows(side):
                    self._place(side, item, Bucket.AMBIGUOUS, None, step)

    def finish(self) -> None:
        """Explain and suggest for what is left."""
        book, statement = list(self.book.values()), list(self.statement.values())
        explained, book, statement = explain(book, statement)
        self.placed += explained + suggest(book, statement, self.rules)

    def _nth_with_nth(self, step: Pass, bucket: Bucket, key: Key, other: Key | None) -> None:
        lefts, rights = _by(self.book.values(), key), _by(self.statement.values(), other or key)
        for found in lefts.keys() & rights.keys():
            if found[0]:
                for b, r in zip(lefts[found], rights[found], strict=False):
                    self._pair(b, r, bucket, step)

    def _blocks(self, key: Key, *, needs_key: bool = True) -> Iterable[tuple[list[Item], ...]]:
        lefts, rights = _by(self.book.values(), key), _by(self.statement.values(), key)
        for found in sorted(lefts.keys() & rights.keys()):
            left, right = lefts[found], rights[found]
            if (found[0] or not needs_key) and len(left) * len(right) <= MOST_PAIRS:
                yield left, right

    def _cancel_out(self, one: Item, other: Item, step: Pass) -> bool:
        is_near = abs(self._day(one) - self._day(other)) <= step.days
        return is_near and one.amount + other.amount == 0 != one.amount

    def _pair(self, b: Item, r: Item, bucket: Bucket, step: Pass) -> None:
        self._place(Side.BOOK, b, bucket, b.pk, step, partner_id=r.pk)
        delta = r.amount - b.amount
        self._place(Side.STATEMENT, r, bucket, b.pk, step, partner_id=b.pk, delta=delta)

    def _together(
        self, left: list[Item], right: list[Item], bucket: Bucket, delta: int, step: Pass
    ) -> None:
        for item in left:
            self._place(Side.BOOK, item, bucket, left[0].pk, step)
        for item in right:
            mine = delta if item is right[0] else 0
            self._place(Side.STATEMENT, item, bucket, left[0].pk, step, delta=mine)

    def _place(
        self, side: Side, item: Item, bucket: Bucket, group: int | None, step: Pass, **more: int
    ) -> None:
        placed = Placed(side, item.pk, bucket, group, pass_name=step.kind, **more)
        self.placed.append(placed)
        del self._rows(side)[item.pk]
        if bucket in ORIGINALS and group is not None:
            key = (item.reference, item.currency, item.amount)
            self._remember(Settled(side, item.pk, *key, item.on, group))

    def _remember(self, row: Settled) -> None:
        self.originals[row.side, *_full(row)].append(row)

    def _rows(self, side: Side) -> dict[int, Item]:
        return self.book if side == Side.BOOK else self.statement

    def _day(self, item: Item | Settled) -> int:
        return self.rules.calendar.ordinal(item.on)


def _full(item: Item | Settled) -> tuple[str, str, int]:
    return item.reference, item.currency, item.amount


def _by(items: Iterable[Item], key: Key) -> dict[Any, list[Item]]:
    found: dict[Any, list[Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def _sum(items: Iterable[Item]) -> int:
    return sum(item.amount for item in items)
