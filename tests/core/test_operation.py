"""Operations tell the audit triggers who, what and why."""

from __future__ import annotations

import pytest

from apps.audit.models import OperationLog
from apps.core.operation import operation
from apps.core.trace import trace
from apps.organizations.models import Organization
from tests.factories import make_department, make_organization, make_system_user

pytestmark = pytest.mark.django_db


def test_every_row_of_an_operation_shares_its_context() -> None:
    organization = make_organization()

    with trace("b" * 32), operation("test.setup", actor=make_system_user(), reason="because"):
        make_department(organization)
        make_department(organization)

    rows = OperationLog.objects.filter(kind="test.setup")
    assert [row.resource_type for row in rows] == ["organizations_department"] * 2
    assert len({row.operation_id for row in rows}) == 1
    assert {(row.actor_name, row.reason, row.trace_id) for row in rows} == {
        ("system", "because", "b" * 32)
    }


def test_an_inner_operation_gives_the_context_back() -> None:
    organization = make_organization()

    with operation("outer", actor=make_system_user()):
        with operation("inner", actor=make_system_user()):
            make_department(organization)
        make_department(organization)

    kinds = OperationLog.objects.filter(resource_type="organizations_department")
    assert [row.kind for row in kinds.order_by("id")] == ["inner", "outer"]


def test_nothing_remains_of_an_operation_that_fails() -> None:
    with pytest.raises(RuntimeError), operation("doomed", actor=make_system_user()):
        make_organization("lost")
        raise RuntimeError

    assert not Organization.objects.filter(code="lost").exists()
    assert not OperationLog.objects.filter(kind="doomed").exists()
