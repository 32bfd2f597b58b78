"""Who may decide for whom: the person asked, or a stand-in, and never the maker.

A delegation is dated and may have a limit in the base currency. It is followed for at most
three hops, so that Ann → Bob → Cay → Dan ends at Dan; a circle ends where it began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MOST_HOPS = 3


@dataclass(frozen=True, slots=True)
class Handover:
    """A delegation: `taker` decides for `giver` from the first to the last day."""

    giver: int
    taker: int
    starts_on: date
    ends_on: date
    limit: Decimal | None = None

    def counts(self, day: date, amount: Decimal) -> bool:
        """Say whether it covers an amount on a day."""
        is_now = self.starts_on <= day <= self.ends_on
        return is_now and (self.limit is None or amount.copy_abs() <= self.limit)


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision is about, as far as it matters who takes it."""

    maker: int
    amount: Decimal
    day: date


def stand_ins(
    person: int, case: Case, handovers: Iterable[Handover]
) -> dict[int, tuple[int, ...]]:
    """Return who may decide for a person, each with the shortest way there.

    A way begins with the person asked and ends with who decides. The maker is on no way,
    neither at its end nor in between.
    """
    counted = [one for one in handovers if one.counts(case.day, case.amount)]
    ways: dict[int, tuple[int, ...]] = {person: (person,)} if person != case.maker else {}
    edge = list(ways)
    for _ in range(MOST_HOPS):
        new: dict[int, tuple[int, ...]] = {
            one.taker: (*ways[one.giver], one.taker)
            for one in counted
            if one.giver in edge and one.taker not in ways and one.taker != case.maker
        }
        ways |= new
        edge = list(new)
    return ways


def way_to(
    actor: int, person: int, case: Case, handovers: Iterable[Handover]
) -> tuple[int, ...] | None:
    """Return by which way the actor may decide for a person; None: not at all."""
    return stand_ins(person, case, handovers).get(actor)


def people_asked(resolved: Iterable[int], maker: int) -> tuple[int, ...]:
    """Return whom a step asks: each once, in a fixed order, without the maker."""
    return tuple(sorted(set(resolved) - {maker}))
