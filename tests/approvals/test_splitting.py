"""What one person submits for one counterparty on one day counts together."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from apps.approvals.errors import AboveAuthority
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.counterparties import counterparties_of_entry
from apps.approvals.services.deciding import decide
from apps.approvals.services.requests import withdraw_request
from apps.approvals.services.risks import risk_notes
from apps.ledgers.models import Ledger
from apps.ledgers.services.drafts import submit_journal_entry
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import change_approval_limit
from tests.approvals.rounds import (
    APPROVE,
    approve,
    ask,
    ask_for,
    draft_bill,
    make_bill,
    make_entry,
    make_flow,
    make_partner,
)
from tests.approvals.test_races import at_once
from tests.factories import make_accountant, make_approver, make_ledger, make_user
from tests.sql import refuse, run

ROUNDS, TOGETHER = 20, 4


def make_ladder(ledger: Ledger, edge: str) -> tuple[User, User]:
    """Return who is asked up to an amount, and who is asked above it."""
    low, high = make_approver(ledger), make_approver(ledger)
    make_flow(
        ledger.organization, ask(low, up_to=Decimal(edge)), ask(high, above=Decimal(edge))
    )
    return low, high


def asked(request: ApprovalRequest) -> list[int]:
    """Return the keys of who is asked."""
    return list(request.tasks.values_list("person", flat=True))


@pytest.mark.django_db
def test_a_part_is_asked_of_whom_the_sum_is_asked() -> None:
    ledger = make_ledger()
    low, high = make_ladder(ledger, "100")
    partner, maker = make_partner(ledger), make_accountant(ledger)

    first = ask_for(make_bill(ledger, partner, "60", maker))
    second = ask_for(make_bill(ledger, partner, "50", maker))

    assert (asked(first), asked(second)) == ([low.pk], [high.pk])
    amounts = [second.amount, second.amount_beside, second.counted_amount]
    assert amounts == [Decimal(50), Decimal(60), Decimal(110)]


@pytest.mark.django_db
def test_other_people_partners_and_days_and_none_at_all_count_alone() -> None:
    ledger = make_ledger()
    make_ladder(ledger, "100")
    partner, maker = make_partner(ledger), make_accountant(ledger)
    first = ask_for(make_bill(ledger, partner, "60", maker))

    others = [
        ask_for(make_bill(ledger, partner, "60", make_accountant(ledger))),
        ask_for(make_bill(ledger, make_partner(ledger, "S2"), "60", maker)),
        ask_for(make_entry(ledger, "60", maker=maker)),
        ask_for(make_entry(ledger, "60", maker=maker)),
    ]

    assert [one.amount_beside for one in (first, *others)] == [0] * 5
    assert first.submitted_on == timezone.localdate()


@pytest.mark.django_db
def test_what_was_withdrawn_counts_no_more_and_nothing_counts_twice() -> None:
    ledger = make_ledger()
    make_ladder(ledger, "1000")
    partner, maker = make_partner(ledger), make_accountant(ledger)
    withdraw_request(ask_for(make_bill(ledger, partner, "60", maker)), actor=maker)
    entry = make_bill(ledger, partner, "50", maker)
    ask_for(entry)

    again = ask_for(entry)
    third = ask_for(make_bill(ledger, partner, "7", maker))

    assert (again.amount_beside, third.amount_beside) == (0, 50)


@pytest.mark.django_db
def test_what_is_approved_already_counts_on() -> None:
    ledger = make_ledger()
    low, high = make_ladder(ledger, "100")
    partner, maker = make_partner(ledger), make_accountant(ledger)
    approve(ask_for(make_bill(ledger, partner, "60", maker)), low)

    assert asked(ask_for(make_bill(ledger, partner, "60", maker))) == [high.pk]


@pytest.mark.django_db
def test_a_second_counterparty_hides_no_part() -> None:
    ledger = make_ledger()
    make_ladder(ledger, "100")
    supplier, maker = make_partner(ledger), make_accountant(ledger)
    customer = make_partner(ledger, "C1", "customer")
    ask_for(make_bill(ledger, supplier, "60", maker))

    entry = make_bill(ledger, supplier, "60", maker, also=customer)
    both = ask_for(entry)

    assert [one.name for one in counterparties_of_entry(entry.pk)] == ["Value C1", "Value S1"]
    assert both.counterparties == [f"customer:{customer.pk}", f"supplier:{supplier.pk}"]
    assert both.amount_beside == 60


@pytest.mark.django_db
def test_the_sum_is_compared_with_the_limit_of_who_decides() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization, ask(person))
    partner, maker = make_partner(ledger), make_accountant(ledger)
    ask_for(make_bill(ledger, partner, "30000", maker))
    second = ask_for(make_bill(ledger, partner, "15000", maker))
    assignment = RoleAssignment.objects.get(user=person)
    admin = make_user(ledger.organization, Role.ADMIN)
    change_approval_limit(assignment, Decimal(40000), version=1, actor=admin)

    with pytest.raises(AboveAuthority, match=r"45,?000"):
        decide(second.tasks.get(), APPROVE, actor=person)


@pytest.mark.django_db
def test_postgresql_refuses_a_part_that_leaves_the_others_out() -> None:
    ledger = make_ledger()
    make_ladder(ledger, "1000")
    partner, maker = make_partner(ledger), make_accountant(ledger)
    ask_for(make_bill(ledger, partner, "60", maker))
    part = ask_for(make_bill(ledger, partner, "50", maker))
    columns = [str(field.column) for field in ApprovalRequest._meta.concrete_fields]
    changed = {"subject_id": "subject_id + 1000", "amount_beside": "%(beside)s"}
    copy = (
        f"INSERT INTO approvals_approvalrequest ({', '.join(columns[1:])}) SELECT "
        + ", ".join(changed.get(column, f'"{column}"') for column in columns[1:])
        + " FROM approvals_approvalrequest WHERE id = %(part)s"
    )

    refuse("FM059", copy, part=part.pk, beside=109)
    run(copy, part=part.pk, beside=110)


@pytest.mark.django_db
def test_postgresql_weighs_the_sum_against_the_limit() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization, ask(person))
    partner, maker = make_partner(ledger), make_accountant(ledger)
    ask_for(make_bill(ledger, partner, "60", maker))
    task = ask_for(make_bill(ledger, partner, "50", maker)).tasks.get()
    decide_in_sql = (
        "INSERT INTO approvals_approvaldecision"
        ' (request_id, task_id, kind, actor_id, way, reason, at, "limit") VALUES'
        " (%(request)s, %(task)s, 'approve', %(person)s, ARRAY[%(person)s], '', now(),"
        " %(limit)s)"
    )
    values = {"request": task.request_id, "task": task.pk, "person": person.pk}

    refuse("FM056", decide_in_sql, **values, limit=109)
    run(decide_in_sql, **values, limit=110)


@pytest.mark.django_db
def test_a_note_names_the_other_parts_to_each() -> None:
    ledger = make_ledger()
    low, _high = make_ladder(ledger, "100")
    partner, maker = make_partner(ledger), make_accountant(ledger)
    parts = [ask_for(make_bill(ledger, partner, amount, maker)) for amount in ("60", "50", "7")]

    notes = risk_notes(parts, low)

    texts = [[one.text for one in notes[part.pk] if one.kind == "split"] for part in parts]
    assert [len(found) for found in texts] == [1, 1, 1]
    assert texts[1][0] == (
        "2 others of the same maker, counterparty and day: CNY 60.00 + CNY 7.00. "
        "Together CNY 117.00; this one was asked at CNY 110.00."
    )


@pytest.mark.django_db(transaction=True)
def test_of_parts_that_are_submitted_at_once_each_counts_those_before() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization)
    make_approver(ledger)
    maker = make_accountant(ledger)
    for number in range(ROUNDS):
        partner = make_partner(ledger, f"S{number}")
        bills = [draft_bill(ledger, partner, "10", maker) for _ in range(TOGETHER)]

        at_once(*[partial(submit_journal_entry, one, version=1, actor=maker) for one in bills])

        rounds = ApprovalRequest.objects.filter(subject_id__in=[one.pk for one in bills])
        assert sorted(one.counted_amount for one in rounds) == [10, 20, 30, 40]
