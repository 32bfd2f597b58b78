"""The audit trail's pages: search, paging, reading one change, export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from apps.audit.models import OperationLog
from apps.audit.services import record_event
from apps.core.operation import operation
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from tests.factories import (
    make_account,
    make_draft,
    make_ledger,
    make_organization,
    make_user,
)

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
LIST = "/audit/"


@pytest.fixture
def auditor(client: Client) -> User:
    """Return a signed-in auditor."""
    person = make_user(make_organization(), Role.AUDITOR)
    client.force_login(person)
    return person


def make_event(auditor: User, kind: str) -> OperationLog:
    """Return an event of the auditor's organization."""
    return record_event(kind, actor=auditor, resource=("session", "x"))


def found(client: Client, **filters: str | int) -> list[str]:
    """Return the kinds that a search shows."""
    response = client.get(LIST, filters)
    return [row.kind for row, _table in response.context["operations"]]


def test_it_finds_by_operation_person_trace_and_row(client: Client, auditor: User) -> None:
    make_event(auditor, "report.run")

    assert found(client, kind="report") == ["report.run"]
    assert found(client, q="report.run") == ["report.run"]
    assert "report.run" in found(client, actor=auditor.username)
    assert found(client, row="x", table="session") == ["report.run"]
    assert found(client, trace="f" * 32) == []


def test_it_finds_by_the_days_of_the_filter(client: Client, auditor: User) -> None:
    make_event(auditor, "report.run")

    assert found(client, since="2020-01-01", until="9999-12-31", kind="report") == [
        "report.run"
    ]
    assert found(client, until="2020-01-01") == []


@pytest.mark.parametrize("query", ["since=yesterday", "trace=zz", "table=auth_user"])
def test_it_says_at_the_field_what_cannot_be_searched(
    client: Client, auditor: User, query: str
) -> None:
    response = client.get(f"{LIST}?{query}")

    assert response.status_code == 422
    assert response.context["form"].errors


def test_pages_lead_to_older_and_back_without_losing_a_row(
    client: Client, auditor: User
) -> None:
    made = [make_event(auditor, f"report.{number:03}").kind for number in range(120)][::-1]

    first = client.get(LIST, {"kind": "report"}).context
    second = client.get(LIST, {"kind": "report", "before": first["page"].older}).context
    third = client.get(LIST, {"kind": "report", "before": second["page"].older}).context
    back = client.get(LIST, {"kind": "report", "after": second["page"].newer}).context

    pages = [[row.kind for row, _ in page["operations"]] for page in (first, second, third)]
    assert [kind for page in pages for kind in page] == made
    assert third["page"].older is None
    assert [row.kind for row, _ in back["operations"]] == pages[0]


def test_an_auditor_sees_nothing_of_another_organization(client: Client, auditor: User) -> None:
    stranger = make_user(make_organization())
    event = make_event(stranger, "report.run")

    assert "report.run" not in found(client)
    assert client.get(reverse("audit:operation_detail", args=(event.pk,))).status_code == 404


def test_an_administrator_sees_security_events_only(client: Client) -> None:
    ledger = make_ledger()
    admin = make_user(ledger.organization, Role.ADMIN)
    colleague = make_user(ledger.organization)
    grant_role(colleague, Role.ACCOUNTANT, actor=admin)
    draft = make_draft(ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00"))
    client.force_login(admin)

    shown = found(client)

    assert "role.grant" in shown
    assert "journal_entry.create" not in shown
    row = OperationLog.objects.get(resource_type="ledgers_journalentry", resource_id=draft.pk)
    assert client.get(reverse("audit:operation_detail", args=(row.pk,))).status_code == 404


def test_one_change_shows_before_and_after_in_words(client: Client, auditor: User) -> None:
    account = make_account(make_ledger(auditor.organization), name="Cash")
    with operation("account.change", actor=auditor, reason="renamed by the board"):
        account.update_versioned(
            actor=auditor, reason="", expected_version=1, name="Petty cash"
        )
    row = OperationLog.objects.get(kind="account.change", resource_type="ledgers_account")

    page = client.get(reverse("audit:operation_detail", args=(row.pk,)))

    changes = [
        (change.field, change.before, change.after) for change in page.context["changes"]
    ]
    assert ("name", "Cash", "Petty cash") in changes
    assert "renamed by the board" in page.content.decode()


def test_the_change_of_an_entry_links_to_the_entry_and_its_trace(
    client: Client, auditor: User
) -> None:
    ledger = make_ledger(auditor.organization)
    draft = make_draft(ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00"))
    row = OperationLog.objects.get(resource_type="ledgers_journalentry", resource_id=draft.pk)

    context = client.get(reverse("audit:operation_detail", args=(row.pk,))).context

    assert context["page"] == draft.get_absolute_url()
    fields = {change.field: change.after for change in context["changes"]}
    assert fields["state"] == "Draft"
    assert draft.maker.username in fields["maker"]


def test_an_export_streams_what_the_filter_finds_and_is_recorded(
    client: Client, auditor: User
) -> None:
    make_event(auditor, "report.run")
    make_event(auditor, "report.other")

    response = client.get("/audit/export.csv", {"kind": "report.run"})

    lines = b"".join(response.getvalue().splitlines(keepends=True)).decode().splitlines()
    assert len(lines) == 2
    assert "report.run" in lines[1]
    assert OperationLog.objects.filter(kind="audit.export", actor=auditor).exists()
