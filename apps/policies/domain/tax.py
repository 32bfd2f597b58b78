"""Value added tax in and on top of an amount.

    113.00 with 13 % in it is 100.00 + 13.00;  100.00 is 88.50 + 11.50

The net amount is rounded, the tax is the rest, so that both always add up to the gross.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.core.rounding import RoundingMode, round_amount


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """An amount without tax, and the tax on it."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """Return what is paid."""
        return self.net + self.tax


def split_gross(gross: Decimal, rate: Decimal, currency: str, mode: RoundingMode) -> TaxSplit:
    """Take the tax out of an amount that includes it (价税分离)."""
    net = round_amount(gross / (1 + rate), currency, mode)
    return TaxSplit(net, gross - net)


def add_tax(net: Decimal, rate: Decimal, currency: str, mode: RoundingMode) -> TaxSplit:
    """Put the tax on top of an amount that does not include it."""
    return TaxSplit(net, round_amount(net * rate, currency, mode))
