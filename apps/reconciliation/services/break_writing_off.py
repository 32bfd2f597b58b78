"""Writing off: an entry that takes a difference out of the way, and what follows from it.

    Dr 6603 CNY 12.00     Cr 1002 CNY 12.00     the statement has 12.00 less than the books

The entry is drafted and submitted like any other, so that whoever approves the ledger's
entries decides on it. When it is posted, its line and the rows become one group.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.operation import operation
from apps.core.text import clean_text
from apps.events.services.consumers import Consumer, Event, register_consumer
from apps.events.words import Topic
from apps.ledgers.domain.entries import CREDIT, DEBIT, EntryInput, LineInput
from apps.ledgers.models import Account, EntryState, JournalEntry, JournalLine
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.rates import LineRate, at_rate, base_amount, rate_on
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.hand_matching import Picked, difference
from apps.reconciliation.errors import (
    BreakIsTaken,
    NothingToWriteOff,
    ReasonIsMissing,
    WriteOffAccount,
    WriteOffGoesOn,
)
from apps.reconciliation.models import Break, HandMatch, MatchedItem, WriteOff
from apps.reconciliation.services.break_matching import (
    Group,
    change_breaks,
    close_as_group,
    lock_breaks,
    picked_of,
    require_free,
)
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from apps.organizations.models import User
    from apps.statements.models import Channel

CONSUMER = "reconciliation.write_offs"
State = WriteOff.State
_LONGEST = 200
# The line of the entry joins the results as a row that a run would have left.
_ADD_LINE = """
INSERT INTO reconciliation_matcheditem (channel_id, run_id, side, item_id, bucket, amount,
  currency, delta, pass_name)
SELECT %(channel)s, max(run_id), 'book', %(line)s, 'missing_ext', %(amount)s, %(currency)s, 0,
  'write_off'
FROM reconciliation_matcheditem JOIN unnest(%(sides)s::text[], %(items)s::bigint[])
  AS w(side, item_id) USING (side, item_id) WHERE channel_id = %(channel)s
ON CONFLICT (channel_id, side, item_id) DO NOTHING"""


def propose_write_off(
    channel: Channel,
    seen: Mapping[int, int],
    *,
    account: str,
    day: date,
    reason: str,
    actor: User,
) -> WriteOff:
    """Draft and submit the entry that makes the rows of breaks agree; it waits for others.

    Raises:
        ReasonIsMissing, WriteOffAccount, NothingToWriteOff: what was asked makes no entry.
        FinanceError: the actor, the rows or the ledger do not allow it.
    """
    for permission in (Permission.RECONCILIATION_RUN, Permission.ENTRY_SUBMIT):
        require(actor, permission)
    reason = clean_text(reason, field="reason").strip()[:_LONGEST]
    if not reason:
        raise ReasonIsMissing(field="reason")
    other = _account(channel, account)
    with operation("break.write_off", actor=actor, reason=reason), refusals_in_words():
        breaks = lock_breaks(channel, seen)
        require_free(channel, breaks)
        amount = difference(picked_of(breaks)) if breaks else None
        if not amount or breaks[0].currency != channel.currency_id:
            raise NothingToWriteOff
        new = WriteOff(
            organization_id=channel.organization_id,
            channel=channel,
            entry=_submitted(channel, other, amount, day, reason=reason, actor=actor),
            amount=amount,
            currency=breaks[0].currency,
            reason=reason,
            created_by=actor,
        )
        (made,) = WriteOff.create_many_versioned([new], actor=actor, reason=reason)
        changes = {"state": BreakState.PROPOSED, "write_off": made, "waits_until": None}
        change_breaks([one.pk for one in breaks], actor=actor, note=reason, **changes)
    return made


def drop_write_off(found: WriteOff, *, version: int, actor: User) -> WriteOff:
    """Give up a write-off whose entry came back or was cancelled; its breaks open again.

    Raises:
        WriteOffGoesOn: the entry is still submitted, approved or posted.
        StaleVersion: somebody was faster.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    with operation("break.drop_write_off", actor=actor), refusals_in_words():
        if found.entry.state not in {EntryState.DRAFT, EntryState.CANCELLED}:
            raise WriteOffGoesOn(state=found.entry.get_state_display())
        found.update_versioned(
            actor=actor, reason="", expected_version=version, state=State.DROPPED
        )
        _open_again(found, actor)
    return found


def register_write_offs() -> None:
    """Have write-offs told when their entries are posted."""
    topics = frozenset({Topic.ENTRY_POSTED})
    label = _("Write-offs of breaks")
    register_consumer(Consumer(CONSUMER, label, topics, book_write_offs, may_repeat=True))


