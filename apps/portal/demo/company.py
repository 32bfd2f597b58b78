"""A company of the demo, month by month: what every part of its business shares."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.rounding import round_amount, split_amount
from apps.portal.demo.journal import DemoBook, Leg
from apps.portal.demo.texts import Texts

if TYPE_CHECKING:
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.names import Partner, Unit
    from apps.portal.demo.profiles import Profile

NOTHING = Decimal(0)
_KEY_PARTNERS, _KEY_TENTHS = 8, 4


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice that waits to be paid; `foreign` is its amount in `currency`, if another."""

    partner: Partner
    due: date
    amount: Decimal
    currency: str = ""
    foreign: Decimal = NOTHING
    rate: Decimal = Decimal(1)

    def leg(self, code: str, sign: int) -> Leg:
        """Return the line of the item on its control account, debit for a positive sign."""
        amount, foreign = sign * self.amount, sign * self.foreign
        return Leg(code, amount, (self.partner.code,), self.currency, foreign, self.rate)


class Company:
    """What the parts of the business share: profile, journal, open items, taxes owed."""

    def __init__(self, profile: Profile, book: DemoBook) -> None:
        """Begin with nothing owed to anybody."""
        self.profile = profile
        self.codes = profile.codes
        self.book = book
        self.say = Texts(is_chinese=profile.is_chinese)
        self.rng = random.Random(f"company {profile.ledger}")  # noqa: S311  (a demo, by a seed)
        self.receivables: list[OpenItem] = []
        self.payables: list[OpenItem] = []
        # What was accrued and is paid in a later month, by the name of the payment's text.
        self.owed: dict[str, tuple[str, dict[str, Decimal]]] = {}
        # What the bank holds in the foreign currency, and what it cost.
        self.foreign_cash = self.foreign_cost = NOTHING
        self._invoice_number = 0

    def word(self, chinese: str) -> str:
        """Return the word of an entry: the Chinese ledger uses all, the others one."""
        return chinese if self.profile.is_chinese else "general"

    def round(self, amount: Decimal) -> Decimal:
        """Round to the minor unit of the ledger."""
        return round_amount(amount, self.profile.currency)

    def part(self, amount: Decimal, permille: int) -> Decimal:
        """Return so many thousandths of an amount."""
        return self.round(amount * permille / 1000)

    def vary(self, amount: Decimal | int, percent: int) -> Decimal:
        """Return an amount, up to `percent` more or less."""
        factor = self.rng.randint(10_000 - percent * 100, 10_000 + percent * 100)
        return self.round(Decimal(amount) * factor / 10_000)

    def scale(self, month: Month) -> Decimal:
        """Return the size of a month's business: season, and growth of about 1 % a month."""
        season = self.profile.season[month.first.month - 1]
        return Decimal(season) * (100 + month.age) / 10_000

    def next_invoice(self, month: Month) -> str:
        """Return the number of the next invoice that the company writes or gets."""
        self._invoice_number += 1
        return f"{month.first:%y%m}{self._invoice_number:04}"

    def label(self, partner: Partner) -> str:
        """Return the name of a partner in the language of the books."""
        return self.say.choose(partner.name_zh or partner.name, partner.name)

    def partner(self, partners: Sequence[Partner]) -> Partner:
        """Return a partner; the first few are met more often."""
        is_key = self.rng.randint(1, 10) <= _KEY_TENTHS
        return self.rng.choice(partners[:_KEY_PARTNERS] if is_key else partners)

    def amounts(self, total: Decimal, count: int) -> list[Decimal]:
        """Return amounts of very different sizes that add up to the total."""
        weights = [self.rng.randint(15, 100) * self.rng.randint(10, 100) for _ in range(count)]
        if not weights:
            return []
        return split_amount(self.round(total), weights, self.profile.currency)

    def month_rate(self, month: Month) -> Decimal:
        """Return the rate at which a month's foreign invoices are booked."""
        _, rate = self.profile.foreign or ("", Decimal(1))
        swing = (month.first.month * 37 + month.first.year) % 11 - 5
        return rate + Decimal(swing) / 2000

    def unit(self, kind: str) -> Unit:
        """Return some department of a kind, or any where there is none."""
        units = [unit for unit in self.profile.units if unit.kind == kind]
        return self.rng.choice(units or list(self.profile.units))

    def bank(self, amount: Decimal) -> Leg:
        """Return the line on the bank account."""
        return Leg(self.codes.bank, amount)

    def pay(self, what: str, day: date | None) -> None:
        """Pay what was accrued under a name, if the day has come."""
        if day is None or what not in self.owed:
            return
        label, amounts = self.owed.pop(what)
        legs = [Leg(code, amount) for code, amount in amounts.items()]
        total = sum(amounts.values(), start=NOTHING)
        text = self.say(what, month=label)
        self.book.write(day, text, *legs, self.bank(-total), word=self.word("payment"))
