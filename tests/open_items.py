"""What tests of open items share: books with a customer, a supplier and foreign invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput, NewEntry
from apps.ledgers.models import (
    Account,
    AccountClass,
    Control,
    JournalEntry,
    OpenItem,
    Settlement,
    Side,
)
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.posting import post_entries
from apps.ledgers.services.settlement import Choice, settle_items
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_approver,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_system_user,
)


class ItemBooks:
    """A ledger in CNY with receivables, payables, a bank, sales and exchange accounts."""

    def __init__(self, **values: Any) -> None:
        """Make it, with a customer and a supplier."""
        self.ledger = make_ledger(**values)
        organization = self.ledger.organization
        self.customers = make_dimension_type(organization, "customer")
        self.suppliers = make_dimension_type(organization, "supplier")
        self.customer = make_dimension_value(self.customers, "C001")
        self.supplier = make_dimension_value(self.suppliers, "S001")
        self.receivables = self._account("1122", control=Control.RECEIVABLE)
        self.payables = self._account("2202", control=Control.PAYABLE)
        self.bank, self.sales = self._account("1002"), self._account("6001")
        self.exchange, self.rounding = self._account("660303"), self._account("660399")
        self.ledger.update_versioned(
            actor=make_system_user(),
            reason="test",
            expected_version=None,
            exchange_gain_account=self.exchange,
            exchange_loss_account=self.exchange,
            rounding_account=self.rounding,
        )
        self.accountant, self.approver = (
            make_accountant(self.ledger),
            make_approver(self.ledger),
        )
        self._keys = 0

    def _account(self, code: str, **values: Any) -> Account:
        return make_account(
            self.ledger,
            code,
            account_class=AccountClass.ASSET,
            normal_side=Side.DEBIT,
            **values,
        )

    def post(self, *lines: LineInput, day: date = DAY, **values: Any) -> JournalEntry:
        """Post an entry of the lines."""
        self._keys += 1
        new = NewEntry(
            ledger_id=self.ledger.pk,
            key=f"books-{self._keys}",
            content=EntryInput(entry_date=day, lines=lines, **values),
            maker_id=self.accountant.pk,
            checker_id=self.approver.pk,
        )
        (made,) = post_entries([new], actor=self.approver, base_currency="CNY")
        return JournalEntry.objects.get(pk=made.entry_id)

    def line(
        self,
        account: Account,
        amount: str,
        base: str = "",
        *,
        currency: str = "CNY",
        **values: Any,
    ) -> LineInput:
        """Return a line; on a control account it names customer or supplier."""
        number, base_amount = Decimal(amount), Decimal(base or amount)
        partner = {Control.RECEIVABLE: self.customer, Control.PAYABLE: self.supplier}
        if account.control:
            found = intern_dimension_set([partner[Control(account.control)]])
            values.setdefault("dimension_set_id", found and found.pk)
        rate = abs(base_amount / number) if number and base else Decimal(1)
        return LineInput(
            account_id=account.pk,
            side=DEBIT if (number or base_amount) > 0 else CREDIT,
            amount=number,
            base_amount=base_amount,
            currency=currency,
            rate=round(rate, 10),
            **values,
        )

    def invoice(
        self, amount: str, base: str = "", *, day: date = DAY, **values: Any
    ) -> OpenItem:
        """Post a sale on credit and return its item."""
        return self._item(self.receivables, self.sales, amount, base, day=day, **values)

    def receipt(
        self, amount: str, base: str = "", *, day: date = DAY, **values: Any
    ) -> OpenItem:
        """Post what a customer pays and return its item."""
        negative = f"-{base}" if base else ""
        return self._item(
            self.receivables, self.bank, f"-{amount}", negative, day=day, **values
        )

    def _item(
        self, control: Account, other: Account, amount: str, base: str, **values: Any
    ) -> OpenItem:
        day = values.pop("day")
        counter = str(-Decimal(base or amount))
        entry = self.post(
            self.line(control, amount, base, **values), self.line(other, counter), day=day
        )
        return OpenItem.objects.get(entry=entry)

    def settle(self, *parts: tuple[OpenItem, str], on: date = DAY, **values: Any) -> Settlement:
        """Settle parts of items, as they stand now."""
        choices = {}
        for item, amount in parts:
            item.refresh_from_db()
            choices[item.pk] = Choice(Decimal(amount), item.version)
        values.setdefault("actor", self.accountant)
        return settle_items(self.ledger, choices, settled_on=on, **values)


def left_of(item: OpenItem) -> tuple[Any, Any]:
    """Return what is open of an item, and its carrying amount."""
    item.refresh_from_db()
    return item.open_amount, item.carrying_base
