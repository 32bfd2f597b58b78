"""A policy as the values that a process reads; immutable, shared between threads.

    PolicyContent    what people decide: rates, modes, terms, limits
    PolicyFacts      the content of one version, with its number and its days

Tax and reserve rates are shares: 0.13 is 13 %. An approval limit is an amount in the base
currency of the ledger at hand; None is without limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from apps.core.rounding import RoundingMode
from apps.organizations.permissions import DEFAULT_APPROVAL_LIMITS, Role
from apps.policies.words import FxMethod, InvoiceKind, ProfitTransfer, ReversalStyle

# The VAT rate of goods in China since 2019-04-01 (财政部公告 2019 年第 39 号).
_STANDARD_TAX_RATE = Decimal("0.13")
# 公司法 第 210 条: ten per cent of the profit after tax.
_STATUTORY_RESERVE = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class PolicyContent:
    """What a version decides; the defaults hold where nobody has decided anything."""

    default_tax_rate: Decimal = _STANDARD_TAX_RATE
    # Only kinds whose rate differs from the default.
    tax_rates: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    rounding_mode: RoundingMode = RoundingMode.HALF_UP
    invoice_kinds: tuple[str, ...] = (InvoiceKind.SPECIAL, InvoiceKind.ORDINARY)
    payment_terms: tuple[int, ...] = (30, 60, 90)
    default_payment_term: int = 30
    fx_method: str = FxMethod.PERSISTENT
    reversal_style: str = ReversalStyle.RED
    profit_transfer: str = ProfitTransfer.MONTHLY
    reserve_rate: Decimal = _STATUTORY_RESERVE
    approval_limits: Mapping[Role, Decimal | None] = field(
        default_factory=lambda: MappingProxyType(DEFAULT_APPROVAL_LIMITS)
    )

    def tax_rate_of(self, invoice_kind: str) -> Decimal:
        """Return the tax rate of a kind of invoice."""
        return self.tax_rates.get(invoice_kind, self.default_tax_rate)


@dataclass(frozen=True, slots=True)
class PolicyFacts(PolicyContent):
    """One version; without a row (`version_id` None) the built-in defaults."""

    version_id: int | None = None
    # Running number in the organization, 0 for the defaults.
    number: int = 0
    effective_from: date | None = None
    effective_to: date | None = None


DEFAULT_POLICY = PolicyFacts()
