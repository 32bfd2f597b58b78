"""Who may decide: the person asked or a stand-in, never the maker."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.approvals.domain.people import (
    MOST_HOPS,
    Case,
    Handover,
    people_asked,
    stand_ins,
    way_to,
)

DAY = date(2026, 3, 31)
MAKER = 1
CASE = Case(MAKER, Decimal(100), DAY)
person = st.integers(1, 6)


def handover(giver: int, taker: int, limit: str | None = None) -> Handover:
    return Handover(giver, taker, DAY, DAY, None if limit is None else Decimal(limit))


chains = st.lists(st.builds(handover, person, person), max_size=15)


@given(chains, person)
def test_the_maker_never_decides_nor_stands_between(chain: list[Handover], asked: int) -> None:
    ways = stand_ins(asked, CASE, chain)

    assert all(MAKER not in way for way in ways.values())


@given(chains, st.integers(2, 6))
def test_a_way_is_short_begins_with_the_person_asked_and_has_no_circle(
    chain: list[Handover], asked: int
) -> None:
    for decider, way in stand_ins(asked, CASE, chain).items():
        assert (way[0], way[-1]) == (asked, decider)
        assert len(way) == len(set(way)) <= MOST_HOPS + 1


def test_a_chain_is_followed_for_three_hops() -> None:
    chain = [handover(giver, giver + 1) for giver in range(2, 7)]

    assert way_to(5, 2, CASE, chain) == (2, 3, 4, 5)
    assert way_to(6, 2, CASE, chain) is None


def test_a_delegation_counts_from_its_first_to_its_last_day() -> None:
    given_over = [handover(2, 3)]
    days = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]

    ways = [way_to(3, 2, Case(MAKER, Decimal(1), day), given_over) for day in days]

    assert ways == [None, (2, 3), None]


def test_a_delegation_counts_up_to_its_limit_at_every_hop_whatever_the_sign() -> None:
    chain = [handover(2, 3), handover(3, 4, "99.99")]

    assert way_to(3, 2, CASE, chain) == (2, 3)
    assert way_to(4, 2, CASE, chain) is None
    assert way_to(4, 2, Case(MAKER, Decimal(-100), DAY), chain) is None


@given(st.lists(person))
def test_a_step_asks_each_person_once_and_never_the_maker(resolved: list[int]) -> None:
    assert set(people_asked(resolved, MAKER)) == set(resolved) - {MAKER}
