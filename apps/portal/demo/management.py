"""The management ledger of the demo: what managers see differently from the tax office.

It holds differences only. Bonuses are accrued month by month although the contract falls
due once a year, and the costs of IT and rent are charged to the departments that use them.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.rounding import split_amount
from apps.portal.demo import names
from apps.portal.demo.accounts import CN
from apps.portal.demo.journal import DemoBook, Leg

if TYPE_CHECKING:
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.names import Unit

_BONUS, _IT, _RENT = Decimal(210_000), Decimal(168_000), Decimal(186_000)
_IT_UNIT, _RENT_UNIT = "D08", "D10"
_UNITS = names.HUADONG_UNITS[:20]


def run_management(book: DemoBook, months: list[Month]) -> None:
    """Write and post the differences of every month that is over."""
    rng = random.Random("management")  # noqa: S311  (a demo, by a seed)
    for month in months:
        if not month.is_complete:
            continue
        growth = Decimal(100 + month.age + rng.randint(-2, 2)) / 100
        _accrue_bonus(book, month, growth)
        _charge(book, month, f"{month.label} IT 费用分摊", "software", _IT_UNIT, _IT * growth)
        _charge(book, month, f"{month.label} 租金分摊", "rent", _RENT_UNIT, _RENT)
        book.post()


def _accrue_bonus(book: DemoBook, month: Month, growth: Decimal) -> None:
    shares = _split(book, _BONUS * growth, _UNITS)
    legs = [
        Leg(CN.expense(unit.kind, "staff"), share, (unit.code,))
        for unit, share in zip(_UNITS, shares, strict=True)
    ]
    total = sum(shares, start=Decimal(0))
    book.write(month.last, f"计提 {month.label} 年终奖", *legs, Leg(CN.wages, -total))


def _charge(
    book: DemoBook, month: Month, text: str, what: str, giver: str, amount: Decimal
) -> None:
    """Charge a cost that one department bore to all others, by their people."""
    units = tuple(unit for unit in _UNITS if unit.code != giver)
    shares = _split(book, amount, units)
    legs = [
        Leg(CN.expense(unit.kind, what), share, (unit.code,))
        for unit, share in zip(units, shares, strict=True)
    ]
    total = sum(shares, start=Decimal(0))
    book.write(month.last, text, *legs, Leg(CN.expense("admin", what), -total, (giver,)))


def _split(book: DemoBook, amount: Decimal, units: tuple[Unit, ...]) -> list[Decimal]:
    whole = amount.quantize(Decimal("0.01"))
    return split_amount(whole, [unit.headcount for unit in units], book.currency)
