"""The buckets that rows end in: each row in exactly one."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """Where a row is from: our books, or what the outside says."""

    BOOK = "book"
    STATEMENT = "statement"


class Bucket(StrEnum):
    """What became of a row."""

    EXACT = "exact"
    DATE = "date"
    GROUP = "group"
    TOLERANCE = "tolerance"
    TEXTREF = "textref"
    REVERSAL = "reversal"
    MANUAL = "manual"

    SUGGEST_FUZZY = "suggest_fuzzy"
    SUGGEST_AMOUNT = "suggest_amount"
    SUGGEST_SUBSET = "suggest_subset"
    AMBIGUOUS = "ambiguous"

    DUPLICATE = "duplicate"
    DATE_BREAK = "date_break"
    SIGN_BREAK = "sign_break"
    AMOUNT_BREAK = "amount_break"
    CURRENCY_BREAK = "currency_break"
    FEE = "fee"
    FX = "fx"
    MISSING_EXT = "missing_ext"
    MISSING_INT = "missing_int"
    INVALID = "invalid"


# These settle a row for good; whoever is in another bucket is offered to the next run.
MATCHED = frozenset(
    {
        Bucket.EXACT,
        Bucket.DATE,
        Bucket.GROUP,
        Bucket.TOLERANCE,
        Bucket.TEXTREF,
        Bucket.REVERSAL,
        Bucket.MANUAL,
    }
)
# A second row like one of these is its double. What was reversed is booked anew, not twice.
ORIGINALS = MATCHED - {Bucket.REVERSAL}
SUGGESTED = frozenset({Bucket.SUGGEST_FUZZY, Bucket.SUGGEST_AMOUNT, Bucket.SUGGEST_SUBSET})
OPEN = frozenset(Bucket) - MATCHED
