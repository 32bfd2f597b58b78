"""Amounts in capital Chinese numerals 大写金额, as vouchers and cheques carry them.

The rules are those of 会计基础工作规范 (财政部), article 52:
an amount that ends at 元 or 角 is closed by 整, one that ends at 分 is not; zeros inside are
read as one 零; where the 元 digit is zero and 角 is not, the 零 between them is left out,
which the rule allows.
"""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
# Decimals of numeric(20,4): 角, 分 and, for currencies with more, 厘 and 毫.
PARTS = "角分厘毫"
_WAN = 10**4
_YI = 10**8


def chinese_amount(amount: Decimal) -> str:
    """Return the amount in capital numerals: 1001.10 → 壹仟零壹元壹角整.

    Raises:
        ValueError: the amount is not a number, or has more than four decimals.
    """
    if not amount.is_finite():
        message = f"{amount} is not an amount"
        raise ValueError(message)
    whole, _, part = f"{abs(amount):f}".partition(".")
    part = part.rstrip("0")
    if len(part) > len(PARTS):
        message = f"{amount} has more than {len(PARTS)} decimals"
        raise ValueError(message)
    yuan = int(whole)
    sign = "负" if amount < 0 else ""
    return sign + _yuan_text(yuan, part) + _part_text(part, after_yuan=yuan > 0)


def _yuan_text(yuan: int, part: str) -> str:
    """Return the text up to 元; nothing when there are only parts of a yuan."""
    if yuan:
        return f"{_whole_text(yuan)}元"
    return "" if part else "零元"


def _part_text(part: str, *, after_yuan: bool) -> str:
    """Return the text behind 元, from decimals without trailing zeros."""
    text = ""
    skipped = False
    for digit, unit in zip(part, PARTS, strict=False):
        if digit == "0":
            skipped = True
            continue
        if skipped and (text or after_yuan):
            text += "零"
        text += DIGITS[int(digit)] + unit
        skipped = False
    return f"{text}整" if len(part) <= 1 else text


def _whole_text(number: int) -> str:
    """Return a positive whole number, cut at 亿 and 万 where Chinese cuts it."""
    for unit, name in ((_YI, "亿"), (_WAN, "万")):
        if number >= unit:
            head, tail = divmod(number, unit)
            return f"{_whole_text(head)}{name}{_tail_text(tail, unit)}"
    return _group_text(number)


def _tail_text(tail: int, unit: int) -> str:
    """Return what follows a unit, with 零 when its first place is empty."""
    if not tail:
        return ""
    return ("零" if tail * 10 < unit else "") + _whole_text(tail)


def _group_text(number: int) -> str:
    """Return a number below ten thousand."""
    text = ""
    skipped = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            skipped = True
            continue
        text += ("零" if skipped and text else "") + DIGITS[digit] + PLACES[place]
        skipped = False
    return text
