"""What people call the line behind a row, of the books or of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.models import JournalLine
from apps.reconciliation.domain.buckets import Side
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from apps.reconciliation.models import RowPart

Line = JournalLine | StatementLine | None
# Where the lines of a side are.
TABLES = {Side.BOOK: "ledgers_journalline", Side.STATEMENT: "statements_statementline"}


def reference_of(line: Line) -> str:
    """Return the line's reference, or its text; "" of a line that is not there."""
    if isinstance(line, StatementLine):
        return line.reference or line.partner_reference or line.text
    return (line.summary or line.entry.summary) if line else ""


def note_of(line: Line, part: RowPart | None = None) -> str:
    """Return what else tells it from others: which part, the counterparty, or the entry."""
    if isinstance(line, StatementLine):
        note = line.counterparty
    else:
        note = str(line.entry) if line else ""
    return " · ".join(filter(None, [str(part), note])) if part else note
