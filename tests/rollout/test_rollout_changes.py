"""Changing rollouts, through HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.rollout.models import Flag
from apps.rollout.services.decisions import choose
from apps.rollout.services.flags import set_percent
from apps.rollout.services.ramps import planned_steps
from tests.factories import make_department, make_organization
from tests.fx.pages import browser_of, text_of
from tests.rollout.flags import WHY, make_admin, make_flag
from tests.rollout.pages import department_at, post

pytestmark = pytest.mark.django_db
CONFLICT, REFUSED = 409, 422


@pytest.fixture
def flag() -> Flag:
    """Return a flag at 15 %."""
    return make_flag()


@pytest.fixture
def admin(flag: Flag) -> Client:
    """Return the browser of an administrator."""
    return browser_of(make_admin(flag))


@pytest.mark.parametrize("percent", ["", "x", "101", "-1", "1e1", "１５", "nan", "15.001"])
def test_a_share_that_is_none_is_refused_with_a_sentence(
    admin: Client, flag: Flag, percent: str
) -> None:
    fragment = admin.get(
        reverse("rollout:flag_rehearsal", args=(flag.name,)), {"percent": percent}
    )
    answer = post(admin, "flag_change", flag, percent=percent, confirm="yes")

    assert (fragment.status_code, answer.status_code) == (REFUSED, REFUSED)
    flag.refresh_from_db()
    assert flag.version == 1


def test_a_share_is_shown_first_and_applied_when_confirmed(admin: Client, flag: Flag) -> None:
    department_at(flag, 15, 50, "Legal")

    preview = post(admin, "flag_change", flag, percent="50")
    flag.refresh_from_db()
    assert "Legal" in preview.content.decode()
    assert flag.version == 1
    answer = post(admin, "flag_change", flag, percent="50", confirm="yes")

    flag.refresh_from_db()
    assert answer.status_code == 302
    assert (flag.percent, flag.version, flag.change_reason) == (50, 2, "Trial")


def test_a_change_without_reason_or_of_nothing_is_refused(admin: Client, flag: Flag) -> None:
    same = post(admin, "flag_change", flag, percent="15", confirm="yes")
    silent = post(admin, "flag_change", flag, percent="50", confirm="yes", reason=" ")

    assert (same.status_code, silent.status_code) == (REFUSED, REFUSED)
    assert "how it is already" in same.content.decode()
    assert "required" in silent.content.decode()


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("flag_change", {"percent": "50", "confirm": "yes"}),
        ("flag_stop", {}),
        ("guardrail_edit", {"rejection": "5", "least": "10"}),
        ("ramp_edit", {"day_0": "2099-01-01", "percent_0": "50"}),
    ],
)
def test_who_comes_second_is_told_and_changes_nothing(
    admin: Client, flag: Flag, page: str, values: dict[str, str]
) -> None:
    set_percent(flag, Decimal(20), version=1, reason=WHY, actor=make_admin(flag))

    answer = post(admin, page, flag, version=1, **values)

    assert answer.status_code == CONFLICT
    assert "Somebody else changed" in answer.content.decode()
    flag.refresh_from_db()
    assert (flag.version, flag.percent) == (2, 20)


def test_the_kill_switch_asks_why_and_says_whom_it_moves(admin: Client, flag: Flag) -> None:
    department_at(flag, 0, 15, "Sales")

    assert "Sales" in text_of(admin, "rollout:flag_stop", flag.name)
    post(admin, "flag_stop", flag, reason="Wrong limits")
    page = text_of(admin, "rollout:flag_detail", flag.name)
    assert "Wrong limits" in page
    assert "0 / " in page
    flag.refresh_from_db()
    post(admin, "flag_start", flag)

    flag.refresh_from_db()
    assert not flag.is_killed


def test_a_department_is_pinned_and_follows_again(admin: Client, flag: Flag) -> None:
    department = department_at(flag, 15, 100, "Legal")
    text_of(admin, "rollout:override_edit", flag.name, department.pk)

    post(admin, "override_edit", flag, department.pk, mode="on")
    assert choose(flag.name, department).is_on
    flag.refresh_from_db()
    post(admin, "override_edit", flag, department.pk, mode="follow")

    assert not choose(flag.name, department).is_on


def test_a_department_of_another_organization_is_not_found(admin: Client, flag: Flag) -> None:
    stranger = make_department(make_organization())

    assert post(admin, "override_edit", flag, stranger.pk, mode="on").status_code == 404


def test_a_ramp_is_planned_row_by_row(admin: Client, flag: Flag) -> None:
    later = timezone.localdate() + timedelta(days=9)
    text_of(admin, "rollout:ramp_edit", flag.name)
    steps = {
        "day_0": "2099-01-01",
        "percent_0": "50",
        "day_2": "2099-02-01",
        "percent_2": "100",
    }

    bad = post(admin, "ramp_edit", flag, day_0=later.isoformat(), percent_0="")
    answer = post(admin, "ramp_edit", flag, **steps)

    assert bad.status_code == REFUSED
    assert "A step has a day and a share." in bad.content.decode()
    assert answer.status_code == 302
    assert [step.percent for step in planned_steps(flag)] == [50, 100]
    assert "2099-02-01" in text_of(admin, "rollout:flag_detail", flag.name)


def test_limits_are_set_and_a_halt_is_explained(admin: Client, flag: Flag) -> None:
    post(admin, "guardrail_edit", flag, rejection="5", p90="24", least="10")
    flag.refresh_from_db()
    flag = flag.update_versioned(
        actor=make_admin(flag),
        reason=WHY,
        expected_version=flag.version,
        is_ramp_halted=True,
        halt_detail=[{"measure": "p90", "figure": "30.00", "limit": "24.00"}],
    )

    page = text_of(admin, "rollout:flag_detail", flag.name)
    assert "≤ 5.0 %" in page
    assert "90 % decided within: 30.0 h, the limit is 24.0 h" in page
    assert "30.0 h" in text_of(admin, "rollout:ramp_resume", flag.name)
    post(admin, "ramp_resume", flag)

    flag.refresh_from_db()
    assert not flag.is_ramp_halted
