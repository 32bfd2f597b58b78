"""Versioned rows: one door, no lost update, history kept."""

from __future__ import annotations

import pytest
from django.db.models import F

from apps.core.errors import StaleVersion
from tests.factories import make_department, make_organization, make_system_user

pytestmark = pytest.mark.django_db


def test_it_writes_the_change_the_next_version_and_history() -> None:
    department = make_department(make_organization(), code="ops")

    department.update_versioned(
        actor=make_system_user(), reason="renamed", expected_version=1, name="Operations"
    )

    department.refresh_from_db()
    assert (department.name, department.version) == ("Operations", 2)
    newest = department.history.first()
    assert (newest.name, newest.version) == ("Operations", 2)
    assert newest.history_change_reason == "renamed"
    assert newest.history_user == make_system_user()


def test_it_refuses_a_stale_version_and_changes_nothing() -> None:
    department = make_department(make_organization(), code="ops")
    department.update_versioned(
        actor=make_system_user(), reason="first", expected_version=1, name="First"
    )

    with pytest.raises(StaleVersion):
        department.update_versioned(
            actor=make_system_user(), reason="second", expected_version=1, name="Second"
        )

    department.refresh_from_db()
    assert department.name == "First"
    assert department.history.count() == 2


def test_a_plain_save_of_an_existing_row_is_refused() -> None:
    department = make_department(make_organization())
    department.name = F("code")

    with pytest.raises(TypeError, match="update_versioned"):
        department.save()


def test_an_f_expression_leaves_its_result_in_the_history() -> None:
    department = make_department(make_organization(), code="ops")

    department.update_versioned(
        actor=make_system_user(), reason="copy", expected_version=None, name=F("code")
    )

    assert department.history.first().name == "ops"
