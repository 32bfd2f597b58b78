"""What must hold of a policy's content, each problem at its field.

PostgreSQL refuses the worst of it too; here it is said in words, for every field at once.
Fields carry the names of the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from apps.core.errors import FinanceError
from apps.policies import errors
from apps.policies.domain.facts import PolicyContent
from apps.policies.words import LONGEST_TERM_DAYS, InvoiceKind

_MOST_TAX, _MOST_RESERVE = Decimal(1), Decimal(1)
_RATE_DECIMALS, _LIMIT_DECIMALS, _LIMIT_DIGITS = 6, 4, 16


def problems_of(content: PolicyContent) -> list[FinanceError]:
    """Return everything that keeps the content from being a policy; empty if nothing does."""
    return [*_rates(content), *_terms(content), *_kinds(content), *_limits(content)]


def _rates(content: PolicyContent) -> Iterator[FinanceError]:
    rates = {"tax_rate": content.default_tax_rate}
    rates |= {f"{kind}_tax_rate": rate for kind, rate in content.tax_rates.items()}
    for field, rate in rates.items():
        if not 0 <= rate < _MOST_TAX or not _has_decimals(rate, _RATE_DECIMALS):
            yield errors.NotAShare(field=field, most="99.9999")
    if not 0 <= content.reserve_rate <= _MOST_RESERVE or not _has_decimals(
        content.reserve_rate, _RATE_DECIMALS
    ):
        yield errors.NotAShare(field="reserve_rate", most="100")


def _terms(content: PolicyContent) -> Iterator[FinanceError]:
    terms = content.payment_terms
    if not terms:
        yield errors.TermIsMissing(field="payment_terms")
    if any(not 0 <= term <= LONGEST_TERM_DAYS for term in terms):
        yield errors.TermOutOfRange(field="payment_terms", most=LONGEST_TERM_DAYS)
    if len(set(terms)) < len(terms):
        yield errors.TermIsRepeated(field="payment_terms")
    if terms and content.default_payment_term not in terms:
        yield errors.TermIsNotOffered(field="default_payment_term")


def _kinds(content: PolicyContent) -> Iterator[FinanceError]:
    if not set(content.invoice_kinds) & set(InvoiceKind.values):
        yield errors.KindIsMissing(field="invoice_kinds")
    for kind in content.tax_rates:
        if kind not in content.invoice_kinds:
            yield errors.KindIsNotUsed(field=f"{kind}_tax_rate")


def _limits(content: PolicyContent) -> Iterator[FinanceError]:
    for role, limit in content.approval_limits.items():
        if limit is not None and (
            not limit.is_finite()
            or not 0 <= limit < Decimal(10) ** _LIMIT_DIGITS
            or not _has_decimals(limit, _LIMIT_DECIMALS)
        ):
            yield errors.LimitOutOfRange(field=f"{role}_limit")


def _has_decimals(number: Decimal, most: int) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= most
