"""Two people at once at reopenings, policies, rates and settlements: one outcome."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.services.shipping import ship_flows
from tests.approvals.subjects import Policy, Rate, Reopening, Settlement
from tests.approvals.test_races import at_once, refusals, verdicts
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def asked_of_two(kind: type[Any]) -> tuple[Any, Any, Any]:
    """Return a subject of which two people are asked, and its row as each of them sees it."""
    subject = kind()
    subject.first = make_user(subject.organization, subject.decider)
    subject.second = make_user(subject.organization, subject.decider)
    ship_flows(subject.organization, actor=subject.first)
    subject.row = subject.submit()
    rows = type(subject.row).objects
    return subject, rows.get(pk=subject.row.pk), rows.get(pk=subject.row.pk)


def answering(subject: Any, row: Any, name: str, *people: Any) -> Any:
    """Return what a person does who sees the row."""
    seen = object.__new__(type(subject))
    vars(seen).update(vars(subject) | {"row": row})
    return lambda: getattr(seen, name)(*people)


@pytest.mark.parametrize("kind", [Reopening, Policy, Rate, Settlement])
def test_of_two_who_approve_one_does(kind: type[Any]) -> None:
    for _ in range(ROUNDS):
        subject, one, other = asked_of_two(kind)

        results = at_once(
            answering(subject, one, "approve", subject.first),
            answering(subject, other, "approve", subject.second),
        )

        assert len(refusals(results)) == 1, results
        assert verdicts(subject.round()) == 1
        assert subject.state() == ("approved", subject.done)


@pytest.mark.parametrize("kind", [Reopening, Policy, Settlement])
def test_it_is_carried_out_or_taken_back_never_both(kind: type[Any]) -> None:
    for _ in range(ROUNDS):
        subject, one, other = asked_of_two(kind)

        results = at_once(
            answering(subject, one, "approve", subject.first),
            answering(subject, other, "withdraw"),
        )

        assert len(refusals(results)) == 1, results
        is_done = results[1] in refusals(results)
        assert subject.state()[0] == ("approved" if is_done else "withdrawn")
        assert (subject.state()[1] == subject.done) is is_done
