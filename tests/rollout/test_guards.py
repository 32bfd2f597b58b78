"""What PostgreSQL refuses of rollouts, whoever writes."""

from __future__ import annotations

import pytest

from apps.rollout.services.decisions import Subject, choose, record_exposure
from apps.rollout.words import OverrideMode
from tests.factories import make_department, make_organization, make_user
from tests.rollout.flags import make_flag, pin
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
FIXED, VERSION, FOREIGN, LISTS = "FM080", "FM081", "FM082", "FM083"
CHECK, APPEND_ONLY = "23514", "FM007"
NEXT = "version = version + 1"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (FIXED, f"{NEXT}, name = 'another'"),
        (VERSION, "percent = 100"),
        (VERSION, "version = version + 2, percent = 100"),
        (VERSION, f"{NEXT}, change_reason = ' '"),
        (CHECK, f"{NEXT}, percent = 100.01"),
        (CHECK, f"{NEXT}, percent = -1"),
        (CHECK, f"{NEXT}, everyone = true"),
        (CHECK, f"{NEXT}, everyone = false"),
        (CHECK, f"{NEXT}, testing = true"),
        (CHECK, f"{NEXT}, superusers = true"),
        (CHECK, f"{NEXT}, staff = true"),
        (CHECK, f"{NEXT}, authenticated = true"),
        (CHECK, f"{NEXT}, rollout = true"),
        (CHECK, f"{NEXT}, languages = 'en'"),
    ],
)
def test_a_flag_changes_by_versions_with_reasons_and_within_its_share(
    code: str, change: str
) -> None:
    make_flag()

    refuse(code, f"UPDATE rollout_flag SET {change}")


def test_nothing_of_a_rollout_is_deleted() -> None:
    flag = make_flag()
    pin(flag, make_department(flag.organization), OverrideMode.ON)

    run("SET CONSTRAINTS ALL IMMEDIATE")
    refuse(FIXED, "TRUNCATE rollout_flagoverride, rollout_rampstep")
    for table in ("rollout_flagoverride", "rollout_rampstep", "rollout_flag"):
        refuse(FIXED, f"DELETE FROM {table}")


def test_a_flag_is_never_on_for_a_list_of_people_or_groups() -> None:
    flag = make_flag()
    person = make_user(flag.organization)

    refuse(
        LISTS,
        f"INSERT INTO rollout_flag_users (flag_id, user_id) VALUES ({flag.pk}, {person.pk})",
    )
    refuse(LISTS, "INSERT INTO rollout_flag_groups (flag_id, group_id) VALUES (1, 1)")


def test_a_department_of_another_organization_is_never_pinned_or_exposed() -> None:
    flag, stranger = make_flag(), make_department(make_organization())
    own = make_department(flag.organization)
    pin(flag, own, OverrideMode.ON)

    refuse(
        FOREIGN,
        "INSERT INTO rollout_flagoverride (version, created_at, updated_at, mode, pin_reason,"
        f" flag_id, department_id) VALUES (1, now(), now(), 'on', 'x', {flag.pk},"
        f" {stranger.pk})",
    )
    refuse(FIXED, f"UPDATE rollout_flagoverride SET department_id = {stranger.pk}")


def test_an_exposure_is_for_ever() -> None:
    flag = make_flag()
    department, actor = make_department(flag.organization), make_user(flag.organization)
    choice = choose(flag.name, department)
    record_exposure(choice, department, Subject("approval_request", "7"), actor=actor)

    refuse(APPEND_ONLY, "UPDATE rollout_flagexposure SET is_on = false")
    refuse(APPEND_ONLY, "DELETE FROM rollout_flagexposure")
