"""Which open items probably settle each other: by reference, then by amount, then by age.

    invoice "INV-0412" 1,000.00   receipt "Payment INV-0412" −1,000.00   → 1,000.00 of both

A proposal is only that: it fills a form, and a person looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

# A number of a document: letters and digits together, at least one digit, four characters.
_TOKEN = re.compile(r"(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{3,}", re.ASCII)


@dataclass(slots=True)
class Candidate:
    """An item with what is left of it, and the texts that may name a document."""

    item_id: int
    open_amount: Decimal
    text: str

    @property
    def left(self) -> Decimal:
        """What is open, without its sign."""
        return abs(self.open_amount)

    def tokens(self) -> frozenset[str]:
        """Return what looks like a number of a document."""
        return frozenset(_TOKEN.findall(self.text.upper()))


def propose(items: Sequence[Candidate]) -> dict[int, Decimal]:
    """Return how much of each item to settle; both sides add up to the same.

    Items are taken in the order given, the oldest first, so that the same list gives the
    same proposal.
    """
    debits = [item for item in items if item.open_amount > 0]
    credit_items = [item for item in items if item.open_amount < 0]
    chosen: dict[int, Decimal] = {}
    for fits in (_same_document, _same_amount):
        _pair_up(_free(debits, chosen), _free(credit_items, chosen), chosen, fits)
    return chosen or _oldest_first(debits, credit_items)


def _same_document(one: Candidate, other: Candidate) -> bool:
    return bool(one.tokens() & other.tokens())


def _same_amount(one: Candidate, other: Candidate) -> bool:
    return one.left == other.left


def _free(items: Iterable[Candidate], chosen: dict[int, Decimal]) -> list[Candidate]:
    return [item for item in items if item.item_id not in chosen]


def _pair_up(
    debits: list[Candidate],
    credit_items: list[Candidate],
    chosen: dict[int, Decimal],
    fits: Callable[[Candidate, Candidate], bool],
) -> None:
    for debit in debits:
        for credit in credit_items:
            if credit.item_id not in chosen and fits(debit, credit):
                part = min(debit.left, credit.left)
                chosen[debit.item_id] = chosen[credit.item_id] = part
                break


def _oldest_first(debits: list[Candidate], credit_items: list[Candidate]) -> dict[int, Decimal]:
    """Return the smaller side in full, against the oldest of the other."""
    total = min(
        sum((item.left for item in side), start=Decimal(0)) for side in (debits, credit_items)
    )
    chosen: dict[int, Decimal] = {}
    for side in (debits, credit_items):
        left = total
        for item in side:
            part = min(left, item.left)
            if part:
                chosen[item.item_id] = part
            left -= part
    return chosen
