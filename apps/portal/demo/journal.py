"""Entries of a demo company: collected by month, then posted through the ledger's service."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import EntryKind
from apps.ledgers.services.posting import post_entries

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from apps.ledgers.services.rates import LineRate
    from apps.organizations.models import User
    from apps.portal.demo.books import Dimensions
    from apps.portal.demo.people import Staff

# What a senior accountant may approve; more goes to the approver.
_LARGE = Decimal(500_000)


@dataclass(frozen=True, slots=True)
class Leg:
    """A line before it has keys: signed base amount, dimension codes, perhaps a currency."""

    code: str
    amount: Decimal
    dimensions: tuple[str, ...] = ()
    currency: str = ""
    foreign: Decimal = Decimal(0)
    rate: Decimal = Decimal(1)
    # Where the rate is from, when it was looked up.
    found: LineRate | None = None


class DemoBook:
    """The journal of one ledger under construction, with its balances kept in memory."""

    def __init__(self, ledger: Ledger, staff: Staff, dimensions: Dimensions) -> None:
        """Look the chart up once."""
        self.ledger = ledger
        self.staff = staff
        self.dimensions = dimensions
        self.currency = ledger.base_currency_id
        self.account_ids = dict(ledger.chart.accounts.values_list("code", "pk"))
        self.sections = dict(ledger.chart.accounts.values_list("code", "statement_section"))
        self.balances: defaultdict[tuple[str, tuple[str, ...]], Decimal] = defaultdict(Decimal)
        self._rng = random.Random(f"journal {ledger.code}")  # noqa: S311  (a demo, by a seed)
        self._collected: list[EntryInput] = []
        self._count = 0

    def write(
        self, day: date, summary: str, *legs: Leg, word: str = "general", kind: str = ""
    ) -> None:
        """Collect an entry; legs without an amount are left out."""
        kept = [leg for leg in legs if leg.amount]
        for leg in kept:
            self.balances[leg.code, leg.dimensions] += leg.amount
        content = EntryInput(
            entry_date=day,
            lines=tuple(self.line(leg, summary) for leg in kept),
            word=word,
            summary=summary,
            kind=kind or EntryKind.ORDINARY,
        )
        if kept:
            self._collected.append(content)

    def line(self, leg: Leg, summary: str) -> LineInput:
        """Return a leg as the ledger takes it: debit for a positive amount."""
        return LineInput(
            account_id=self.account_ids[leg.code],
            side=DEBIT if leg.amount > 0 else CREDIT,
            amount=leg.foreign or leg.amount,
            base_amount=leg.amount,
            currency=leg.currency or self.currency,
            summary=summary,
            dimension_set_id=self.dimensions.set_id(leg.dimensions),
            **(leg.found.fields() if leg.found else {"rate": leg.rate}),
        )

    def balance(self, code: str) -> Decimal:
        """Return what stands on an account so far, debit positive."""
        amounts = [amount for (held, _), amount in self.balances.items() if held == code]
        return sum(amounts, start=Decimal(0))

    def profit_and_loss(self) -> dict[tuple[str, tuple[str, ...]], Decimal]:
        """Return what stands on income and expense accounts, by account and dimensions."""
        return {
            key: amount
            for key, amount in sorted(self.balances.items())
            if amount and self.sections[key[0]]
        }

    def forget_result(self, retained: str) -> None:
        """Take the result of a year over to retained earnings, in memory alone."""
        for key, amount in self.profit_and_loss().items():
            self.balances[retained, ()] += amount
            del self.balances[key]

    def post(self) -> int:
        """Post what was collected, by date; return how many entries that were."""
        entries = sorted(self._collected, key=_order)
        self._collected = []
        new = [self._new_entry(content) for content in entries]
        if new:
            poster = self.staff.poster(self._rng)
            post_entries(new, actor=poster, base_currency=self.currency, reason="demo")
        return len(new)

    def _new_entry(self, content: EntryInput) -> NewEntry:
        self._count += 1
        maker, checker = self._people(content)
        return NewEntry(
            ledger_id=self.ledger.pk,
            key=f"demo-{self._count:06}",
            content=content,
            maker_id=maker.pk,
            checker_id=checker.pk,
        )

    def _people(self, content: EntryInput) -> tuple[User, User]:
        maker = self._rng.choice(self.staff.makers)
        is_large = content.total() > _LARGE
        checkers = self.staff.approvers if is_large else self.staff.checkers
        return maker, self._rng.choice(checkers)


def _order(content: EntryInput) -> tuple[date, int]:
    """Let openings stand first within their day."""
    return content.entry_date, int(content.kind != EntryKind.OPENING)
