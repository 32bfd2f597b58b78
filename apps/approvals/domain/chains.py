"""What a delegation leads to: chains over several people, said before it is given.

    Ann → Bob (1st to 5th), Bob → Cay (3rd to 9th)     Cay decides for Ann, 3rd to 5th

A chain lives on the days, and up to the limit, that all of its delegations have in common. It
ends at the third hop, and where it would come back to somebody who is on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apps.approvals.domain.people import MOST_HOPS, Handover

# A chain of one hop is the delegation itself.
_PLAIN = 2


class ChainEnd(StrEnum):
    """What becomes of the last hop of a chain."""

    REACHES = "reaches"
    CIRCLE = "circle"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Chain:
    """From the person asked to the last taker; no limit is None."""

    people: tuple[int, ...]
    starts_on: date
    ends_on: date
    limit: Decimal | None
    end: ChainEnd = ChainEnd.REACHES

    @property
    def asked(self) -> int:
        """The person whose tasks they are."""
        return self.people[0]

    @property
    def last(self) -> int:
        """The person at the end."""
        return self.people[-1]


def chains_over(new: Handover, others: Iterable[Handover]) -> tuple[Chain, ...]:
    """Return the chains of more than one hop that a new delegation would be part of."""
    known = [one for one in others if _overlap(one, new)]
    givers = _before(new.giver, known)
    found = [chain for person in sorted(givers) for chain in chains_from(person, [*known, new])]
    hop = (new.giver, new.taker)
    return tuple(
        chain
        for chain in found
        if len(chain.people) > _PLAIN
        and hop in zip(chain.people, chain.people[1:], strict=False)
    )


def chains_from(person: int, handovers: Sequence[Handover]) -> list[Chain]:
    """Return every chain that begins at a person, the short ones first."""
    found: list[Chain] = []
    edge = [Chain((person,), date.min, date.max, None)]
    while edge:
        longer = [
            _grow(chain, one) for chain in edge for one in handovers if one.giver == chain.last
        ]
        grown = [chain for chain in longer if chain.starts_on <= chain.ends_on]
        found += grown
        edge = [chain for chain in grown if chain.end == ChainEnd.REACHES]
    return found


def _grow(chain: Chain, one: Handover) -> Chain:
    if one.taker in chain.people:
        end = ChainEnd.CIRCLE
    else:
        end = ChainEnd.TOO_LONG if len(chain.people) > MOST_HOPS else ChainEnd.REACHES
    limits = [limit for limit in (chain.limit, one.limit) if limit is not None]
    return Chain(
        people=(*chain.people, one.taker),
        starts_on=max(chain.starts_on, one.starts_on),
        ends_on=min(chain.ends_on, one.ends_on),
        limit=min(limits, default=None),
        end=end,
    )


def _overlap(one: Handover, other: Handover) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _before(person: int, handovers: Sequence[Handover]) -> set[int]:
    """Return a person with everybody from whom delegations lead there."""
    found = {person}
    for _ in range(MOST_HOPS):
        found |= {one.giver for one in handovers if one.taker in found}
    return found
