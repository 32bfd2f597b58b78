"""One state of the database for several reads, also by several connections at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the database; without a name only this connection sees it."""

    name: str = ""

    @contextmanager
    def beside(self, read: Callable[[], None]) -> Iterator[None]:
        """Read while the block does something else, by a connection that sees the same."""
        if not self.name:
            read()
            yield
            return
        with ThreadPoolExecutor(1, thread_name_prefix="beside") as thread:
            done = thread.submit(self._read, read)
            yield
            done.result()

    def _read(self, read: Callable[[], None]) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _isolate()
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{self.name}'")
                read()
        finally:
            # Each thread has a connection of its own.
            connection.close()


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """See one state of the database, unless a transaction runs that has its own."""
    if connection.in_atomic_block:
        yield Snapshot()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        _isolate()
        # One big read beside many small ones: it may hash what they look up row by row.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SELECT pg_export_snapshot()")
        yield Snapshot(*cursor.fetchone())


def _isolate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
