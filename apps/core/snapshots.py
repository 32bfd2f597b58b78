"""One state of the database for several reads, also by several connections at once."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, connections, transaction

from apps.core.copying import copy_together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the database; without a name only this connection sees it."""

    name: str = ""

    def copy_out(self, queries: Mapping[Path, str]) -> None:
        """Write what queries find to files, as CSV with a word of its own for NULL.

        They are read at the same time, unless this connection alone can see the state.

        Raises:
            psycopg.Error: the database has ended one of them.
        """
        if not self.name:
            for path, sql in queries.items():
                with connection.cursor() as cursor:
                    copy_together({path: (cursor, sql)})
            return
        with ExitStack() as stack:
            cursors = [stack.enter_context(connection.cursor())]
            while len(cursors) < len(queries):
                cursors.append(stack.enter_context(self._cursor_beside()))
            reads = zip(queries.items(), cursors, strict=True)
            copy_together({path: (cursor, sql) for (path, sql), cursor in reads})

    @contextmanager
    def _cursor_beside(self) -> Iterator[Any]:
        """Give a cursor of another connection that sees the same."""
        other = connections.create_connection(connection.alias)
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                _prepare(cursor)
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{self.name}'")
                yield cursor
        finally:
            # What was only read needs no end of its own.
            other.close()


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """See one state of the database, unless a transaction runs that has its own."""
    if connection.in_atomic_block:
        yield Snapshot()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        _prepare(cursor)
        cursor.execute("SELECT pg_export_snapshot()")
        yield Snapshot(*cursor.fetchone())


def _prepare(cursor: Any) -> None:
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # One big read beside many small ones: it may hash what they look up row by row.
    cursor.execute("SET LOCAL work_mem = '64MB'")
