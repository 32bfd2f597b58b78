"""What a department gets: sticky, growing, and by nothing but its place in line."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from waffle import flag_is_active

from apps.organizations.models import Department, Organization, User
from apps.rollout.domain.buckets import bucket_of
from apps.rollout.models import Flag
from apps.rollout.services.decisions import choose, choose_many
from apps.rollout.services.flags import set_percent, start_rollout, stop_rollout
from apps.rollout.words import FINANCIAL_APPROVAL_V2, OverrideMode, Reason
from tests.factories import make_department, make_organization, make_user
from tests.rollout.flags import WHY, make_admin, make_departments, make_flag, pin

pytestmark = pytest.mark.django_db
STEPS = ("5", "15", "50", "100")
BUCKET_OF_42 = 9894


def on_at(percent: str, flag: Flag, departments: list[Department], admin: User) -> set[int]:
    """Bring a flag to a share and return who has it on."""
    if flag.percent != Decimal(percent):
        flag = set_percent(
            flag, Decimal(percent), version=flag.version, reason=WHY, actor=admin
        )
    choices = choose_many(flag.name, departments)
    return {d.pk for d, choice in zip(departments, choices, strict=True) if choice.is_on}


def test_each_step_keeps_the_departments_of_the_one_before_and_meets_its_share() -> None:
    flag = make_flag(percent="0")
    departments, admin = make_departments(flag.organization, 2000), make_admin(flag)

    sets = [on_at(percent, flag, departments, admin) for percent in STEPS]

    assert all(one <= other for one, other in pairwise(sets))
    shares = [len(on) / 20 for on in sets]
    assert all(abs(share - int(p)) <= 2 for share, p in zip(shares, STEPS, strict=True))


def test_a_department_keeps_its_place_whatever_else_changes() -> None:
    flag = make_flag()
    department = make_department(flag.organization)
    before = choose(flag.name, department)

    make_departments(flag.organization, 20)
    changed = department.update_versioned(
        actor=make_admin(flag), reason=WHY, expected_version=1, code="other", name="Other"
    )

    assert choose(flag.name, changed) == before
    assert before.bucket == bucket_of(flag.name, department.pk)


def test_the_place_is_the_hash_of_both_names() -> None:
    # sha256("financial-approval-v2:42"), first eight bytes, modulo 10,000
    assert bucket_of(FINANCIAL_APPROVAL_V2, 42) == BUCKET_OF_42
    assert bucket_of("another-flag", 42) != BUCKET_OF_42


def test_a_choice_says_which_state_of_the_flag_decided() -> None:
    flag = make_flag(percent="100")

    choice = choose(flag.name, make_department(flag.organization))

    assert (choice.is_on, choice.percent) == (True, Decimal(100))
    assert choice.reason == Reason.BUCKET
    assert (choice.flag_id, choice.flag_version) == (flag.pk, 1)


def test_nobody_without_department_or_flag_gets_what_is_new() -> None:
    flag = make_flag(percent="100")
    stranger = make_department(make_organization())

    assert choose(flag.name, None).reason == Reason.NO_DEPARTMENT
    assert choose(flag.name, stranger).reason == Reason.NO_FLAG
    assert not any(c.is_on for c in choose_many(flag.name, [None, stranger]))


def test_a_pinned_department_leaves_the_line_until_it_follows_again() -> None:
    flag = make_flag(percent="0")
    department = make_department(flag.organization)

    flag = pin(flag, department, OverrideMode.ON)
    assert (choose(flag.name, department).is_on, flag.version) == (True, 2)
    flag = pin(flag, department, OverrideMode.OFF)
    assert choose(flag.name, department).reason == Reason.OVERRIDE
    pin(flag, department, OverrideMode.FOLLOW)

    assert choose(flag.name, department).reason == Reason.BUCKET


def test_a_stopped_rollout_is_off_even_for_the_pinned_and_comes_back_as_it_was() -> None:
    flag = make_flag(percent="100")
    departments, admin = make_departments(flag.organization, 3), make_admin(flag)
    flag = pin(flag, departments[0], OverrideMode.ON)

    flag = stop_rollout(flag, version=flag.version, reason=WHY, actor=admin)
    choices = choose_many(flag.name, departments)
    assert {(choice.is_on, choice.reason) for choice in choices} == {(False, Reason.KILLED)}
    start_rollout(flag, version=flag.version, reason=WHY, actor=admin)

    assert all(choice.is_on for choice in choose_many(flag.name, departments))


def test_three_hundred_choices_take_two_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    flag = make_flag()
    departments = make_departments(flag.organization, 300)
    for department in departments[:3]:
        flag = pin(flag, department, OverrideMode.ON)

    with django_assert_max_num_queries(2):
        choices = choose_many(flag.name, departments)

    assert len(choices) == 300


def test_waffle_asks_the_department_of_who_is_signed_in() -> None:
    flag = make_flag(percent="100")
    request = RequestFactory().get("/")

    request.user = person_of(flag.organization)
    assert flag_is_active(request, flag.name)
    request.user = AnonymousUser()

    assert not flag_is_active(request, flag.name)


def person_of(organization: Organization) -> User:
    """Return somebody with a department."""
    return make_user(organization, department=make_department(organization))
