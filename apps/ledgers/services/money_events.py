"""Money moved: one `transaction.completed` for each posted line on an account of a bank.

Told by a consumer of posted entries, in the transaction that notes that it heard of them, so
that posting pays nothing for it and each line is told once all the same. The key is that of
the entry: who follows an entry gets its lines after it, and before its reversal's.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.events.services.consumers import Consumer, Event, register_consumer
from apps.events.services.outbox import NewEvent, emit_many
from apps.events.words import Topic
from apps.ledgers.models import Control, JournalLine

CONSUMER = "ledgers.money"


def register_money_events() -> None:
    """Have posted entries looked through for money."""
    register_consumer(
        Consumer(
            CONSUMER,
            _("Money in posted entries"),
            frozenset({Topic.ENTRY_POSTED}),
            tell_of_money,
        )
    )


def tell_of_money(events: Sequence[Event]) -> None:
    """Write an event for each line of these entries that stands on an account of a bank."""
    posted = {event.body["entry_id"]: event for event in events}
    emit_many([
        _event(line, posted[line.entry_id]) for line in _money_lines([*posted])
    ])  # fmt: skip


def _money_lines(entry_ids: list[int]) -> QuerySet[JournalLine]:
    rows = JournalLine.objects.filter(entry__in=entry_ids, account__control=Control.BANK)
    # A revaluation moves the value of money, and no money.
    rows = rows.exclude(amount=0)
    return rows.select_related("account", "currency", "entry").order_by("entry", "position")


def _event(line: JournalLine, posted: Event) -> NewEvent:
    body = {
        "account": line.account.code,
        "account_id": line.account_id,
        # Debit is money that came in.
        "amount_minor": int(line.amount * Decimal(10) ** line.currency.minor_digits),
        "booked_on": line.entry_date.isoformat(),
        "currency": line.currency_id,
        "entry_id": line.entry_id,
        "ledger": posted.body["ledger"],
        "ledger_id": line.ledger_id,
        "line_id": line.pk,
        "position": line.position,
        "reference": line.summary or line.entry.summary,
        "status": "completed",
    }
    return NewEvent(
        Topic.TRANSACTION_COMPLETED,
        posted.key,
        posted.organization_id,
        body,
        posted.occurred_at,
    )
