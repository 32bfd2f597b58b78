"""Choosing many in the inbox, the page that follows, and undoing there."""

from __future__ import annotations

import pytest

from apps.approvals.models import BatchItem, DecisionBatch
from tests.approvals.desks import Desk
from tests.approvals.rounds import ask_for, make_bill, make_partner, state_of, task_of
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def choose(desk: Desk, *amounts: str, **form: str) -> str:
    tasks = [task_of(desk.ask(amount), desk.person).pk for amount in amounts]
    response = desk.send("batch_create", task=tasks, **form)
    return str(response.content.decode())


def test_the_page_tells_totals_by_currency_and_how_long_one_can_undo(desk: Desk) -> None:
    html = choose(desk, "1000.50", "200", act="approve")

    assert "1,200.50" in html
    assert "Carried out in 10 seconds" in html
    assert 'hx-trigger="load delay:1s"' in html


def test_undoing_leads_back_to_the_list_where_they_wait_again(desk: Desk) -> None:
    choose(desk, "100", act="approve")
    batch = DecisionBatch.objects.get()

    html = desk.send("batch_undo", batch.pk).content.decode()

    assert "Undone: nothing was decided" in html
    assert desk.amounts() == ["100"]
    page = desk.get("batch_detail", batch.pk).content.decode()
    assert "hx-get" not in page


def test_undoing_twice_says_that_it_is_too_late(desk: Desk) -> None:
    choose(desk, "100", act="approve")
    batch = DecisionBatch.objects.get()
    desk.send("batch_undo", batch.pk)

    assert "It is too late" in desk.send("batch_undo", batch.pk).content.decode()


def test_by_htmx_it_is_a_part_of_a_page(desk: Desk) -> None:
    choose(desk, "100", act="approve")

    part = desk.get(
        "batch_detail", DecisionBatch.objects.get().pk, headers={"HX-Request": "true"}
    )

    assert "<html" not in part.content.decode()


def test_nobody_else_finds_it(desk: Desk) -> None:
    choose(desk, "100", act="approve")
    batch = DecisionBatch.objects.get()
    desk.client = signed_in(desk.colleague)

    assert desk.get("batch_detail", batch.pk).status_code == 404
    assert desk.send("batch_undo", batch.pk).status_code == 404
    batch.refresh_from_db()
    assert batch.state == "pending"


def test_tasks_of_others_and_nonsense_are_not_taken(desk: Desk) -> None:
    other = Desk()
    foreign = task_of(other.ask(), other.person).pk

    response = desk.send("batch_create", task=[foreign, "x", "0"], act="approve")

    assert "Nothing was decided" in response.content.decode()
    assert not BatchItem.objects.exists()


def test_a_rejection_without_a_reason_leads_back(desk: Desk) -> None:
    html = choose(desk, "100", act="reject")

    assert "Say why" in html
    assert not DecisionBatch.objects.exists()


def test_without_a_script_all_but_the_risky_ones_are_chosen_by_a_link(desk: Desk) -> None:
    plain = task_of(desk.ask(), desk.person)
    risky = ask_for(make_bill(desk.ledger, make_partner(desk.ledger)))

    html = desk.get(select="all").content.decode()

    boxes = [line for line in html.splitlines() if "data-choice " in line]
    checked = [box for box in boxes if " checked" in box]
    assert len(boxes) == 2
    assert [f'value="{plain.pk}"' in box for box in checked] == [True]
    assert state_of(risky)[0] == "open"
