"""Chains of delegations: where a new one leads, on which days and up to how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from apps.approvals.domain.chains import ChainEnd, chains_over
from apps.approvals.domain.people import Handover

ANN, BOB, CAY, DAN, EVE = range(1, 6)


def on(first: int, last: int, *people: int, limit: int | None = None) -> Handover:
    """Return a delegation for days of March."""
    giver, taker = people
    amount = None if limit is None else Decimal(limit)
    return Handover(giver, taker, date(2026, 3, first), date(2026, 3, last), amount)


def test_a_delegation_to_one_person_is_no_chain() -> None:
    assert chains_over(on(1, 5, ANN, BOB), [on(1, 5, CAY, DAN)]) == ()


def test_who_took_before_passes_it_on_for_the_days_in_common_and_the_lower_limit() -> None:
    known = [on(3, 9, BOB, CAY, limit=500), on(6, 9, BOB, DAN)]

    (chain,) = chains_over(on(1, 5, ANN, BOB, limit=900), known)

    assert (chain.people, chain.end) == ((ANN, BOB, CAY), ChainEnd.REACHES)
    assert (chain.starts_on.day, chain.ends_on.day, chain.limit) == (3, 5, Decimal(500))


def test_what_the_giver_took_goes_along() -> None:
    (chain,) = chains_over(on(1, 5, BOB, CAY), [on(1, 5, ANN, BOB)])

    assert (chain.people, chain.asked, chain.last) == ((ANN, BOB, CAY), ANN, CAY)


def test_a_circle_ends_where_it_began() -> None:
    chains = chains_over(on(1, 5, BOB, ANN), [on(1, 5, ANN, BOB)])

    assert {(chain.people, chain.end) for chain in chains} == {
        ((ANN, BOB, ANN), ChainEnd.CIRCLE),
        ((BOB, ANN, BOB), ChainEnd.CIRCLE),
    }


def test_the_fourth_hop_does_not_count() -> None:
    known = [on(1, 5, BOB, CAY), on(1, 5, CAY, DAN), on(1, 5, DAN, EVE)]

    chains = {chain.people: chain.end for chain in chains_over(on(1, 5, ANN, BOB), known)}

    assert chains[ANN, BOB, CAY, DAN] == ChainEnd.REACHES
    assert chains[ANN, BOB, CAY, DAN, EVE] == ChainEnd.TOO_LONG
    assert len(chains) == 3
