"""Channels and statements for tests."""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.ledgers.models import Account, Ledger
from apps.organizations.models import User
from apps.statements.clients.line_store import Owner, line_store
from apps.statements.clients.readers import ReadFile
from apps.statements.domain.parts import Part, Tally
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.models import (
    Channel,
    SourceKind,
    StatedBalance,
    StatementFile,
    StatementFormat,
)
from apps.statements.services.channels import create_channel
from apps.statements.services.reading import Reading
from apps.statements.services.stated_balances import Said, state_balance
from apps.statements.services.statement_writing import write_statement
from tests.factories import DAY, make_account, make_ledger, make_senior

_numbers = itertools.count(1)
PNG = b"\x89PNG\r\n\x1a\n"


def make_channel(
    ledger: Ledger | None = None, account: Account | None = None, **values: Any
) -> Channel:
    """Return a new channel of a bank account in the base currency of its ledger."""
    ledger = ledger or make_ledger()
    number = next(_numbers)
    values.setdefault("code", f"channel-{number}")
    values.setdefault("name", f"Channel {number}")
    values.setdefault("source_kind", SourceKind.BANK)
    values.setdefault("format", StatementFormat.MT940)
    values.setdefault("currency_id", ledger.base_currency_id)
    return create_channel(
        actor=values.pop("actor", None) or make_senior(ledger),
        ledger=ledger,
        account=account or make_account(ledger),
        **values,
    )


def make_line(amount: str, reference: str = "", *, day: date = DAY, **values: Any) -> ReadLine:
    """Return a line of a statement; money that comes in is positive."""
    number = values.pop("number", 1)
    return ReadLine(number, day, Decimal(amount), reference=reference, **values)


def read(
    *lines: ReadLine, opening: str | None = "0", closing: str | None = None, **values: Any
) -> ReadStatement:
    """Return a statement whose balances agree unless told otherwise."""
    days = [line.booked_on for line in lines] or [DAY]
    part = ReadStatement(
        lines=list(lines), **{"from_on": min(days), "to_on": max(days)} | values
    )
    if opening is not None:
        part.opening = Decimal(opening)
        part.closing = part.opening + part.total if closing is None else Decimal(closing)
    return part


def make_file(channel: Channel, actor: User, content: bytes = b"") -> StatementFile:
    """Return a file that was read and waits to be imported."""
    content = content or f"file {next(_numbers)}".encode()
    statement = StatementFile(
        channel=channel,
        filename="statement.txt",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        format=channel.format,
        currency_id=channel.currency_id,
        external_account=channel.external_account,
        created_by=actor,
    )
    statement.file.save("statement.txt", ContentFile(content), save=False)
    statement.save(force_insert=True)
    StatementFile.objects.filter(pk=statement.pk).update(state=StatementFile.State.READY)
    return statement


def make_statement(
    channel: Channel, *parts: ReadStatement, actor: User | None = None
) -> StatementFile:
    """Return an imported statement with these parts."""
    actor = actor or make_senior(channel.ledger)
    statement = make_file(channel, actor)
    with reading(statement, *parts) as found:
        return write_statement(statement, found, actor=actor)


@contextmanager
def reading(statement: StatementFile, *parts: ReadStatement) -> Iterator[Reading]:
    """Give what the reading process would have left for these parts, whatever they say."""
    tally, told = Tally(2, statement.currency_id), list[Part]()
    places = itertools.count()
    rows = []
    for number, part in enumerate(parts):
        for line in part.lines:
            tally.add(line)
            rows.append((next(places), number, line, None))
        told.append(tally.part(part))
    account = statement.external_account
    owner = Owner(statement.pk, statement.channel_id, account, statement.currency_id)
    with tempfile.TemporaryDirectory() as folder, line_store(Path(folder)) as store:
        store.add(rows)
        lines = list(store.write(range(len(told)), owner))
        yield Reading(ReadFile(told, "", account, [], []), lines)


def make_stated(
    channel: Channel, balance: str, *, at_on: date = DAY, version: int = 0, actor: User
) -> StatedBalance:
    """Return a balance that a person stated, with a picture as evidence."""
    evidence = SimpleUploadedFile("wallet.png", PNG + str(next(_numbers)).encode())
    said = Said(at_on, Decimal(balance), "Read in the wallet", evidence)
    return state_balance(channel, said, version=version, actor=actor)
