"""The wallet of the demo: its bill is one that the reader takes, and tells what books have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from apps.portal.demo.wallet import bill_of, sales_of_the_day
from tests.statements.reading import read_lines

DAY = date(2026, 10, 31)


def test_the_bill_is_read_with_its_totals_and_a_refund() -> None:
    _found, (part,) = read_lines("wechat", bill_of(DAY).encode())

    sales = sales_of_the_day()
    assert [line.amount for line in part.lines] == [one.amount - one.fee for one in sales]
    assert [line.reference for line in part.lines] == [one.reference(DAY) for one in sales]
    assert part.lines[-1].reference == "RF1031002"
    assert part.lines[-1].amount == Decimal("-333.98")
