"""Taking the tax out of a line 价税分离, by the finance policy of the entry's date.

    line 2   6001   credit 113.00      →   line 2   6001       credit 100.00
                                           line 3   22210107   credit  13.00

The net amount is rounded, the tax is the rest. Nothing is saved: a person looks at it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.ledgers.domain.entries import DEBIT
from apps.ledgers.forms.entry_money import plain_amount, read_money
from apps.ledgers.forms.entry_rows import Row, numbered, row_at
from apps.ledgers.services.standard_accounts import standard_tax_account
from apps.policies.domain.tax import TaxSplit, split_gross
from apps.policies.services.current import policy_on
from apps.policies.services.wording import percent
from apps.policies.words import InvoiceKind

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

    from apps.ledgers.forms.entry_form import EntryForm
    from apps.ledgers.forms.entry_money import TypedMoney
    from apps.ledgers.models import Ledger
    from apps.policies.services.current import PolicyFacts


def tax_choices(ledger: Ledger, day: date) -> list[tuple[str, str]]:
    """Return the kinds of invoice of a day's policy, each with its rate in the label."""
    policy = policy_on(ledger.organization_id, day)
    return [
        (kind, f"{percent(policy.tax_rate_of(kind))} · {InvoiceKind(kind).label}")
        for kind in policy.invoice_kinds
    ]


def split_tax(form: EntryForm, post: QueryDict) -> None:
    """Take the tax out of the line that was named; what stands in the way is noted."""
    day = form.day()
    row = row_at(form.rows, post, post.get("tax_line", ""))
    if row is None:
        form.general.append(_("Name a line with an amount to take the tax out of."))
    if day is None or row is None:
        return
    policy = policy_on(form.ledger.organization_id, day)
    kind = post.get("tax_kind", "")
    if kind not in policy.invoice_kinds:
        form.general.append(_("The finance policy of the day knows no such kind of invoice."))
        return
    money = read_money(row, form.ledger.base_currency_id, None)
    if money is None:
        return
    gross = money.amount * money.side
    rate = policy.tax_rate_of(kind)
    split = split_gross(gross, rate, money.currency, policy.rounding_mode)
    if split.tax:
        _write(form, row, money, split)
    form.notices.append(_told(row.number, split, money.currency, kind, policy))


def _write(form: EntryForm, row: Row, money: TypedMoney, split: TaxSplit) -> None:
    """Leave the net amount in the row, and put the tax into a new one below."""
    account = standard_tax_account(form.ledger, money.side)
    digits = minor_digits(money.currency)
    column = "debit" if money.side == DEBIT else "credit"
    tax = Row(
        summary=row.summary,
        account=str(account) if account else "",
        currency=row.currency,
        rate=row.rate,
    )
    setattr(row, column, plain_amount(split.net, digits))
    setattr(tax, column, plain_amount(split.tax, digits))
    place = form.rows.index(row) + 1
    form.rows = numbered([*form.rows[:place], tax, *form.rows[place:]])


def _told(line: int, split: TaxSplit, currency: str, kind: str, policy: PolicyFacts) -> str:
    digits = minor_digits(currency)
    shown = {
        "line": line,
        "currency": currency,
        "gross": format_amount(split.gross, digits),
        "net": format_amount(split.net, digits),
        "tax": format_amount(split.tax, digits),
        "rate": percent(policy.tax_rate_of(kind)),
        "kind": InvoiceKind(kind).label,
        "policy": _("policy v%(number)s") % {"number": policy.number},
    }
    return (
        _(
            "Line %(line)s: %(currency)s %(gross)s = %(net)s + %(tax)s tax (%(rate)s, "
            "%(kind)s, %(policy)s). Look at both lines, then save."
        )
        % shown
    )
