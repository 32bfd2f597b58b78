"""For whom a person may decide: the chains of delegations, read from the one who takes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.approvals.domain.people import MOST_HOPS, Case, Handover, way_to
from apps.approvals.domain.standing_in import Way, ways_into

DAY = date(2026, 3, 31)
MAKER, AMOUNT = 9, Decimal(100)
CASE = Case(MAKER, AMOUNT, DAY)
person = st.integers(1, 6)


def handover(giver: int, taker: int, limit: str | None = None) -> Handover:
    return Handover(giver, taker, DAY, DAY, None if limit is None else Decimal(limit))


limits = st.sampled_from((None, "99.99", "100", "250"))
chains = st.lists(st.builds(handover, person, person, limits), max_size=12)


def test_a_chain_has_the_narrowest_of_its_limits() -> None:
    ways = ways_into(3, DAY, [handover(1, 2, "100"), handover(2, 3, "250")])

    assert ways == (Way((2, 3), Decimal(250)), Way((1, 2, 3), Decimal(100)))


def test_a_delegation_of_another_day_is_no_way() -> None:
    assert ways_into(2, DAY + timedelta(days=1), [handover(1, 2)]) == ()


@given(chains, person)
def test_a_way_is_short_and_holds_nobody_twice(chain: list[Handover], taker: int) -> None:
    ways = ways_into(taker, DAY, chain)

    assert all(len(way.people) - 1 <= MOST_HOPS for way in ways)
    assert all(len(set(way.people)) == len(way.people) for way in ways)


@given(chains, person)
def test_it_finds_those_from_whom_a_decision_finds_a_way(
    chain: list[Handover], taker: int
) -> None:
    ways = ways_into(taker, DAY, chain)
    reaching = {way.giver for way in ways if way.limit is None or way.limit >= AMOUNT}

    others = {*range(1, 7)} - {taker}
    assert reaching == {one for one in others if way_to(taker, one, CASE, chain)}
