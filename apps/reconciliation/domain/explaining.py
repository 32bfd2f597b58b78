"""Why rows are left: what the other side has under the same reference.

- In the same currency: equal sums are a break of the date, opposite sums of the sign; a
  difference that is the fee is explained by it, any other is a break of the amount.
- In other currencies only: explained as FX where the statement's gross is our amount.
- Nothing: a duplicate that is known from before, or missing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.items import Item, Placed

Both = tuple[list[Item], list[Item]]


def explain(
    book: Sequence[Item], statement: Sequence[Item]
) -> tuple[list[Placed], list[Item], list[Item]]:
    """Return what the other side explains, and the rows of both sides that it does not.

    Rows come ordered by key.
    """
    by_reference: dict[str, Both] = defaultdict(lambda: ([], []))
    for side, items in enumerate((book, statement)):
        for item in items:
            if item.reference:
                by_reference[item.reference][side].append(item)
    placed = [
        row
        for left, right in by_reference.values()
        if left and right
        for row in _of_one_reference(left, right)
    ]
    placed += _known_duplicates(book, statement, placed)
    done = {(row.side, row.pk) for row in placed}
    return (
        placed,
        [item for item in book if (Side.BOOK, item.pk) not in done],
        [item for item in statement if (Side.STATEMENT, item.pk) not in done],
    )


def missing(side: Side, item: Item) -> Placed:
    """Return a row of one side that the other side does not have."""
    return Placed(
        side, item.pk, Bucket.MISSING_EXT if side == Side.BOOK else Bucket.MISSING_INT
    )


def grouped(
    left: Sequence[Item], right: Sequence[Item], bucket: Bucket, delta: int, pass_name: str = ""
) -> list[Placed]:
    """Return rows of both sides as one group, the difference on the statement's lowest."""
    group = left[0].pk
    rows = [Placed(Side.BOOK, item.pk, bucket, group, pass_name=pass_name) for item in left]
    return rows + [
        Placed(
            Side.STATEMENT,
            item.pk,
            bucket,
            group,
            delta=0 if number else delta,
            pass_name=pass_name,
        )
        for number, item in enumerate(right)
    ]


def _of_one_reference(left: list[Item], right: list[Item]) -> list[Placed]:
    lefts, rights = {i.currency for i in left}, {i.currency for i in right}
    placed: list[Placed] = []
    for currency in sorted(lefts & rights):
        ours = [item for item in left if item.currency == currency]
        theirs = [item for item in right if item.currency == currency]
        delta = _sum(theirs) - _sum(ours)
        placed += grouped(ours, theirs, _same_currency(ours, theirs), delta)
    ours = [item for item in left if item.currency not in rights]
    theirs = [item for item in right if item.currency not in lefts]
    if ours and theirs:
        bucket = Bucket.FX if _tells_ours(ours, theirs) else Bucket.CURRENCY_BREAK
        placed += grouped(ours, theirs, bucket, 0)
    return placed


def _tells_ours(ours: list[Item], theirs: list[Item]) -> bool:
    """Say whether the gross amounts of the statement are what stands in the books."""
    currencies = {item.currency for item in ours}
    gross = sum(item.gross_amount or 0 for item in theirs)
    return (
        len(currencies) == 1
        and currencies == {item.gross_currency for item in theirs}
        and gross == _sum(ours)
    )


def _same_currency(ours: list[Item], theirs: list[Item]) -> Bucket:
    book, statement = _sum(ours), _sum(theirs)
    fee = sum(item.fee for item in theirs)
    if book == statement:
        return Bucket.DATE_BREAK
    if book == -statement:
        return Bucket.SIGN_BREAK
    return Bucket.FEE if fee == book - statement else Bucket.AMOUNT_BREAK


def _known_duplicates(
    book: Sequence[Item], statement: Sequence[Item], placed: list[Placed]
) -> list[Placed]:
    done = {(row.side, row.pk) for row in placed}
    return [
        Placed(side, item.pk, Bucket.DUPLICATE, item.prior_group)
        for side, items in ((Side.BOOK, book), (Side.STATEMENT, statement))
        for item in items
        if item.prior_group is not None and (side, item.pk) not in done
    ]


def _sum(items: Iterable[Item]) -> int:
    return sum(item.amount for item in items)
