"""Tax, due dates and rounding as a policy decides them, with the figures of a calculator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.rounding import RoundingMode, convert_amount
from apps.policies.domain.facts import DEFAULT_POLICY
from apps.policies.domain.tax import add_tax, split_gross
from apps.policies.domain.terms import due_date, due_dates

HALF_UP = RoundingMode.HALF_UP


@pytest.mark.parametrize(
    ("gross", "rate", "net", "tax"),
    [
        ("113.00", "0.13", "100.00", "13.00"),
        ("100.00", "0.13", "88.50", "11.50"),
        ("106.00", "0.06", "100.00", "6.00"),
        ("-113.00", "0.13", "-100.00", "-13.00"),
        ("0.01", "0.13", "0.01", "0.00"),
        ("100.00", "0", "100.00", "0.00"),
    ],
)
def test_tax_is_taken_out_of_an_amount(gross: str, rate: str, net: str, tax: str) -> None:
    split = split_gross(Decimal(gross), Decimal(rate), "CNY", HALF_UP)

    assert (split.net, split.tax) == (Decimal(net), Decimal(tax))


@pytest.mark.parametrize(("net", "tax"), [("100.00", "13.00"), ("88.50", "11.51")])
def test_tax_is_put_on_top_of_an_amount(net: str, tax: str) -> None:
    split = add_tax(Decimal(net), Decimal("0.13"), "CNY", HALF_UP)

    assert (split.tax, split.gross) == (Decimal(tax), Decimal(net) + Decimal(tax))


@pytest.mark.parametrize(
    ("mode", "net"),
    [("half_up", "885"), ("up", "885"), ("down", "884"), ("half_even", "885")],
)
def test_the_mode_of_the_policy_rounds_the_net_amount(mode: str, net: str) -> None:
    split = split_gross(Decimal(1000), Decimal("0.13"), "JPY", RoundingMode(mode))

    assert (split.net, split.gross) == (Decimal(net), Decimal(1000))


@given(
    st.integers(-(10**12), 10**12), st.integers(0, 999_999), st.sampled_from(list(RoundingMode))
)
def test_net_and_tax_always_add_up(cents: int, millionths: int, mode: RoundingMode) -> None:
    gross, rate = Decimal(cents).scaleb(-2), Decimal(millionths).scaleb(-6)

    split = split_gross(gross, rate, "CNY", mode)

    assert split.gross == gross
    assert abs(split.net * (1 + rate) - gross) < Decimal("0.02")


@pytest.mark.parametrize(
    ("invoice", "due"),
    [
        (date(2026, 1, 31), ["2026-03-02", "2026-04-01", "2026-05-01"]),
        (date(2026, 2, 28), ["2026-03-30", "2026-04-29", "2026-05-29"]),
        (date(2028, 1, 31), ["2028-03-01", "2028-03-31", "2028-04-30"]),
    ],
)
def test_an_invoice_is_due_net_30_60_or_90_days(invoice: date, due: list[str]) -> None:
    found = due_dates(invoice, DEFAULT_POLICY.payment_terms)

    assert [day.isoformat() for day in found.values()] == due
    assert due_date(invoice, DEFAULT_POLICY.default_payment_term).isoformat() == due[0]


@pytest.mark.parametrize(
    ("mode", "yuan"),
    [("half_up", "712.35"), ("half_even", "712.34"), ("up", "712.35"), ("down", "712.34")],
)
def test_the_mode_of_the_policy_rounds_a_conversion(mode: str, yuan: str) -> None:
    """100.00 USD at 7.12345."""
    converted = convert_amount(
        Decimal("100.00"),
        rate=Decimal("7.12345"),
        per=1,
        currency="CNY",
        mode=RoundingMode(mode),
    )

    assert converted == Decimal(yuan)
