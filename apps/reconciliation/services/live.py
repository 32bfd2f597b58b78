"""Matching as it happens: money that moved finds its counterpart within milliseconds.

    transaction.completed → rows of the channels that it concerns → passes over their references

A line on a channel's account is a row of its books. A line on the account of another ledger is
a row of the statement side of the channels that listen to it (source "our own events", whose
`external_account` names LEDGER/ACCOUNT). A channel has one owner at a time, by an advisory
lock until the commit: of two counterparts that come at once, the later one sees the other.

Only passes whose keys hold the reference take part. What is found is provisional: the next
run places the same rows for good, with all passes and with what statements say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.events.services.consumers import Consumer, Event, register_consumer
from apps.events.words import Topic
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.references import reference_in
from apps.reconciliation.domain.rules import MOST_PAIRS, Kind, Rules, read_rules
from apps.statements.models import SourceKind

if TYPE_CHECKING:
    from apps.statements.models import Channel

CONSUMER = "reconciliation.live"
KINDS = (
    Kind.EXACT,
    Kind.DATE,
    Kind.REVERSAL,
    Kind.DUPLICATE,
    Kind.GROUP,
    Kind.TOLERANCE,
)
# The first number of two that name the lock of a channel; the second is the channel.
_LOCK = 7_301
_LONGEST_REFERENCE = 500
_HOLD = "SELECT pg_advisory_xact_lock(%s, %s)"
_COLUMNS = "side, item_id, reference, currency, amount, day_on, day, happened_at"
_KEEP = f"""
INSERT INTO reconciliation_liveitem (channel_id, side, item_id, reference, currency, amount,
  "on", day, happened_at, bucket, delta)
SELECT %s, {_COLUMNS}, '', 0 FROM jsonb_to_recordset(%s::jsonb) AS i(side text, item_id bigint,
  reference text, currency text, amount bigint, day_on date, day int, happened_at timestamptz)
ON CONFLICT DO NOTHING
"""  # noqa: S608  (names of this module)
_MATCH = "SELECT reconciliation_match_live(%s, %s, %s::jsonb, %s)"
# Channels that were reconciled before, in the order in which their locks are taken.
_CHANNELS = """
SELECT c.id, c.organization_id, c.ledger_id, c.account_id, c.currency_id, l.base_currency_id,
  CASE c.source_kind WHEN 'events' THEN c.external_account ELSE '' END,
  v.passes::text, v.options::text
FROM statements_channel c
JOIN ledgers_ledger l ON l.id = c.ledger_id
JOIN reconciliation_ruleset s ON s.channel_id = c.id
JOIN reconciliation_rulesetversion v ON v.rule_set_id = s.id AND v.state = 'active'
WHERE c.organization_id = ANY(%s) AND c.is_active ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A row that came: amounts in minor units, the reference in one spelling."""

    side: Side
    item_id: int
    reference: str
    currency: str
    amount: int
    on: date
    happened_at: datetime


def register_live_matching() -> None:
    """Hear of money that moved."""
    register_consumer(
        Consumer(
            CONSUMER,
            _("Matching as it happens"),
            frozenset({Topic.TRANSACTION_COMPLETED}),
            match_events,
            may_repeat=True,
        )
    )


@dataclass(frozen=True, slots=True)
class _Listener:
    """A channel and what it takes from events; `listens_to` names LEDGER/ACCOUNT."""

    channel_id: int
    organization_id: int
    ledger_id: int
    account_id: int
    currency: str
    base_currency: str
    listens_to: str
    passes: str
    options: str

    @property
    def rules(self) -> Rules:
        """Return the active rules."""
        return _rules(self.passes, self.options)

    def side_of(self, event: Event) -> Side | None:
        """Return on which side an event is a row, if it is one."""
        body = event.body
        if event.organization_id != self.organization_id:
            return None
        if (body["ledger_id"], body["account_id"]) == (self.ledger_id, self.account_id):
            return Side.BOOK if self._is_told(body["currency"]) else None
        is_heard = self.listens_to == f"{body['ledger']}/{body['account']}"
        return Side.STATEMENT if is_heard else None

    def _is_told(self, currency: str) -> bool:
        """Say whether a run would take the event's amount, and not the one in base currency."""
        is_in_base = self.currency == self.base_currency
        if is_in_base and currency != self.currency:
            return False
        return self.rules.book_reference == "line"


def match_events(events: Sequence[Event]) -> None:
    """Keep the rows of these events and match what they touch."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANNELS, [sorted({e.organization_id for e in events} - {None})])
        listeners = [_Listener(*row) for row in cursor.fetchall()]
    for listener in listeners:
        sides = ((event, listener.side_of(event)) for event in events)
        rules = listener.rules
        rows = [_row(side, event, rules) for event, side in sides if side]
        if rows:
            match_rows(listener.channel_id, rules, rows)


@lru_cache(maxsize=1_000)
def _rules(passes: str, options: str) -> Rules:
    """Return the rules that these texts are; to read them takes longer than to use them."""
    return read_rules(json.loads(passes), json.loads(options))


def match_rows(channel_id: int, rules: Rules, rows: Sequence[LiveRow]) -> None:
    """Keep rows, and place all rows of their references anew."""
    hold_channel(channel_id)
    keep_rows(channel_id, rules, rows)
    match_references(channel_id, rules, {row.reference for row in rows})


def live_key(channel: Channel, side: Side, pk: int) -> int:
    """Return the key of a row; statements step aside where lines of another ledger are told."""
    is_aside = side == Side.STATEMENT and channel.source_kind == SourceKind.EVENTS
    return -pk if is_aside else pk


def hold_channel(channel_id: int) -> None:
    """Be the only one who places rows of a channel, until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [_LOCK, channel_id])


def keep_rows(channel_id: int, rules: Rules, rows: Sequence[LiveRow]) -> None:
    """Write rows that are not there yet."""
    ordinal = rules.calendar.ordinal
    # One text of all rows: arrays would be quoted by Python, element by element.
    told = json.dumps([
        {
            "side": row.side,
            "item_id": row.item_id,
            "reference": row.reference[:_LONGEST_REFERENCE],
            "currency": row.currency,
            "amount": row.amount,
            "day_on": row.on.isoformat(),
            "day": ordinal(row.on),
            "happened_at": row.happened_at.isoformat(),
        }
        for row in rows
    ])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [channel_id, told])


def match_references(channel_id: int, rules: Rules, references: Iterable[str]) -> None:
    """Place all rows of some references, by the passes of the rules that go by reference."""
    wanted = sorted({reference[:_LONGEST_REFERENCE] for reference in references} - {""})
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_MATCH, [channel_id, wanted, _passes(rules), MOST_PAIRS])


@lru_cache(maxsize=1_000)
def _passes(rules: Rules) -> str:
    """Return, as JSON, the passes for which a row's reference says which others count."""
    return json.dumps([
        {
            "kind": step.kind.value,
            "days": step.days,
            "absolute": step.absolute,
            "basis_points": step.basis_points,
            "most": step.most,
        }
        for step in rules.passes
        if step.kind in KINDS and step.key == "reference"
    ])  # fmt: skip


def _row(side: Side, event: Event, rules: Rules) -> LiveRow:
    body = event.body
    return LiveRow(
        side,
        body["line_id"],
        reference_in(body["reference"], rules.prefixes),
        body["currency"],
        body["amount_minor"],
        date.fromisoformat(body["booked_on"]),
        event.occurred_at,
    )
