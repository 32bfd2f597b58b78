"""For whom a person may decide: the delegations read backwards, from the one who takes.

    Ann → Bob (up to 100), Bob → Cay      into Cay: (Bob, Cay) and (Ann, Bob, Cay) up to 100

The maker of what is decided stands on no way: whoever asks leaves out the ways that hold them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.approvals.domain.people import MOST_HOPS, Handover


@dataclass(frozen=True, slots=True)
class Way:
    """From the person asked, over those between, to who decides; no limit is None."""

    people: tuple[int, ...]
    limit: Decimal | None = None

    @property
    def giver(self) -> int:
        """The person asked."""
        return self.people[0]


def ways_into(taker: int, day: date, handovers: Iterable[Handover]) -> tuple[Way, ...]:
    """Return every way of at most three hops that ends at a person, the shortest first."""
    counted = [one for one in handovers if one.starts_on <= day <= one.ends_on]
    edge = [Way((taker,))]
    found: list[Way] = []
    for _ in range(MOST_HOPS):
        edge = [
            Way((one.giver, *way.people), _narrower(one.limit, way.limit))
            for way in edge
            for one in counted
            if one.taker == way.giver and one.giver not in way.people
        ]
        found += edge
    return tuple(found)


def _narrower(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits, default=None)
