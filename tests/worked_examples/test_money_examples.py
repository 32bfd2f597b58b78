"""Splitting, tax and rounding as an accountant would check them with a calculator."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.core.rounding import round_amount, split_amount


def amounts(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("amount", "currency", "weights", "parts"),
    [
        ("100.00", "CNY", [1, 1, 1], amounts("33.34", "33.33", "33.33")),
        ("-100.00", "CNY", [1, 1, 1], amounts("-33.34", "-33.33", "-33.33")),
        ("0.01", "CNY", [1, 1, 1], amounts("0.01", "0", "0")),
        ("100", "JPY", [1, 1, 1], amounts("34", "33", "33")),
        ("34", "JPY", [1, 1, 1, 1], amounts("9", "9", "8", "8")),
        ("100.000", "KWD", [1, 1, 1], amounts("33.334", "33.333", "33.333")),
        ("8.00", "USD", [1, 1, 1], amounts("2.67", "2.67", "2.66")),
        ("0.05", "CNY", [70, 30], amounts("0.04", "0.01")),
        ("0.05", "CNY", [30, 70], amounts("0.02", "0.03")),
    ],
)
def test_a_split_gives_the_remainder_to_the_largest_shares_first(
    amount: str, currency: str, weights: list[int], parts: list[Decimal]
) -> None:
    assert split_amount(Decimal(amount), weights, currency) == parts


@pytest.mark.parametrize(
    ("gross", "net", "tax"), [("113.00", "100.00", "13.00"), ("100.00", "88.50", "11.50")]
)
def test_a_price_with_13_percent_tax_splits_into_net_and_tax(
    gross: str, net: str, tax: str
) -> None:
    price = Decimal(gross)

    without_tax = round_amount(price / Decimal("1.13"), "CNY")

    assert without_tax == Decimal(net)
    assert price - without_tax == Decimal(tax)
