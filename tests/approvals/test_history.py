"""My history: what one person decided, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.approvals.access import decisions_of
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import decide
from apps.approvals.services.delegations import delegate
from apps.approvals.words import DecisionKind
from apps.audit.models import OperationLog
from apps.organizations.models import User
from tests.approvals.rounds import (
    APPROVE,
    REJECT,
    approve,
    ask,
    ask_for,
    make_entry,
    make_flow,
    task_of,
)
from tests.factories import make_approver, make_ledger
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
LIST, EXPORT = (f"approvals:decision_{what}" for what in ("list", "export"))


class Desk:
    """An approver who approved one entry, rejected one, and stood in for a colleague."""

    def __init__(self) -> None:
        """Decide three requests of one ledger."""
        self.ledger = make_ledger()
        self.person, self.colleague = (make_approver(self.ledger) for _ in range(2))
        make_flow(self.ledger.organization, ask(self.person), ask(self.colleague, 2))
        today = timezone.localdate()
        delegate(self.person, (today, today), actor=self.colleague)
        self.approved = self._request("100")
        approve(self.approved, self.person)
        self.rejected = self._request("250")
        self._decide(self.rejected, self.person, REJECT, reason="=No receipt")
        third = self._request("999")
        self._decide(third, self.person, APPROVE)
        self._decide(third, self.colleague, APPROVE)
        self.client = signed_in(self.person)

    def _request(self, amount: str) -> ApprovalRequest:
        return ask_for(make_entry(self.ledger, amount, summary=f"Rent {amount}"))

    def _decide(
        self, request: ApprovalRequest, of: User, verdict: DecisionKind, reason: str = ""
    ) -> None:
        task = task_of(request, of)
        decide(task, verdict, actor=self.person, reason=reason)

    def amounts(self, **filters: str) -> list[str]:
        """Return the amounts of the decisions that the page shows."""
        page = self.client.get(reverse(LIST), filters)
        return [f"{row.request.amount:.0f}" for row in page.context["rows"]]


@pytest.fixture
def desk() -> Desk:
    """Return a desk."""
    return Desk()


def test_it_shows_what_the_reader_decided_newest_first(desk: Desk) -> None:
    page = desk.client.get(reverse(LIST)).content.decode()

    assert desk.amounts() == ["999", "999", "250", "100"]
    assert "=No receipt" in page
    assert f"for {desk.colleague.display_name()}" in page


def test_it_filters_by_verdict_by_place_and_by_day(desk: Desk) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    assert desk.amounts(verdict="reject") == ["250"]
    assert desk.amounts(whose="delegated") == ["999"]
    assert desk.amounts(whose="own") == ["999", "250", "100"]
    assert desk.amounts(kind="journal_entry", until=f"{tomorrow}")[-1:] == ["100"]
    assert desk.amounts(since=f"{tomorrow}") == []
    assert desk.client.get(reverse(LIST), {"since": "soon"}).status_code == 422


def test_colleagues_see_their_own_history_alone(desk: Desk) -> None:
    assert not decisions_of(desk.colleague).exists()
    assert signed_in(desk.colleague).get(reverse(LIST)).context["rows"] == []


def test_it_pages_by_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.approvals.views.history.ROWS_PER_PAGE", 3)
    page = desk.client.get(reverse(LIST)).context["page"]

    assert desk.amounts(before=str(page.older)) == ["100"]
    assert desk.amounts(before="x" * 30) == ["999", "999", "250"]


def test_the_number_of_queries_does_not_grow(desk: Desk) -> None:
    counts = []
    for verdict in ("reject", ""):
        with CaptureQueriesContext(connection) as seen:
            desk.amounts(verdict=verdict)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 12


def test_the_export_holds_what_the_filters_find_and_leaves_a_trace(desk: Desk) -> None:
    answer = desk.client.get(reverse(EXPORT), {"verdict": "reject"})
    text = b"".join(answer).decode("utf-8-sig")

    header, *rows = text.splitlines()
    assert header.startswith("When,Decision,Subject")
    assert len(rows) == 1
    assert "250.00,CNY" in rows[0]
    assert "'=No receipt" in rows[0]
    assert OperationLog.objects.get(kind="approval.export").after == {"verdict": "reject"}
