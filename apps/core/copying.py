"""Very many rows: out of PostgreSQL into files, and what it has to know of new ones.

One thread takes what comes from several connections. A thread for each would hand the
interpreter to the other for every row, and take longer than one read after the other.
"""

from __future__ import annotations

from contextlib import ExitStack
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import connection
from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from psycopg.pq.abc import PGconn

_COPY = "COPY ({}) TO STDOUT (FORMAT csv, NULL '\\N')"


def copy_together(reads: Mapping[Path, tuple[Any, str]]) -> None:
    """Write to each path what a cursor, of a connection of its own, finds by a query.

    A million rows are a million messages: libpq hands them over at half the price.

    Raises:
        psycopg.Error: the database has ended one of the statements.
    """
    with ExitStack() as stack, DefaultSelector() as waiting:
        for path, (cursor, sql) in reads.items():
            file = stack.enter_context(path.open("wb"))
            stack.enter_context(cursor.copy(_COPY.format(sql)))
            libpq = cursor.connection.pgconn
            # What has come already wakes nobody who waits for more.
            if not _take_rows(libpq, file):
                waiting.register(libpq.socket, EVENT_READ, (libpq, file))
        while waiting.get_map():
            for key, _events in waiting.select():
                if _take_rows(*key.data):
                    waiting.unregister(key.fileobj)


def count_new_rows(table: str, columns: str) -> None:
    """Have PostgreSQL look at what rows a table has, after very many were added.

    Nobody else has counted them yet: what reads them would be planned for none.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {table} ({columns})")


def _take_rows(libpq: PGconn, file: BinaryIO) -> bool:
    """Write the rows that have come; say whether they were the last ones."""
    try:
        libpq.consume_input()
        while (row := libpq.get_copy_data(1))[0] > 0:
            file.write(row[1])
    except OperationalError:
        _check_end(libpq)
        raise
    is_end = row[0] < 0
    if is_end:
        _check_end(libpq)
    return is_end


def _check_end(libpq: PGconn) -> None:
    """Take the results of a statement, which names its own error better than the rows do."""
    for result in [*iter(libpq.get_result, None)]:
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
