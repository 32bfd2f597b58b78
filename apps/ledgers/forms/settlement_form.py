"""The settlement form: which items, how much of each, on which day; and what comes of it.

item=17 (ticked)  version_17=3  amount_17=1,000.00   settled_on=2026-02-10
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, InvalidInput
from apps.core.money import minor_digits, parse_amount
from apps.ledgers.forms.entry_form import read_iso_date
from apps.ledgers.services.settlement import Choice

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.ledgers.models import OpenItem

_LONGEST_KEY = 64
_KEY = re.compile(r"^[1-9]\d{0,17}$", re.ASCII)


class ProposalDecisionForm(forms.Form):
    """What is decided on a proposed settlement, at the version that was seen, and why."""

    act = forms.ChoiceField(choices=[(act, act) for act in ("approve", "reject", "withdraw")])
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(max_length=500, required=False)


@dataclass
class ItemRow:
    """An item in the form: ticked or not, and the amount as typed."""

    item: OpenItem
    is_chosen: bool = False
    amount: str = ""
    error: str = ""

    @property
    def left(self) -> Decimal:
        """What is open of it, without its sign."""
        amount: Decimal = self.item.open_amount
        return abs(amount)

    @property
    def left_minor(self) -> str:
        """As above in minor units, for the script."""
        return _minor(self.left, self.item.currency_id)

    @property
    def carrying_minor(self) -> str:
        """The carrying amount in minor units of the base currency, for the script."""
        return _minor(self.item.carrying_base, self.item.ledger.base_currency_id)


@dataclass
class SettlementForm:
    """The items of one partner and currency, and what a person chose of them."""

    rows: list[ItemRow]
    settled_on: str
    form_key: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    # Keys of chosen items that are not among the rows: nothing is left of them by now.
    gone: tuple[int, ...] = ()

    @classmethod
    def proposed(
        cls, items: Sequence[OpenItem], proposal: Mapping[int, Decimal], day: date
    ) -> SettlementForm:
        """Return the form with a proposal filled in."""
        rows = [
            ItemRow(
                item,
                is_chosen=item.pk in proposal,
                amount=_plain(proposal.get(item.pk, abs(item.open_amount)), item.currency_id),
            )
            for item in items
        ]
        return cls(rows, day.isoformat(), str(uuid.uuid4()))

    @classmethod
    def of_post(cls, items: Sequence[OpenItem], post: QueryDict) -> SettlementForm:
        """Return the form that was sent, over the items as they are now."""
        chosen = set(post.getlist("item"))
        rows = [
            ItemRow(item, str(item.pk) in chosen, post.get(f"amount_{item.pk}", "").strip())
            for item in items
        ]
        key = post.get("form_key", "")[:_LONGEST_KEY] or str(uuid.uuid4())
        known = {str(item.pk) for item in items}
        gone = tuple(int(key) for key in sorted(chosen - known) if _KEY.match(key))
        return cls(rows, post.get("settled_on", "").strip(), key, gone=gone)

    @property
    def debits(self) -> list[ItemRow]:
        """Rows of items that are positive."""
        return [row for row in self.rows if row.item.amount > 0]

    @property
    def credits(self) -> list[ItemRow]:
        """Rows of items that are negative."""
        return [row for row in self.rows if row.item.amount < 0]

    def day(self) -> date | None:
        """Return the day, or note what is wrong with it."""
        day = read_iso_date(self.settled_on)
        if day is None:
            problem = _("write a date such as %(example)s") % {"example": "2026-01-31"}
            message = str(InvalidInput(field_name=_("Date"), problem=problem))
            self.errors.append({"anchor": "id_settled_on", "message": message})
        return day

    def choices(self, post: QueryDict) -> dict[int, Choice]:
        """Return what was chosen, at the versions that the person saw; errors are noted."""
        found = {}
        for row in self.rows:
            if not row.is_chosen:
                continue
            version = post.get(f"version_{row.item.pk}", "")
            try:
                amount = parse_amount(row.amount, row.item.currency_id)
            except FinanceError as error:
                row.error = str(error)
                self.errors.append(
                    {"anchor": f"amount-{row.item.pk}", "message": f"{row.item}: {error}"}
                )
                continue
            seen = int(version) if version.isascii() and version.isdigit() else 0
            found[row.item.pk] = Choice(amount, seen)
        if not found and not self.errors:
            message = _("Choose at least one item of each side.")
            self.errors.append({"anchor": "", "message": message})
        return found

    def add_error(self, error: FinanceError) -> None:
        """Put a refusal above the form."""
        anchor = "id_settled_on" if error.field == "settled_on" else ""
        self.errors.append({"anchor": anchor, "message": str(error)})


def _plain(amount: Decimal, currency: str) -> str:
    return f"{amount:.{minor_digits(currency)}f}"


def _minor(amount: Decimal, currency: str) -> str:
    return str(int(amount.scaleb(minor_digits(currency))))
