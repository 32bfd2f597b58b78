"""Above which amount a settlement waits for another person, as the organization says now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.organizations.models import Organization

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.ledgers.domain.settlement import SettlementPlan
    from apps.ledgers.models import Ledger


def is_above_limit(ledger: Ledger, plan: SettlementPlan) -> bool:
    """Say whether the organization lets a settlement of this size wait for another person."""
    limit = settlement_limit_of(ledger)
    return limit is not None and plan.base_amount > limit


def limit_in_words(ledger: Ledger) -> dict[str, str]:
    """Return currency and limit as people read them."""
    currency, limit = ledger.base_currency_id, settlement_limit_of(ledger)
    return {
        "currency": currency,
        "limit": "" if limit is None else format_amount(limit, minor_digits(currency)),
    }


def settlement_limit_of(ledger: Ledger) -> Decimal | None:
    """Return above which base amount settlements wait, as it is now; None: none waits."""
    rows = Organization.objects.filter(pk=ledger.organization_id)
    return rows.values_list("settlement_limit", flat=True).get()
