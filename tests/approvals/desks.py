"""An approver's desk: a ledger, the approver, and what was asked."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.delegations import delegate
from apps.organizations.models import User
from tests.approvals.rounds import ask, ask_for, make_entry, make_flow
from tests.factories import make_approver, make_ledger
from tests.permission_world import signed_in


class Desk:
    """An approver, whom the first step of the flow asks."""

    def __init__(self, **second: Any) -> None:
        """Begin with nothing to do; `second` are values of a second step, if there is one."""
        self.ledger = make_ledger()
        self.person, self.colleague = (make_approver(self.ledger) for _ in range(2))
        more = [ask(self.colleague, 2, **second)] if second else []
        make_flow(self.ledger.organization, ask(self.person), *more)
        self.client = signed_in(self.person)

    def ask(self, amount: str = "100", **values: Any) -> ApprovalRequest:
        """Ask for an entry of an amount."""
        return ask_for(make_entry(self.ledger, amount, **values))

    def get(self, name: str = "approval_list", *keys: int, **query: Any) -> Any:
        """Open a page."""
        headers = query.pop("headers", None)
        return self.client.get(_url(name, *keys), query, headers=headers)

    def send(self, name: str, *keys: int, **form: Any) -> Any:
        """Send a form, and follow where it leads."""
        return self.client.post(_url(name, *keys), form, follow=True)

    def amounts(self, **filters: Any) -> list[str]:
        """Return the amounts of the list in its order."""
        page = self.get(**filters).context["page"]
        return [f"{item.request.amount:.0f}" for item in page]


def _url(name: str, *keys: int) -> str:
    return reverse(f"approvals:{name}", args=keys)


def hand_over(giver: User, taker: User, limit: str | None = None) -> None:
    """Have a colleague decide for somebody today."""
    today = timezone.localdate()
    most = None if limit is None else Decimal(limit)
    delegate(taker, (today, today + timedelta(days=1)), actor=giver, limit=most)