def book_write_offs(events: Sequence[Event]) -> None:
    """Match the rows of write-offs whose entries were posted with the lines of those.

    Raises:
        ChannelIsBusy: a run works with the rows; the event is given again later.
    """
    entries = [event.body["entry_id"] for event in events]
    waiting = WriteOff.objects.filter(entry__in=entries, state=State.PROPOSED)
    for found in waiting.select_related("channel", "created_by").order_by("pk"):
        _book(found)


def _book(found: WriteOff) -> None:
    actor, channel = found.created_by, found.channel
    rows = found.breaks.select_for_update(of=("self",)).filter(state=BreakState.PROPOSED)
    breaks = list(rows.order_by("pk"))
    with operation("break.write_off_booked", actor=actor, reason=found.reason):
        require_free(channel, breaks)
        lines = JournalLine.objects.filter(entry=found.entry_id, account=channel.account_id)
        ours = [
            Picked(Side.BOOK, one.pk, _in_currency(one, found), found.currency) for one in lines
        ]
        picked = [*picked_of(breaks), *ours]
        # Rows that a run matched meanwhile do not need it, and whoever had the entry returned
        # may have changed it: what does not come to nothing is open again.
        zero = difference(picked)
        if breaks and len(ours) == 1 and zero == 0:
            _add_line(found, picked)
            kind = HandMatch.Kind.WRITTEN_OFF
            line = ours[0].item_id
            group = Group(channel, [*breaks, *_break_of(found, line)], picked, zero)
            close_as_group(group, actor=actor, kind=kind, reason=found.reason)
        else:
            _open_again(found, actor)
        found.update_versioned(
            actor=actor, reason="", expected_version=found.version, state=State.BOOKED
        )


def _in_currency(line: JournalLine, found: WriteOff) -> Decimal:
    """Return what a line moves the channel's account by, in the currency of the write-off."""
    return line.amount if line.currency_id == found.currency else line.base_amount


def _open_again(found: WriteOff, actor: User) -> None:
    """Give the breaks that wait for a write-off back to who had them."""
    for is_owned, state in ((True, BreakState.ASSIGNED), (False, BreakState.OPEN)):
        rows = found.breaks.filter(state=BreakState.PROPOSED, owner__isnull=not is_owned)
        keys = list(rows.select_for_update().values_list("pk", flat=True))
        change_breaks(keys, actor=actor, state=state, note="")


def _break_of(found: WriteOff, line: int) -> list[Break]:
    """Return the break of the entry's own line, where a run saw it first."""
    rows = Break.objects.filter(channel=found.channel_id, side=Side.BOOK, item_id=line)
    return list(rows.exclude(state=BreakState.RESOLVED).select_for_update())


def _add_line(found: WriteOff, picked: Sequence[Picked]) -> None:
    line = picked[-1]
    facts: dict[str, Any] = {
        "channel": found.channel_id,
        "line": line.item_id,
        "amount": line.amount,
        "currency": line.currency,
        "sides": [row.side.value for row in picked[:-1]],
        "items": [row.item_id for row in picked[:-1]],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_LINE, facts)
    taken = MatchedItem.objects.filter(
        channel=found.channel_id, side=Side.BOOK, item_id=line.item_id
    )
    if not taken.exists():
        raise BreakIsTaken(what="")


def _account(channel: Channel, code: str) -> Account:
    found = Account.objects.filter(
        chart=channel.ledger.chart_id, code=code.strip(), is_leaf=True, is_active=True
    ).first()
    if found is None or found.pk == channel.account_id:
        raise WriteOffAccount(field="account", code=code)
    return found


def _submitted(
    channel: Channel, other: Account, amount: Decimal, day: date, *, reason: str, actor: User
) -> JournalEntry:
    """Submit the entry: the channel's account gets what the statement has more.

    Raises:
        NoRate: the channel is in another currency than the ledger, without a rate of that day.
    """
    ledger, currency = channel.ledger, channel.currency_id
    rate = LineRate(Decimal(1))
    if currency != ledger.base_currency_id:
        rate = rate_on(ledger, currency, day)
    worth = base_amount(ledger, amount, rate, day)
    sides = ((channel.account_id, amount, worth), (other.pk, -amount, -worth))
    lines = tuple(
        at_rate(
            LineInput(
                account_id=account,
                side=DEBIT if part > 0 else CREDIT,
                amount=part,
                base_amount=base,
                currency=currency,
                summary=reason,
            ),
            rate,
        )
        for account, part, base in sides
    )
    content = EntryInput(entry_date=day, lines=lines, summary=reason)
    entry = create_draft(channel.ledger, content, actor=actor)
    return submit_journal_entry(entry, version=entry.version, actor=actor)
