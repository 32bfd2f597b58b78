"""How amounts are rounded and converted here: one place between the books and the policies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from apps.core.rounding import RoundingMode
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger


def rounding_mode(ledger: Ledger, day: date) -> RoundingMode:
    """Return how conversions of the ledger's organization are rounded on a day."""
    return RoundingMode(policy_on(ledger.organization_id, day).rounding_mode)
