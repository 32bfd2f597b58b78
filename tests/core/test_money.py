"""Reading amounts and knowing currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import InvalidAmount, UnknownCurrency
from apps.core.money import has_scale_of, minor_digits, parse_amount


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("JPY", 0), ("CNY", 2), ("USD", 2), ("KWD", 3), ("CLF", 4), ("CZK", 2), ("HUF", 2)],
)
def test_it_knows_the_minor_digits_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("currency", ["XYZ", "cny", "", "DEM", "RMB"])
def test_it_refuses_what_is_not_a_currency_in_use(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        minor_digits(currency)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.56", "1234.56"),
        ("1,234.5", "1234.50"),
        (" 7 ", "7.00"),
        ("-0.01", "-0.01"),
        ("(5.00)", "-5.00"),
        ("-0.00", "0.00"),
        ("999999999999999.99", "999999999999999.99"),
        ("1.5000", "1.50"),
    ],
)
def test_it_reads_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert str(parse_amount(text, "CNY")) == amount


@pytest.mark.parametrize(
    "text",
    ["", "abc", "NaN", "Infinity", "1e3", "1e400", "１２３", "1_000", "1,23.00", "1.005", "--1",
     "(-1)", "+1", "1.2.3", "٣", "0x10", "1 000", "1000000000000000", "1．5"],
)  # fmt: skip
def test_it_refuses_everything_else(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, "CNY")


def test_it_refuses_decimals_of_a_currency_that_has_none() -> None:
    with pytest.raises(InvalidAmount, match="JPY"):
        parse_amount("100.5", "JPY")


def test_it_keeps_three_digits_of_a_dinar() -> None:
    amount = parse_amount("0.450", "KWD")

    assert amount == Decimal("0.450")
    assert has_scale_of(amount, "KWD")
    assert not has_scale_of(amount / 10000, "KWD")


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=2))
def test_it_reads_back_every_amount_that_it_would_show(amount: Decimal) -> None:
    assert parse_amount(f"{amount:,.2f}", "CNY") == amount
