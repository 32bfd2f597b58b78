"""What the departments of the demo ask for: suppliers' invoices of very different sizes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.rounding import round_amount
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.services.rates import base_amount, rate_on
from apps.portal.demo import names
from apps.portal.demo.accounts import CN
from apps.portal.demo.journal import Leg
from apps.portal.demo.texts import SERVICES

if TYPE_CHECKING:
    from apps.portal.demo.journal import DemoBook
    from apps.portal.demo.names import Partner, Unit

# Most are small; one in thirty needs somebody without a limit.
_SIZES = (800, 1_500, 2_600, 4_200, 6_800, 9_500, 14_000, 23_000, 38_000, 64_000, 120_000)
_LARGE = (560_000, 780_000)
_ONE_IN = 30
_VAT = Decimal("0.06")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have booked: net amount in the currency, text, expense."""

    what: str
    text: str
    unit: Unit
    supplier: Partner
    net: Decimal
    currency: str = ""


def wish_of(unit: Unit, rng: random.Random, number: int) -> Wish:
    """Return something that a department needs, from a supplier by number.

    What one person submits for one supplier on a day counts together: another number for
    everything that somebody asks for keeps it apart.
    """
    kinds = [service for service in SERVICES if service[1] == unit.kind]
    what, _, text, _ = rng.choice(kinds)
    supplier = names.CHINA_SUPPLIERS[number % len(names.CHINA_SUPPLIERS)]
    size = rng.choice(_LARGE if rng.randrange(_ONE_IN) == 0 else _SIZES)
    net = Decimal(size * rng.randint(70, 160)) / 100
    return Wish(what, f"{unit.name_zh}{text} {supplier.name_zh}", unit, supplier, net)


def content_of(wish: Wish, book: DemoBook, day: date) -> EntryInput:
    """Return the invoice as an entry: expense and input VAT against the supplier."""
    ledger = book.ledger
    net = round_amount(wish.net, wish.currency or book.currency)
    # No VAT is deducted of what comes from abroad.
    vat = Decimal(0) if wish.currency else round_amount(net * _VAT, book.currency)
    parts = [
        (CN.expense(wish.unit.kind, wish.what), net, (wish.unit.code,)),
        (CN.input_vat, vat, ()),
        (CN.payable, -net - vat, (wish.supplier.code,)),
    ]
    legs = [Leg(code, amount, dimensions) for code, amount, dimensions in parts if amount]
    if wish.currency:
        rate = rate_on(ledger, wish.currency, day)
        base = {amount: base_amount(ledger, amount, rate, day) for _, amount, _ in parts}
        legs = [
            Leg(
                leg.code,
                base[leg.amount],
                leg.dimensions,
                wish.currency,
                leg.amount,
                found=rate,
            )
            for leg in legs
        ]
    return EntryInput(
        entry_date=day,
        lines=tuple(book.line(leg, wish.text) for leg in legs),
        word=_word(book),
        summary=wish.text,
    )


def _word(book: DemoBook) -> str:
    return "transfer" if book.currency == "CNY" else "general"
