"""Another ledger as a source: its account, told as a statement.

What it says goes the way of every file: kept as bytes, read, looked at, imported. The balance
beside each line proves that none is missing, and lines that came before are known.

Both ledgers may hold the same thing (the bank in a payment system's books and in ours) or each
the other side of it (our receivable, their payable). The classes of the two accounts tell
which: of the other side amounts come the other way round.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import connection

from apps.ledgers.access import ledgers_for
from apps.ledgers.models import Account, AccountClass, Ledger
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.statements.domain.mapping import TableMapping
from apps.statements.errors import NothingInStatement, OtherLedgerUnknown, TooManyDays
from apps.statements.models import Channel, SourceKind, StatementFile, StatementFormat
from apps.statements.services.statement_files import Contents, keep_and_read

if TYPE_CHECKING:
    from apps.organizations.models import User

LEDGERS = (SourceKind.LEDGER, SourceKind.EVENTS)
MOST_DAYS = 366
_DEBIT_CLASSES = (AccountClass.ASSET, AccountClass.COST)
_COLUMNS = {
    "date": "date",
    "amount": "amount",
    "balance": "balance",
    "reference": "reference",
    "partner_reference": "entry",
    "text": "text",
    "currency": "currency",
}
_RULES = TableMapping(
    columns=_COLUMNS, encoding="utf-8", delimiter=",", date_format="%Y-%m-%d", decimal_sign=".",
    footer="",
)  # fmt: skip
_LINES = """
COPY (
  SELECT entry_date AS date, {sign} * amount AS amount,
    {sign} * ((SELECT coalesce(sum(l.amount), 0) FROM {rows} AND l.entry_date < '{first}')
      + sum(amount) OVER (ORDER BY entry_date, id)) AS balance,
    reference, entry, text, currency
  FROM (SELECT l.id, l.entry_date, l.amount, l.currency_id AS currency, e.number AS entry,
      coalesce(nullif(l.summary, ''), e.summary) AS reference, e.summary AS text
    FROM {rows} AND l.entry_date BETWEEN '{first}' AND '{last}') own
  ORDER BY entry_date, id
) TO STDOUT (FORMAT csv, HEADER)
"""
_ROWS = """ledgers_journalline l JOIN ledgers_journalentry e ON e.id = l.entry_id
  AND e.state = 'posted'
  WHERE l.ledger_id = {ledger} AND l.account_id = {account} AND l.currency_id = '{currency}'
    AND l.amount <> 0"""


@dataclass(frozen=True, slots=True)
class Source:
    """The account of another ledger that a channel is compared with."""

    ledger: Ledger
    account: Account

    @property
    def name(self) -> str:
        """Return it as channels name it."""
        return f"{self.ledger.code}/{self.account.code}"


def source_of(channel: Channel, *, actor: User) -> Source:
    """Return the account that a channel names as LEDGER/ACCOUNT.

    Raises:
        OtherLedgerUnknown: the organization has no such account, or it is the channel's own.
    """
    code, _slash, account_code = channel.external_account.partition("/")
    ledger = ledgers_for(actor).filter(code=code).first()
    account = (
        Account.objects.filter(chart=ledger.chart_id, code=account_code).first()
        if ledger
        else None
    )
    own = (channel.ledger_id, channel.account_id)
    if ledger is None or account is None or (ledger.pk, account.pk) == own:
        raise OtherLedgerUnknown(named=channel.external_account or "–")
    return Source(ledger, account)


def takes_ledger(channel: Channel) -> bool:
    """Say whether a channel's statements come from another ledger."""
    return channel.is_active and channel.source_kind in LEDGERS


def take_from_ledger(
    channel: Channel, *, from_on: date, to_on: date, actor: User
) -> StatementFile:
    """Take posted lines of another ledger as a statement, which a job reads then.

    Raises:
        Forbidden: the actor's roles do not allow it.
        OtherLedgerUnknown: the channel names no account of another ledger.
        TooManyDays, NothingInStatement: there are too many days, or no lines in them.
        StatementCameBefore: the same lines were taken already.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    if not takes_ledger(channel):
        raise OtherLedgerUnknown(named=channel.external_account or "–")
    if not timedelta(0) <= to_on - from_on < timedelta(MOST_DAYS):
        raise TooManyDays(field="to_on", most=MOST_DAYS)
    source = source_of(channel, actor=actor)
    content = _lines(channel, source, from_on, to_on)
    _headings, _end, lines = content.partition(b"\n")
    if not lines:
        raise NothingInStatement(field="to_on")
    contents = Contents(
        content,
        f"{source.ledger.code}-{source.account.code}-{from_on}-{to_on}.csv",
        hashlib.sha256(content).hexdigest(),
        StatementFormat.TABLE,
        _RULES.to_json(),
    )
    return keep_and_read(channel, contents, actor=actor)


def _lines(channel: Channel, source: Source, from_on: date, to_on: date) -> bytes:
    # Numbers, days and the code of a currency: nothing that a person wrote is SQL here.
    rows = _ROWS.format(
        ledger=int(source.ledger.pk),
        account=int(source.account.pk),
        currency=channel.currency.code,
    )
    sql = _LINES.format(rows=rows, sign=_sign(channel, source), first=from_on, last=to_on)
    with connection.cursor() as cursor, cursor.copy(sql) as blocks:
        return b"".join(blocks)


def _sign(channel: Channel, source: Source) -> int:
    """Return -1 where the other account holds the other side of ours."""
    classes = (channel.account.account_class, source.account.account_class)
    is_mirror = (classes[0] in _DEBIT_CLASSES) == (classes[1] in _DEBIT_CLASSES)
    return 1 if is_mirror else -1
