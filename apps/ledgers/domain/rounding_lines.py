"""The explicit rounding line of an entry in foreign currency; there is no tolerance.

    USD 33.33 + 33.33 + 33.34 at 7.1234 = CNY 237.42 + 237.42 + 237.49 = 712.33
    USD 100.00                at 7.1234 = CNY 712.34            the line takes 0.01

Each foreign line was rounded by itself, so an entry may differ in base currency by less than
half a minor unit for each of them. The difference gets a line that everybody sees. What
differs by as much or more is no matter of rounding.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from apps.core.money import minor_digits
from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput
from apps.ledgers.item_errors import RoundingTooLarge


def rounding_difference(entry: EntryInput, base_currency: str) -> Decimal:
    """Return debits minus credits in base currency, which rounding explains; or zero.

    Raises:
        RoundingTooLarge: the difference is more than rounding explains.
    """
    difference = entry.difference()
    bound = rounding_bound(entry, base_currency)
    if difference and abs(difference) >= bound:
        raise RoundingTooLarge(currency=base_currency, difference=abs(difference), bound=bound)
    return difference


def is_matter_of_rounding(entry: EntryInput, base_currency: str) -> bool:
    """Say whether a difference comes of rounding, or looks as if it should.

    It looks so when every currency balances by itself. Otherwise an entry that is off by
    more than rounding explains is just out of balance.
    """
    difference = entry.difference()
    if not difference:
        return False
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        sums[line.currency] += line.amount
    is_small = abs(difference) < rounding_bound(entry, base_currency)
    return is_small or not any(sums.values())


def rounding_bound(entry: EntryInput, base_currency: str) -> Decimal:
    """Return half a minor unit for each line in a foreign currency."""
    foreign = sum(line.currency != base_currency for line in entry.lines)
    unit = Decimal(1).scaleb(-minor_digits(base_currency))
    return unit * foreign / 2


def rounding_line(
    difference: Decimal, *, account_id: int, base_currency: str, summary: str
) -> LineInput:
    """Return the line that takes a difference, on the side that is short of it."""
    return LineInput(
        account_id=account_id,
        side=CREDIT if difference > 0 else DEBIT,
        amount=-difference,
        base_amount=-difference,
        currency=base_currency,
        summary=summary,
    )
