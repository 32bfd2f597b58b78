"""Rounding by named mode, and splitting without loss."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.rounding import RoundingMode, round_amount, split_amount


@pytest.mark.parametrize(
    ("amount", "mode", "rounded"),
    [
        ("2.345", RoundingMode.UP, "2.35"),
        ("2.345", RoundingMode.HALF_UP, "2.35"),
        ("2.345", RoundingMode.DOWN, "2.34"),
        ("2.345", RoundingMode.HALF_EVEN, "2.34"),
        ("2.344", RoundingMode.UP, "2.35"),
        ("-2.345", RoundingMode.HALF_UP, "-2.35"),
        ("1.005", RoundingMode.HALF_UP, "1.01"),
    ],
)
def test_it_rounds_by_the_named_mode(amount: str, mode: RoundingMode, rounded: str) -> None:
    assert round_amount(Decimal(amount), "CNY", mode) == Decimal(rounded)


def test_it_rounds_to_the_unit_of_the_currency() -> None:
    assert round_amount(Decimal("100.5"), "JPY") == Decimal(101)
    assert round_amount(Decimal("0.4505"), "KWD") == Decimal("0.451")


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any),
)
def test_parts_always_add_up_and_differ_by_less_than_a_unit(
    units: int, weights: list[int]
) -> None:
    amount = Decimal(units).scaleb(-2)

    parts = split_amount(amount, weights, "CNY")

    assert sum(parts) == amount
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(
        abs(part - share) < Decimal("0.01") for part, share in zip(parts, exact, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_it_refuses_to_split_by_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="CNY"):
        split_amount(Decimal("1.00"), weights, "CNY")


def test_it_refuses_to_split_what_the_currency_cannot_hold() -> None:
    with pytest.raises(ValueError, match="JPY"):
        split_amount(Decimal("1.50"), [1], "JPY")
