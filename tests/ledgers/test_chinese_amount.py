"""Amounts in capital numerals, against values worked out by hand and a second reading."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledgers.domain.chinese_amount import chinese_amount

UNITS = {"拾": 10, "佰": 100, "仟": 1000}
PARTS = {"角": "0.1", "分": "0.01", "厘": "0.001", "毫": "0.0001"}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("-0.00", "零元整"),
        ("0.07", "柒分"),
        ("0.10", "壹角整"),
        ("0.35", "叁角伍分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("15", "壹拾伍元整"),
        ("110", "壹佰壹拾元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1000.50", "壹仟元伍角整"),
        ("1001.10", "壹仟零壹元壹角整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("10000", "壹万元整"),
        ("10010", "壹万零壹拾元整"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("45425.10", "肆万伍仟肆佰贰拾伍元壹角整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("1000001", "壹佰万零壹元整"),
        ("100000000.10", "壹亿元壹角整"),
        ("100001000", "壹亿零壹仟元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100100000.05", "壹亿零壹拾万元零伍分"),
        ("1010101010", "壹拾亿壹仟零壹拾万壹仟零壹拾元整"),
        ("10000000001", "壹佰亿零壹元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("-5.30", "负伍元叁角整"),
        ("1.005", "壹元零伍厘"),
        ("10.1001", "壹拾元壹角零壹毫"),
        ("1E+4", "壹万元整"),
        ("10000000000000000", "壹亿亿元整"),
        (
            "9999999999999999.99",
            "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
        ),
    ],
)
def test_it_writes_what_the_rules_ask_for(amount: str, words: str) -> None:
    assert chinese_amount(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "0.00001"])
def test_it_refuses_what_has_no_words(amount: str) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        chinese_amount(Decimal(amount))


@given(st.decimals(min_value=-(10**16) + 1, max_value=10**16 - 1, places=4))
def test_reading_the_words_gives_back_the_amount(amount: Decimal) -> None:
    words = chinese_amount(amount)

    assert read(words) == amount
    assert "零零" not in words
    assert not words.endswith("零整")


def read(words: str) -> Decimal:
    """Read capital numerals back, by other means than they were written."""
    sign = -1 if words.startswith("负") else 1
    whole, yuan, parts = words.lstrip("负").rstrip("整").partition("元")
    if not yuan:
        whole, parts = "", whole
    total = Decimal(read_whole(whole))
    parts = parts.replace("零", "")
    for digit, unit in zip(parts[::2], parts[1::2], strict=True):
        total += value(digit) * Decimal(PARTS[unit])
    return sign * total


def read_whole(words: str) -> int:
    """Read a whole number."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = words.rpartition(name)
        if found:
            return read_whole(head) * size + read_whole(tail)
    total = digit = 0
    for char in words:
        if char in UNITS:
            total, digit = total + digit * UNITS[char], 0
        else:
            digit = value(char)
    return total + digit


def value(char: str) -> int:
    """Return the value of a capital digit."""
    return "零壹贰叁肆伍陆柒捌玖".index(char)
