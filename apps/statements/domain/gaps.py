"""Statements of a channel in a row: does each begin where another ended?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """The days and balances of one statement."""

    from_on: date
    to_on: date
    opening: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """Between these days something is missing that moved the balance by `difference`."""

    after_on: date
    before_on: date
    expected: Decimal
    found: Decimal

    @property
    def difference(self) -> Decimal:
        """What is missing."""
        return self.found - self.expected


def gaps(spans: Iterable[Span]) -> list[Gap]:
    """Return where an opening balance is nobody's closing balance, oldest first.

    A statement that begins inside another one overlaps it: its lines were compared instead.
    """
    found: list[Gap] = []
    before: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.to_on, one.from_on)):
        if before and not any(_leads_to(one, span) for one in before):
            last = before[-1]
            found.append(Gap(last.to_on, span.from_on, last.closing, span.opening))
        before.append(span)
    # What comes later may close a gap: statements of one day come in any order.
    spans = before
    return [gap for gap in found if not any(_closes(one, gap) for one in spans)]


def _leads_to(one: Span, span: Span) -> bool:
    is_inside = one.from_on <= span.from_on < one.to_on or one.opening == span.opening
    return one.closing == span.opening or (is_inside and one.to_on >= span.from_on)


def _closes(one: Span, gap: Gap) -> bool:
    return one.closing == gap.found and one.to_on <= gap.before_on
