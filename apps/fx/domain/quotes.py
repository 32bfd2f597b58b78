"""From stored rates to the rate between two currencies.

A stored rate serves both ways round: EUR/CNY 7.4326 also answers CNY/EUR. Where no rate of the
pair itself is fresh enough, two that share a pivot are chained: USD/CNY = EUR/CNY ÷ EUR/USD.
Figures are exact fractions until the end, where they are rounded once to ten decimals.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from apps.core.rounding import round_rate

Pair = tuple[str, str]

PER_HUNDRED = 100
# People quote small units by the hundred: 100 JPY = 4.2 CNY; it keeps two more digits.
_SMALL = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Quote:
    """One stored rate: `per` units of `pair[0]` are worth `rate` units of `pair[1]`."""

    pk: int
    pair: Pair
    rate: Decimal
    per: int
    valid_from: date
    source: str
    is_own: bool
    revision: int

    def rank(self) -> tuple[date, bool, int, int]:
        """Return what the better rate has more of: newer, the tenant's own, later revision."""
        return self.valid_from, self.is_own, self.revision, self.pk

    def value(self, pair: Pair) -> Fraction:
        """Return the worth of one unit, in the direction asked for."""
        worth = Fraction(self.rate) / self.per
        return worth if pair == self.pair else 1 / worth


@dataclass(frozen=True, slots=True)
class Chain:
    """A way from one currency to another, over one stored rate or two."""

    path: tuple[str, ...]
    quotes: tuple[Quote, ...]

    @property
    def valid_from(self) -> date:
        """Return the day of the older rate: a chain is as old as its oldest link."""
        return min(quote.valid_from for quote in self.quotes)

    @property
    def source(self) -> str:
        """Return the sources, each once."""
        return " + ".join(dict.fromkeys(quote.source for quote in self.quotes))

    def figure(self) -> tuple[Decimal, int]:
        """Return rate and `per`: as stored where a rate of the pair is, else computed."""
        if len(self.quotes) == 1 and self.quotes[0].pair == self.path:
            return self.quotes[0].rate, self.quotes[0].per
        worth = Fraction(1)
        for pair, quote in zip(self._pairs(), self.quotes, strict=True):
            worth *= quote.value(pair)
        per = PER_HUNDRED if worth < _SMALL else 1
        return round_rate(worth * per), per

    def _pairs(self) -> list[Pair]:
        return list(zip(self.path, self.path[1:], strict=False))


def paths(pair: Pair, pivots: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the ways to try, the best first: direct, then through each pivot."""
    return [pair, *((pair[0], pivot, pair[1]) for pivot in pivots if pivot not in pair)]


def pairs_of(ways: Sequence[tuple[str, ...]]) -> list[Pair]:
    """Return every pair that a way needs, both ways round."""
    steps = [step for way in ways for step in itertools.pairwise(way)]
    return list(
        dict.fromkeys(pair for one, other in steps for pair in ((one, other), (other, one)))
    )


def choose(ways: Sequence[tuple[str, ...]], quotes: Mapping[Pair, Quote]) -> Chain | None:
    """Return the first way of which every step has a rate."""
    for way in ways:
        found = [_better(step, quotes) for step in itertools.pairwise(way)]
        chosen = tuple(quote for quote in found if quote is not None)
        if len(chosen) == len(found):
            return Chain(way, chosen)
    return None


def _better(step: Pair, quotes: Mapping[Pair, Quote]) -> Quote | None:
    """Return the better rate of a step; a tie goes to the direction that was asked for."""
    both = [quotes.get(step), quotes.get((step[1], step[0]))]
    return max(
        (quote for quote in both if quote), key=lambda quote: quote.rank()[:2], default=None
    )
