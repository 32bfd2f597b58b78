"""Rounds made for benchmarks are rounds as people leave them."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from apps.approvals.models import ApprovalDecision, ApprovalRequest
from apps.approvals.words import VERDICTS, RequestState
from benchmarks._deciders import ask
from benchmarks._rounds import House, fill_house, make_house

pytestmark = pytest.mark.django_db
REQUESTS, WAITING, PATTERNS = 300, 15, 2


@pytest.fixture
def house() -> House:
    """Return an organization with some hundred rounds."""
    made, rng = make_house(), random.Random(1)  # noqa: S311  (a benchmark, by a seed)
    fill_house(made, lambda maker: ask(made, maker, rng), requests=REQUESTS, waiting=WAITING)
    return made


def test_there_are_as_many_as_were_asked_for_under_both_flows(house: House) -> None:
    words = list(ApprovalRequest.objects.values_list("flow__word", flat=True))
    tasks = house.approvers[0].approval_tasks.filter(state="open")

    assert len(words) == REQUESTS + PATTERNS
    assert {"v1", "v2"} == set(words)
    assert tasks.count() == WAITING + PATTERNS


@pytest.mark.usefixtures("house")
def test_what_is_approved_has_the_approvals_that_it_takes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), bool_and(approvals_suffice(id)) FROM approvals_approvalrequest"
            " WHERE state = 'approved'"
        )
        count, suffice = cursor.fetchone()

    assert count > REQUESTS // 2
    assert suffice


@pytest.mark.usefixtures("house")
def test_nobody_decides_on_the_own_request_or_what_waits() -> None:
    verdicts = ApprovalDecision.objects.filter(kind__in=VERDICTS).select_related("request")

    assert verdicts
    assert all(one.actor_id != one.request.maker_id for one in verdicts)
    assert all(one.request.state != RequestState.OPEN for one in verdicts)
