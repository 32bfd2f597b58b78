"""The least that rows cost which leave PostgreSQL and come into it: COPY, and a primary key."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from apps.statements.models import Channel

_BLOCK = 1 << 20
_BOOKS = (
    "SELECT id, summary, currency_id, amount, entry_date FROM ledgers_journalline"
    " WHERE account_id = {}"
)
# What comes in, in which order, and by which key.
_INCOMING = {
    "statements_statementline": "id",
    "reconciliation_matcheditem": "channel_id, side, item_id",
}


def bare_copies(channel: Channel) -> float:
    """Return the seconds to read a channel's books, and to write its lines and results.

    Nothing is checked, looked up or done at the same time: what is written is there already,
    and goes into tables of the same columns that have a primary key and no more.
    """
    with TemporaryDirectory() as folder, connection.cursor() as cursor:
        file = Path(folder) / "rows"
        seconds = _copied_out(cursor, _BOOKS.format(int(channel.account_id)), file)
        for table, key in _INCOMING.items():
            _copied_out(cursor, f"SELECT * FROM {table} ORDER BY {key}", file)
            cursor.execute(f"CREATE TABLE bench_bare (LIKE {table}, PRIMARY KEY ({key}))")
            seconds += _copied_in(cursor, file)
            cursor.execute("DROP TABLE bench_bare")
    return seconds


def _copied_out(cursor: Any, rows: str, file: Path) -> float:
    started = time.monotonic()
    with cursor.copy(f"COPY ({rows}) TO STDOUT") as copy, file.open("wb") as target:
        for block in copy:
            target.write(block)
    return time.monotonic() - started


def _copied_in(cursor: Any, file: Path) -> float:
    started = time.monotonic()
    with cursor.copy("COPY bench_bare FROM STDIN") as copy, file.open("rb") as source:
        while block := source.read(_BLOCK):
            copy.write(block)
    return time.monotonic() - started
