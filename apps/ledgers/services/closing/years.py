"""Where a fiscal year ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.ledgers.models import Period


def is_year_end(period: Period) -> bool:
    """Say whether a fiscal year ends with the period: its last month, or its thirteenth."""
    if period.is_adjustment:
        return True
    later = period.ledger.periods.filter(
        fiscal_year=period.fiscal_year, number__gt=period.number, is_adjustment=False
    )
    return not later.exists()
