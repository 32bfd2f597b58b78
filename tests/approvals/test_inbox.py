"""The inbox: what waits for a person, for whoever they stand in, and nobody else's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from apps.approvals.services.inbox import count_waiting
from apps.approvals.services.panes import headlines_of
from apps.approvals.words import StepRule
from apps.organizations.permissions import Role
from tests.approvals.desks import Desk, hand_over
from tests.approvals.rounds import approve, ask, ask_approvers, ask_for, make_entry, make_flow
from tests.factories import make_approver, make_department, make_ledger, make_senior, make_user
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def test_it_shows_what_waits_the_longest_waiting_first() -> None:
    desk = Desk()
    for amount in ("100", "300", "200"):
        desk.ask(amount)

    assert desk.amounts() == ["100", "300", "200"]
    assert desk.amounts(sort="newest") == ["200", "300", "100"]
    assert desk.amounts(sort="largest") == ["300", "200", "100"]


def test_what_is_decided_waits_no_more() -> None:
    desk = Desk()
    approve(desk.ask(), desk.person)

    response = desk.get()

    assert "All done" in response.content.decode()
    assert count_waiting(desk.person) == 0


def test_a_step_whose_turn_has_not_come_does_not_wait() -> None:
    ledger = make_ledger()
    first, second = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(first), ask(second, 2))
    request = ask_for(make_entry(ledger))

    assert (count_waiting(first), count_waiting(second)) == (1, 0)
    approve(request, first)
    assert (count_waiting(first), count_waiting(second)) == (0, 1)


def test_a_stand_in_finds_what_the_limit_of_the_delegation_covers() -> None:
    desk = Desk()
    stand_in = make_approver(desk.ledger)
    hand_over(desk.person, stand_in, "150")
    desk.ask("150")
    desk.ask("151")
    desk.client = signed_in(stand_in)

    assert desk.amounts() == ["150"]
    assert desk.amounts(asked="me") == []
    assert f"for {desk.person.display_name()}" in desk.get().content.decode()


def test_nobody_stands_in_for_what_they_made() -> None:
    desk = Desk()
    maker = make_senior(desk.ledger)
    hand_over(desk.person, maker)
    desk.ask(maker=maker)

    assert (count_waiting(maker), count_waiting(desk.person)) == (0, 1)


def test_who_approved_the_step_does_not_find_it_again_for_a_colleague() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    hand_over(two, one)
    make_flow(ledger.organization, ask_approvers(rule=StepRule.ALL))
    request = ask_for(make_entry(ledger))

    approve(request, one)

    assert (count_waiting(one), count_waiting(two)) == (0, 1)


def test_who_is_asked_in_a_step_does_not_find_it_twice_by_standing_in() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    hand_over(two, one)
    make_flow(ledger.organization, ask_approvers(), ask(two))
    ask_for(make_entry(ledger))

    assert (count_waiting(one), count_waiting(two)) == (2, 2)


def test_filters_narrow_the_list_and_nonsense_is_ignored() -> None:
    desk = Desk()
    department = make_department(desk.ledger.organization)
    maker = make_user(desk.ledger.organization, Role.ACCOUNTANT, department=department)
    desk.ask("500", maker=maker)
    desk.ask("100")

    assert desk.amounts(department=department.pk) == ["500"]
    assert desk.amounts(above="100") == ["500"]
    assert desk.amounts(kind="journal_entry", flow="v1") == ["500", "100"]
    assert desk.amounts(department="x", above="much", sort="?") == ["500", "100"]
    assert "No request fits these filters" in desk.get(above="900").content.decode()


def test_the_page_takes_as_many_queries_for_one_task_as_for_many() -> None:
    desk = Desk()
    hand_over(make_approver(desk.ledger), desk.person)
    desk.ask()
    desk.get()
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            desk.get()
        counts.append(len(queries))
        for _request in range(5):
            desk.ask()

    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES, [query["sql"][:90] for query in queries]


def test_all_kinds_of_entries_are_read_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    desk = Desk()
    requests = [desk.ask(word=word) for word in ("general", "transfer")]

    with django_assert_num_queries(1):
        heads = headlines_of(requests)

    assert {one.subject_kind for one in requests} == {"journal_entry", "transfer"}
    assert len(heads) == 2


def test_the_menu_tells_how_much_waits() -> None:
    desk = Desk()
    desk.ask()
    desk.ask()

    groups = desk.client.get("/").context["shell"].nav

    assert {link.label: link.count for link in groups[1].links}["Inbox"] == 2
