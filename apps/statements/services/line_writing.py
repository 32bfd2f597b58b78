"""Write lines by COPY, as the reading process left them: a million take seconds.

A line's fingerprint is made of account, day, amount, currency, reference and text. Equal lines
are counted in the order of the file: two payments of 3.50 on a day are two lines, and the same
two in an overlapping statement are known.

A file begins with the names of its columns; of the others PostgreSQL knows that they are empty.

Where earlier statements told of the same days, lines go to a table of the transaction first,
`statement_read`, and there PostgreSQL compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from apps.core.copying import count_new_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PIECE = 1024 * 1024
COLUMNS = (
    "statement_id, channel_id, currency_id, line_no, booked_on, value_on, amount, reference,"
    " partner_reference, batch, kind, counterparty, counter_account, text, fee, gross_amount,"
    " gross_currency_id, fingerprint, occurrence"
)
_KNOWN = set(COLUMNS.split(", "))


def copy_lines(lines: Iterable[Path]) -> None:
    """Write all lines of a statement that is being imported, in the order that they come in.

    Raises:
        DatabaseError: one of them is there already, or the statement takes none.
    """
    _copy(lines, "statements_statementline")


def count_lines() -> None:
    """Have PostgreSQL know about how many lines there are of a statement, channel or day."""
    count_new_rows("statements_statementline", "statement_id, channel_id, booked_on")


def stage_lines(lines: Iterable[Path]) -> None:
    """Put lines into a table of this transaction, in their order (`place`)."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS statement_read")
        cursor.execute(
            "CREATE TEMPORARY TABLE statement_read"
            " (LIKE statements_statementline INCLUDING DEFAULTS) ON COMMIT DROP"
        )
        cursor.execute(
            "ALTER TABLE statement_read DROP id, ADD place bigint GENERATED ALWAYS AS IDENTITY"
        )
    _copy(lines, "statement_read")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE statement_read")


def _copy(lines: Iterable[Path], table: str) -> None:
    with connection.cursor() as cursor:
        # The guard of lines looks at what a file adds: it is kept in memory until then.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # Keys are drawn in lots: what this connection has left of an earlier one is
        # lower than what others have drawn since, and a run's marks go by keys.
        cursor.execute("DISCARD SEQUENCES")
        for path in lines:
            with path.open("rb") as source:
                columns = _columns(source.readline().decode())
                sql = (
                    f"COPY {table} ({columns}) FROM STDIN"
                    " (FORMAT csv, NULL '\\N', ENCODING 'UTF8')"
                )
                with cursor.copy(sql) as copy:
                    while piece := source.read(_PIECE):
                        copy.write(piece)


def _columns(heading: str) -> str:
    """Return the names of a heading, which a process wrote that had read a stranger's file."""
    names = heading.strip().split(",")
    if unknown := set(names) - _KNOWN:
        raise ValueError(unknown)
    return ", ".join(names)
