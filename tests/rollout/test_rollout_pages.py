"""Looking at rollouts, through HTTP."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.organizations.models import Department, User
from apps.organizations.permissions import Role
from apps.rollout.domain.buckets import bucket_of
from apps.rollout.domain.outcomes import Outcome
from apps.rollout.models import Flag
from apps.rollout.services.decisions import Subject, choose, record_exposure
from apps.rollout.services.moving import move_rollouts
from apps.rollout.words import OverrideMode
from tests.factories import make_department, make_user
from tests.fx.pages import browser_of, text_of
from tests.rollout.flags import (
    WHY,
    make_admin,
    make_departments,
    make_flag,
    pin,
    provide,
)
from tests.rollout.pages import department_at, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def flag() -> Flag:
    """Return a flag at 15 %."""
    return make_flag()


@pytest.fixture
def admin(flag: Flag) -> Client:
    """Return the browser of an administrator."""
    return browser_of(make_admin(flag))


def test_the_list_shows_state_share_and_who_has_it(admin: Client, flag: Flag) -> None:
    pin(flag, make_department(flag.organization), OverrideMode.ON)

    page = text_of(admin, "rollout:flag_list")

    assert "Approval flow v2" in page
    assert "15 %" in page
    assert "1 / 1" in page


def test_the_page_shows_each_department_with_its_place_flow_and_why(
    admin: Client, flag: Flag
) -> None:
    inside = department_at(flag, 0, 15, "Inside")
    outside = department_at(flag, 15, 100, "Outside")
    pin(flag, outside, OverrideMode.ON)

    page = text_of(admin, "rollout:flag_detail", flag.name)

    for department in (inside, outside):
        place = f"{bucket_of(flag.name, department.pk) / 100:05.2f}"
        assert department.name in page
        assert place in page
    assert "Always v2" in page
    assert WHY in page


def test_running_items_and_health_are_left_out_where_nobody_tells_of_them(
    admin: Client, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    provide(monkeypatch)
    make_department(flag.organization)

    page = text_of(admin, "rollout:flag_detail", flag.name)

    assert "In flight" not in page
    assert "Is v2 healthy?" not in page


def test_both_flows_stand_side_by_side_and_few_departments_conclude_nothing(
    admin: Client, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    department = make_department(flag.organization)
    outcomes = [
        Outcome(department.pk, is_on=False, seconds=26 * 3600, is_posted=True),
        Outcome(department.pk, is_on=True, seconds=9 * 3600, is_posted=True),
    ]
    provide(monkeypatch, running=lambda _: {department.pk: 58}, outcomes=lambda *_: outcomes)

    page = text_of(admin, "rollout:flag_detail", flag.name)

    assert "26.0 h" in page
    assert "9.0 h" in page
    assert "too few departments" in page
    assert "1 department had both flows" in page
    assert "58" in page


def test_the_rehearsal_names_who_would_move_and_changes_nothing(
    admin: Client, flag: Flag
) -> None:
    department_at(flag, 15, 50, "Legal")
    department_at(flag, 0, 15, "Sales")

    up = text_of(admin, "rollout:flag_rehearsal", flag.name, percent="50")
    down = text_of(admin, "rollout:flag_rehearsal", flag.name, percent="0")

    assert "Legal" in up
    assert "None would move back." in up
    assert "Sales" in down
    assert "back to v1" in down
    flag.refresh_from_db()
    assert flag.version == 1


def test_the_history_tells_who_what_and_why(admin: Client, flag: Flag) -> None:
    department = make_department(flag.organization, name_zh="法务部")
    flag = pin(flag, department, OverrideMode.ON)
    post(admin, "flag_change", flag, percent="50", confirm="yes", reason="Went well")
    flag.refresh_from_db()
    post(admin, "ramp_edit", flag, day_0="2099-01-01", percent_0="100")

    page = text_of(admin, "rollout:flag_history", flag.name)

    for text in (f"{department}: Always v2", "Went well", "50 %", "100 % (2099-01-01)", "v4"):
        assert text in page


def test_the_history_tells_of_limits_halts_and_steps(
    admin: Client, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected = [Outcome(1, is_on=True, seconds=60, is_rejected=True)] * 20
    provide(monkeypatch, outcomes=lambda *_: rejected)
    post(admin, "ramp_edit", flag, day_0=f"{timezone.localdate()}", percent_0="50")
    flag.refresh_from_db()
    post(admin, "guardrail_edit", flag, rejection="5", least="10")
    move_rollouts()
    flag.refresh_from_db()
    post(admin, "ramp_resume", flag)
    provide(monkeypatch)
    move_rollouts()

    page = text_of(admin, "rollout:flag_history", flag.name)

    assert "Rejected ≤ 5.0 %" in page
    assert "Rejected: 100.0 %, the limit is 5.0 %" in page
    assert "by the guardrail" in page
    assert "step of the ramp taken" in page
    assert "by the schedule" in page


def exposed(flag: Flag, name: str) -> tuple[Department, User]:
    """Return a department that the flag decided something about."""
    department = make_department(flag.organization, code=name)
    actor = make_user(flag.organization)
    choice = choose(flag.name, department)
    record_exposure(choice, department, Subject("approval_request", name), actor=actor)
    return department, actor


def test_exposures_are_taken_along_as_csv_and_json(admin: Client, flag: Flag) -> None:
    department, actor = exposed(flag, "legal")
    url = reverse("rollout:exposure_export", args=(flag.name,))

    text = b"".join(admin.get(url, {"format": "csv"})).decode("utf-8-sig")
    document = json.loads(b"".join(admin.get(url, {"format": "json"})))

    (row,) = list(csv.DictReader(io.StringIO(text)))
    (record,) = document["exposures"]
    bucket = bucket_of(flag.name, department.pk)
    assert (row["Department"], row["Bucket"], row["Who"]) == (
        "legal",
        str(bucket),
        actor.username,
    )
    assert (record["department"], record["bucket"]) == ("legal", bucket)
    assert (record["flag_version"], record["subject_id"]) == (1, "legal")
    assert OperationLog.objects.filter(kind="rollout.export").count() == 2
    assert admin.get(url, {"format": "xml"}).status_code == 404


def test_an_auditor_reads_everything_and_is_offered_no_change(flag: Flag) -> None:
    make_department(flag.organization)
    auditor = browser_of(make_user(flag.organization, Role.AUDITOR))

    page = text_of(auditor, "rollout:flag_detail", flag.name)

    assert "Stop rollout" not in page
    assert 'method="post" action="/rollouts/' not in page
    assert post(auditor, "flag_stop", flag).status_code == 403


def test_a_page_takes_as_many_statements_whatever_the_departments(
    admin: Client, flag: Flag, django_assert_max_num_queries: object
) -> None:
    make_departments(flag.organization, 90)
    text_of(admin, "rollout:flag_detail", flag.name)

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        text_of(admin, "rollout:flag_detail", flag.name)
