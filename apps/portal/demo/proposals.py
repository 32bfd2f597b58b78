"""What waits in the demo besides entries: a settlement above the limit, a reopening."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from apps.ledgers.models import Ledger, Period, PeriodState
from apps.ledgers.services.closing.reopen import request_reopening
from apps.ledgers.services.open_items import proposal_for
from apps.ledgers.services.settlement import Choice
from apps.ledgers.services.settlement_proposals import submit_settlement
from apps.organizations.services.structure import change_settlement_limit
from apps.portal.demo.settling import items_by_partner

if TYPE_CHECKING:
    from datetime import date

    from apps.portal.demo.people import Staff

SETTLEMENT_LIMIT = Decimal(200_000)


def leave_proposals_waiting(code: str, staff: Staff, today: date) -> None:
    """Let settlements above a limit wait, propose one, and ask for the last closed period."""
    ledger = Ledger.objects.select_related("organization").get(code=code)
    organization = ledger.organization
    # What was settled so far, in this one transaction, was settled without a limit.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS settlement_is_approved IMMEDIATE")
        cursor.execute("SET CONSTRAINTS settlement_is_approved DEFERRED")
    change_settlement_limit(
        organization,
        limit=SETTLEMENT_LIMIT,
        version=organization.version,
        actor=staff.users["admin"],
    )
    _propose_a_settlement(ledger, staff, today)
    closed = Period.objects.filter(ledger=ledger, state=PeriodState.CLOSED, is_adjustment=False)
    last = closed.order_by("-starts_on").first()
    if last is not None:
        reason = "房东补开了当月的房租发票"
        request_reopening(last, actor=staff.users["senior"], reason=reason)


def _propose_a_settlement(ledger: Ledger, staff: Staff, today: date) -> None:
    """Propose the first settlement in the base currency that is above the limit."""
    for items in items_by_partner(ledger):
        if items[0].currency_id != ledger.base_currency_id:
            continue
        parts = proposal_for(items)
        versions = {item.pk: item.version for item in items}
        debits = {item.pk for item in items if item.open_amount > 0}
        size = sum((parts[pk] for pk in debits & parts.keys()), start=Decimal(0))
        if size > SETTLEMENT_LIMIT:
            choices = {pk: Choice(amount, versions[pk]) for pk, amount in parts.items()}
            submit_settlement(ledger, choices, settled_on=today, actor=staff.makers[0])
            return
