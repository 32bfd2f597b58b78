"""Stated balances as spans of statements: from one that people stated to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from apps.statements.domain.gaps import Span


class Stated(Protocol):
    """A balance at the end of a day; None says nothing."""

    @property
    def at_on(self) -> date:
        """The day."""

    @property
    def balance(self) -> Decimal | None:
        """The balance."""


def stated_spans(stated: Iterable[Stated], daily: Mapping[date, Decimal]) -> list[Span]:
    """Return spans between balances at the ends of days; `daily` is the sum of lines by day.

    The first has no balance before it: its opening balance is what the lines until then leave.
    From the second on, lines are proved by two balances.
    """
    spans: list[Span] = []
    points = ((one.at_on, one.balance) for one in stated if one.balance is not None)
    for day, balance in sorted(points):
        if spans:
            begin, opening = spans[-1].to_on, spans[-1].closing
            spans.append(Span(_after(begin), day, opening, balance))
            continue
        days = [one for one in daily if one <= day]
        moved = sum((daily[one] for one in days), Decimal(0))
        spans.append(Span(min(days, default=day), day, balance - moved, balance))
    return spans


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
