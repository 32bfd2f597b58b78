"""The operation log writes itself: no change without its row, whoever makes it."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.db import transaction

from apps.audit.models import OperationLog
from apps.audit.services import record_event
from apps.core.operation import operation
from apps.core.trace import trace
from apps.organizations.permissions import Role
from tests.factories import make_account, make_draft, make_ledger, make_organization, make_user
from tests.sql import run

pytestmark = pytest.mark.django_db


def test_a_change_is_logged_with_who_why_trace_and_only_what_differs() -> None:
    ledger = make_ledger()
    account, actor = make_account(ledger, name="Cash"), make_user(ledger.organization)

    with trace("a" * 32), operation("account.change", actor=actor, reason="new name"):
        account.update_versioned(actor=actor, reason="", expected_version=1, name="Petty cash")

    row = OperationLog.objects.get(kind="account.change")
    assert (row.actor, row.actor_name, row.reason) == (actor, actor.username, "new name")
    assert (row.trace_id, row.organization) == ("a" * 32, ledger.organization)
    before, after = row.before or {}, row.after or {}
    assert (before["name"], after["name"], after["version"]) == ("Cash", "Petty cash", 2)
    assert "code" not in before


def test_all_rows_of_one_operation_carry_one_id() -> None:
    organization = make_organization()
    actor = make_user(organization)

    with operation("people.import", actor=actor):
        make_user(organization)
        make_user(organization)

    rows = OperationLog.objects.filter(kind="people.import")
    assert rows.count() == 2
    assert len({row.operation_id for row in rows}) == 1


def test_a_rolled_back_change_leaves_no_row() -> None:
    actor = make_user(make_organization())

    with pytest.raises(RuntimeError), operation("user.change", actor=actor):
        run("UPDATE organizations_user SET first_name = 'x' WHERE id = %(id)s", id=actor.pk)
        raise RuntimeError

    assert not OperationLog.objects.filter(kind="user.change").exists()


def test_a_change_past_the_application_names_the_database_user_and_nobody_else() -> None:
    user = make_user(make_organization())

    run("UPDATE organizations_user SET first_name = 'x' WHERE id = %(id)s", id=user.pk)

    row = OperationLog.objects.order_by("id").last()
    assert row is not None
    assert (row.kind, row.actor, row.after) == ("sql", None, {"first_name": "x"})
    assert row.database_user == run("SELECT session_user")[0][0]


def test_the_name_of_an_operation_ends_with_it_also_inside_a_transaction() -> None:
    user = make_user(make_organization())

    with transaction.atomic():
        with operation("user.change", actor=user):
            pass
        run("UPDATE organizations_user SET first_name = 'y' WHERE id = %(id)s", id=user.pk)

    assert OperationLog.objects.order_by("-id")[0].kind == "sql"


def test_an_inner_operation_gives_the_name_back_to_the_outer_one() -> None:
    user = make_user(make_organization())

    with operation("outer.step", actor=user):
        with operation("inner.step", actor=user):
            pass
        run("UPDATE organizations_user SET first_name = 'z' WHERE id = %(id)s", id=user.pk)

    assert OperationLog.objects.order_by("-id")[0].kind == "outer.step"


def test_amounts_in_the_log_are_exact() -> None:
    ledger = make_ledger()
    amount = "1234567890123.45"
    lines = (make_account(ledger), amount), (make_account(ledger), f"-{amount}")

    draft = make_draft(ledger, *lines)

    row = OperationLog.objects.get(
        resource_type="ledgers_journalentry", resource_id=str(draft.pk)
    )
    assert (row.after or {})["total"] == Decimal(amount)


def test_a_password_never_reaches_the_log() -> None:
    user = make_user(make_organization())

    user.set_password("another correct horse")
    user.save()

    rows = OperationLog.objects.filter(resource_type="organizations_user")
    assert all("password" not in (row.after or {}) for row in rows)


def test_an_event_belongs_to_the_organization_of_its_actor() -> None:
    actor = make_user(make_organization(), Role.AUDITOR)

    with trace("b" * 32):
        row = record_event("report.export", actor=actor, resource=("report", uuid.uuid4()))

    assert (row.organization, row.trace_id) == (actor.organization, "b" * 32)
    assert row.action == OperationLog.Action.EVENT
