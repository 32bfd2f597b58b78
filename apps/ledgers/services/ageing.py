"""Ageing 账龄: what is open on a day, by partner and currency, and how long it is overdue.

    days past due   ≤ 0      1–30   31–60   61–90   > 90
    bucket          not due  d30    d60     d90     older

Amounts are carrying amounts in base currency, so that the total is what stands on the control
account on that day; what happens after the day settles nothing on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models import Account, Control, DimensionValue, OpenItem

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

BUCKETS = (
    ("not_due", _("Not due")),
    ("d30", _("1–30 days")),
    ("d60", _("31–60 days")),
    ("d90", _("61–90 days")),
    ("older", _("Over 90 days")),
)
_HELD = """
  SELECT i.id, i.account_id, i.partner_id, i.currency_id, i.due_on,
    i.amount + coalesce(m.amount, 0) AS held, i.base_amount + coalesce(m.base, 0) AS carried
  FROM ledgers_openitem i
  LEFT JOIN LATERAL (SELECT sum(v.amount) AS amount, sum(v.base_amount) AS base
    FROM ledgers_itemmovement v WHERE v.item_id = i.id AND v.effective_on <= %(day)s) m ON true
  WHERE i.ledger_id = %(ledger)s AND i.account_id = %(account)s AND i.entry_date <= %(day)s
"""
_BY_PARTNER = f"""
WITH held AS ({_HELD})
SELECT partner_id, currency_id, sum(held), sum(carried), count(*),
  coalesce(sum(carried) FILTER (WHERE %(day)s - due_on <= 0), 0),
  coalesce(sum(carried) FILTER (WHERE %(day)s - due_on BETWEEN 1 AND 30), 0),
  coalesce(sum(carried) FILTER (WHERE %(day)s - due_on BETWEEN 31 AND 60), 0),
  coalesce(sum(carried) FILTER (WHERE %(day)s - due_on BETWEEN 61 AND 90), 0),
  coalesce(sum(carried) FILTER (WHERE %(day)s - due_on > 90), 0)
FROM held WHERE held <> 0 OR carried <> 0
GROUP BY partner_id, currency_id
"""  # noqa: S608  (joined of our own parts)
_CONTROL = """
SELECT coalesce(sum(l.base_amount), 0) FROM ledgers_journalline l
JOIN ledgers_journalentry e ON e.id = l.entry_id
WHERE l.ledger_id = %(ledger)s AND l.account_id = %(account)s AND l.entry_date <= %(day)s
  AND e.state = 'posted'
"""
_HELD_ITEMS = f"""
WITH held AS ({_HELD})
SELECT id, held, carried FROM held WHERE held <> 0 OR carried <> 0
"""  # noqa: S608  (as above)


@dataclass(slots=True)
class AgeingRow:
    """What a partner owes or is owed in one currency; amounts signed, debit positive."""

    partner: DimensionValue | None
    currency: str
    open_amount: Decimal
    carrying: Decimal
    count: int
    buckets: tuple[Decimal, ...]


@dataclass(slots=True)
class Ageing:
    """All partners of a control account on a day, and the account itself."""

    account: Account
    day: date
    rows: list[AgeingRow] = field(default_factory=list)
    control: Decimal = Decimal(0)

    @property
    def totals(self) -> tuple[Decimal, ...]:
        """The sum of each bucket."""
        return tuple(
            sum((row.buckets[place] for row in self.rows), start=Decimal(0))
            for place in range(len(BUCKETS))
        )

    @property
    def total(self) -> Decimal:
        """What all items carry."""
        return sum((row.carrying for row in self.rows), start=Decimal(0))

    @property
    def is_proved(self) -> bool:
        """Whether the items are what stands on the control account."""
        return self.total == self.control


@dataclass(slots=True)
class HeldItem:
    """An item as it stood on a day, and for how many days it was due then."""

    item: OpenItem
    open_amount: Decimal
    carrying: Decimal
    days_overdue: int


def control_accounts(ledger: Ledger) -> list[Account]:
    """Return the leaves that control receivables or payables."""
    rows = Account.objects.filter(
        chart=ledger.chart_id, is_leaf=True, control__in=(Control.RECEIVABLE, Control.PAYABLE)
    )
    return list(rows.order_by("code"))


def account_to_begin_with(ledger: Ledger) -> str:
    """Return the code of the first control account on which something is open, or ""."""
    rows = OpenItem.objects.filter(ledger=ledger).still_open().order_by("account__code")
    return rows.values_list("account__code", flat=True).first() or ""


def ageing_of(ledger: Ledger, account: Account, day: date) -> Ageing:
    """Return what is open on an account on a day, by partner and currency."""
    facts: dict[str, Any] = {"ledger": ledger.pk, "account": account.pk, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_BY_PARTNER, facts)
        found = cursor.fetchall()
        cursor.execute(_CONTROL, facts)
        (control,) = cursor.fetchone()
    partners = DimensionValue.objects.in_bulk({row[0] for row in found if row[0]})
    rows = [
        AgeingRow(partners.get(row[0]), row[1], row[2], row[3], row[4], tuple(row[5:]))
        for row in found
    ]
    rows.sort(key=lambda row: (row.partner.code if row.partner else "", row.currency))
    return Ageing(account, day, rows, control)


def items_held(
    ledger: Ledger, account: Account, day: date, *, partner: DimensionValue | None = None
) -> list[HeldItem]:
    """Return the items that were open on a day, the first due first."""
    facts: dict[str, Any] = {"ledger": ledger.pk, "account": account.pk, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_ITEMS, facts)
        held = {pk: (amount, carried) for pk, amount, carried in cursor}
    rows = OpenItem.objects.filter(pk__in=held).select_related("entry__period", "partner")
    if partner is not None:
        rows = rows.filter(partner=partner)
    return [HeldItem(item, *held[item.pk], max((day - item.due_on).days, 0)) for item in rows]
