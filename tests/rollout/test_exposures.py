"""What is kept of a choice that counted."""

from __future__ import annotations

import pytest

from apps.rollout.models import FlagExposure
from apps.rollout.services.decisions import Subject, choose, record_exposure
from tests.factories import make_department, make_organization, make_user
from tests.rollout.flags import make_flag

pytestmark = pytest.mark.django_db


def test_an_exposure_keeps_who_what_and_which_version() -> None:
    flag = make_flag(percent="100")
    department, actor = make_department(flag.organization), make_user(flag.organization)
    choice = choose(flag.name, department)

    record_exposure(choice, department, Subject("approval_request", "7"), actor=actor)

    kept = FlagExposure.objects.get()
    assert (kept.flag, kept.flag_version, kept.department) == (flag, 1, department)
    assert (kept.actor, kept.is_on, kept.bucket) == (actor, True, choice.bucket)
    assert (kept.subject_kind, kept.subject_id) == ("approval_request", "7")


def test_a_subject_is_exposed_once_however_often_it_is_told() -> None:
    flag = make_flag()
    department, actor = make_department(flag.organization), make_user(flag.organization)
    choice = choose(flag.name, department)

    for _ in range(2):
        record_exposure(choice, department, Subject("approval_request", "7"), actor=actor)

    assert FlagExposure.objects.count() == 1


def test_nothing_is_kept_where_no_flag_decided() -> None:
    department = make_department(make_organization())
    choice = choose("no-such-flag", department)

    record_exposure(
        choice, department, Subject("x", "1"), actor=make_user(department.organization)
    )

    assert not FlagExposure.objects.exists()
