"""What the policy of a day makes of an invoice: tax, net, gross, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.money import parse_amount
from apps.policies.domain.tax import TaxSplit, add_tax, split_gross
from apps.policies.domain.terms import due_dates
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from datetime import date

    from apps.policies.domain.facts import PolicyFacts


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as people describe it; the amount is a text in the currency."""

    amount: str
    currency: str
    is_gross: bool
    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class Worked:
    """An invoice worked out under a policy."""

    policy: PolicyFacts
    rate: Decimal
    split: TaxSplit
    currency: str
    due: dict[int, date]


def work_out(invoice: Invoice, *, organization_id: int) -> Worked:
    """Split the tax and count the due dates under the policy of the invoice's day.

    Raises:
        InvalidAmount, UnknownCurrency: the amount cannot be read.
    """
    policy = policy_on(organization_id, invoice.day)
    rate = policy.tax_rate_of(invoice.kind)
    amount = parse_amount(invoice.amount, invoice.currency)
    split = split_gross if invoice.is_gross else add_tax
    return Worked(
        policy=policy,
        rate=rate,
        split=split(amount, rate, invoice.currency, policy.rounding_mode),
        currency=invoice.currency,
        due=due_dates(invoice.day, policy.payment_terms),
    )
