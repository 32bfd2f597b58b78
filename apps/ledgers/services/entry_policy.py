"""The finance policy of an entry: taken when it is written, kept from its submission on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.organizations.access import approval_limit
from apps.policies.services.current import policy_on, policy_version

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from apps.ledgers.models import Ledger, OpenItem
    from apps.organizations.models import User


def policy_id_on(ledger: Ledger, day: date) -> int | None:
    """Return the policy that an entry of a day remembers; None for the built-in defaults."""
    return policy_on(ledger.organization_id, day).version_id


def usual_term_of(item: OpenItem) -> int:
    """Return by how many days an item is due unless somebody says otherwise."""
    organization_id = item.ledger.organization_id
    return policy_version(organization_id, item.entry.policy_id).default_payment_term


def approval_limit_under(
    user: User, organization_id: int, policy_id: int | None
) -> Decimal | None:
    """Return up to which amount the user approves entries that remember the policy.

    A policy that is confirmed while an entry waits changes nothing for this entry.
    """
    policy = policy_version(organization_id, policy_id)
    return approval_limit(user, policy.approval_limits)


def reversal_style_on(ledger: Ledger, day: date) -> str:
    """Return how the ledger writes reversals: as it says itself, else as the policy says."""
    return ledger.reversal_style or policy_on(ledger.organization_id, day).reversal_style
