"""A policy file for tests."""

from __future__ import annotations

POLICY = """\
effective_from: 2099-01-01
reason: Yearly review
default_tax_rate: 0.13
tax_rates: {}
invoice_kinds: [special, ordinary]
rounding_mode: half_up
payment_terms: [30, 60, 90]
default_payment_term: 30
fx_method: persistent
reversal_style: red
profit_transfer: monthly
reserve_rate: 0.10
approval_limits:
  senior_accountant: 500000.00
  approver: unlimited
"""


def changed(old: str, new: str) -> str:
    """Return the file with one passage replaced."""
    assert old in POLICY
    return POLICY.replace(old, new)
