"""Journal entries as plain values, before they are rows.

`amount` and `base_amount` are signed: debit positive, credit negative. `side` is the
column that the line stands in; for a red-letter line it differs from the sign.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

DEBIT, CREDIT = 1, -1


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line; amounts in major units of their currencies."""

    account_id: int
    side: int
    amount: Decimal
    base_amount: Decimal
    currency: str
    summary: str = ""
    dimension_set_id: int | None = None
    rate: Decimal = Decimal(1)
    # `rate` is for `rate_per` units; the rest is where it came from, for people to judge.
    rate_per: int = 1
    rate_type: str = ""
    rate_source: str = ""
    rate_on: date | None = None
    rate_ids: tuple[int, ...] = ()

    def red(self) -> LineInput:
        """Return the line that undoes this one by a red letter, on the same side."""
        return self._undone(self.side)

    def swapped(self) -> LineInput:
        """Return the line that undoes this one on the other side."""
        return self._undone(-self.side)

    def _undone(self, side: int) -> LineInput:
        return replace(self, side=side, amount=-self.amount, base_amount=-self.base_amount)


@dataclass(frozen=True, slots=True)
class EntryInput:
    """What a person writes into an entry."""

    entry_date: date
    lines: tuple[LineInput, ...]
    word: str = "general"
    summary: str = ""
    kind: str = "ordinary"

    def total(self) -> Decimal:
        """Return the sum of the debit column in the base currency."""
        return sum(
            (line.base_amount for line in self.lines if line.side == DEBIT), start=Decimal(0)
        )

    def difference(self) -> Decimal:
        """Return debits minus credits in the base currency."""
        return sum((line.base_amount for line in self.lines), start=Decimal(0))


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that a system makes and posts in one go, its checker named.

    The same `key` in the same ledger is the same entry: it exists once however often it
    is sent, and another content under it is refused.
    """

    ledger_id: int
    key: str
    content: EntryInput
    maker_id: int
    checker_id: int
    source: str = "system"
    payload_hash: str = field(init=False)

    def __post_init__(self) -> None:
        """Fix the hash of the content, by which a replay is told from a misuse."""
        object.__setattr__(self, "payload_hash", payload_hash(self.content))


def payload_hash(content: EntryInput) -> str:
    """Return the SHA-256 of the content as an array of texts."""
    texts = [content.entry_date.isoformat(), content.word, content.summary, content.kind]
    for line in content.lines:
        texts += [
            str(line.account_id),
            str(line.side),
            str(line.amount),
            str(line.base_amount),
            line.currency,
            line.summary,
            str(line.dimension_set_id),
            str(line.rate),
        ]
        if line.rate_per != 1:
            texts.append(str(line.rate_per))
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()
