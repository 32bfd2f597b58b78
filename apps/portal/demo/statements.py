"""Statements of the demo: a bank account that nearly agrees with the books; see wallet.py too.

The bank tells what the journal has, but for what always happens: a payment arrives days
later, a fee and interest are booked by nobody yet, one amount has its digits turned. In the
newest month a customer also pays in advance, and a payment comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, islice
from typing import TYPE_CHECKING

from django.db.models import Sum

from apps.ledgers.models import Account, EntryState, JournalLine
from apps.portal.demo.calendar import is_workday
from apps.portal.demo.names import NEW_SUPPLIER
from apps.portal.demo.wallet import open_wallet
from apps.statements.domain.mapping import TableMapping
from apps.statements.models import Channel, SourceKind, StatementFormat
from apps.statements.services.channels import create_channel, create_partner, save_mapping
from apps.statements.services.statement_jobs import import_at_once

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.portal.demo.journal import DemoBook

_BANK = "1002"
_NUMBER = "6222 0210 0100 2026"
_MONTHS = 6
# In each statement: the line that comes late, and the one whose digits are turned.
_LATE, _TURNED = 4, 9
_LATE_DAYS = 4
# What a customer pays in advance within one payment, and what comes back because the new
# supplier's account number was wrong: nobody books that.
PREPAID, _RETURNED = Decimal("3600.00"), Decimal("12800.00")
_COLUMNS = {
    "date": "交易日期",
    "money_in": "收入金额",
    "money_out": "支出金额",
    "balance": "账户余额",
    "reference": "附言",
    "counterparty": "对方户名",
    "partner_reference": "交易流水号",
    "text": "摘要",
}
Row = tuple[date, Decimal, str, str]


def bring_statements(book: DemoBook, today: date) -> list[Channel]:
    """Open the channels of a ledger, and import the statements of its last whole months."""
    actor = book.staff.seniors[0]
    bank = _bank_channel(book, actor)
    rows = list(_rows(book, bank, today))
    _pay_in_advance(rows, _month(today, 1) + timedelta(days=9))
    balance = _balance_before(book, bank.account, _first_day(today))
    for number in range(_MONTHS):
        first = _month(today, _MONTHS - number)
        last = _month(today, _MONTHS - number - 1) - timedelta(days=1)
        month = sorted(row for row in rows if first <= row[0] <= last)
        text, balance = _csv(month, balance)
        name = f"工商银行对账单-{first:%Y-%m}.csv"
        import_at_once(bank, text.encode("gb18030"), name, actor=actor)
    return [bank, *open_wallet(book, actor, today)]


def _bank_channel(book: DemoBook, actor: User) -> Channel:
    partner = create_partner(code="icbc", name="ICBC", name_zh="中国工商银行", actor=actor)
    mapping = save_mapping(
        None,
        name="工商银行网银 CSV",
        rules=TableMapping(columns=_COLUMNS, skip_head=1),
        actor=actor,
    )
    return create_channel(
        actor=actor,
        code="icbc-basic",
        name="ICBC basic account",
        name_zh="工商银行基本户",
        source_kind=SourceKind.BANK,
        partner=partner,
        ledger=book.ledger,
        account_id=book.account_ids[_BANK],
        currency_id=book.currency,
        external_account=_NUMBER,
        format=StatementFormat.TABLE,
        mapping=mapping,
    )


def _rows(book: DemoBook, bank: Channel, today: date) -> Iterator[Row]:
    """Yield what the bank says of the months, by and large what the books say."""
    lines = JournalLine.objects.filter(
        ledger=book.ledger,
        account=bank.account,
        entry__state=EntryState.POSTED,
        entry_date__gte=_first_day(today),
        entry_date__lt=_month(today, 0),
    ).select_related("entry")
    counts: dict[tuple[int, int], int] = {}
    for line in lines.order_by("entry_date", "id"):
        month = (line.entry_date.year, line.entry_date.month)
        counts[month] = counts.get(month, 0) + 1
        day, amount = line.entry_date, line.base_amount
        if counts[month] == _LATE:
            day += timedelta(days=_LATE_DAYS)
        if counts[month] == _TURNED:
            amount = _turned(amount)
        yield day, amount, (line.summary or line.entry.summary), "转账"
    yield from _payment_that_came_back(_month(today, 1) + timedelta(days=14))
    for back in range(1, _MONTHS + 1):
        last = _month(today, back - 1) - timedelta(days=1)
        yield last, Decimal("-35.00"), "", "账户管理费"
        yield last, Decimal("118.64"), "", "结息"


def _pay_in_advance(rows: list[Row], since: date) -> None:
    """Let the first customer who pays from a day on pay more than is booked."""
    place = next(n for n, (day, amount, *_) in enumerate(rows) if day >= since and amount > 0)
    day, amount, note, kind = rows[place]
    rows[place] = (day, amount + PREPAID, note, kind)


def _payment_that_came_back(day: date) -> Iterator[Row]:
    days = (day + timedelta(days=number) for number in count())
    went, came = islice(filter(is_workday, days), 2)
    text = f"付 {NEW_SUPPLIER.name_zh} 预付款"
    yield went, -_RETURNED, text, "转账"
    yield came, _RETURNED, text, "退汇"


def _turned(amount: Decimal) -> Decimal:
    """Return an amount as somebody types it who turns 1 and 9 of its cents."""
    return amount + (Decimal("0.09") if amount > 0 else Decimal("-0.09"))


def _csv(rows: list[Row], balance: Decimal) -> tuple[str, Decimal]:
    """Return a bank's file of a month, and its closing balance."""
    text = [
        "中国工商银行 账户明细清单",
        "交易日期,交易流水号,收入金额,支出金额,账户余额,对方户名,附言,摘要",
    ]
    money_in = money_out = Decimal(0)
    for number, (day, amount, note, kind) in enumerate(rows, start=1):
        balance += amount
        came, went = max(amount, Decimal(0)), max(-amount, Decimal(0))
        money_in, money_out = money_in + came, money_out + went
        cells = (f"{day}", f"{day:%Y%m%d}{number:06}", _cell(came), _cell(went))
        text.append(",".join((*cells, f"{balance:.2f}", "", _quoted(note), kind)))
    text.append(f"合计,,{money_in:.2f},{money_out:.2f},,,,")
    return "\r\n".join(text) + "\r\n", balance


def _cell(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount else ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _balance_before(book: DemoBook, account: Account, day: date) -> Decimal:
    lines = JournalLine.objects.filter(
        ledger=book.ledger, account=account, entry__state=EntryState.POSTED, entry_date__lt=day
    )
    return lines.aggregate(sum=Sum("base_amount"))["sum"] or Decimal(0)


def _first_day(today: date) -> date:
    return _month(today, _MONTHS)


def _month(today: date, back: int) -> date:
    """Return the first day of the month so many months ago."""
    months = today.year * 12 + today.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)
