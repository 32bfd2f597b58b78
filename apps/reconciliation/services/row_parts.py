"""Rows that are split, as queries see them: parts stand where their row stood.

A part has what its line has but the amount: day, texts, file or entry. Fees stay with the line
alone, since nobody says which part bears them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.models import JournalLine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import RowPart, RowSplit
from apps.reconciliation.services.lines import TABLES
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.reconciliation.services.lines import Line

# Of a result `m` its part `p`, if it is one; its line is `coalesce(p.line_id, m.item_id)`.
PART_OF_ITEM = "LEFT JOIN reconciliation_rowpart p ON p.side = m.side AND p.item_id = m.item_id"
# What queries over `l` read of a line, and of a part in its place.
_COLUMNS = {
    Side.BOOK: "l.ledger_id, l.account_id, l.entry_id, l.entry_date, l.summary",
    Side.STATEMENT: "l.channel_id, l.statement_id, l.booked_on, l.reference, l.text,"
    " l.counterparty, l.batch",
}
_MONEY = {
    Side.BOOK: ("l.currency_id, l.amount, l.base_amount", "s.currency, p.amount, p.amount"),
    Side.STATEMENT: (
        "l.currency_id, l.amount, l.fee, l.gross_amount, l.gross_currency_id",
        "s.currency, p.amount, NULL, NULL, NULL",
    ),
}


def has_splits(channel_id: int) -> bool:
    """Say whether a row of a channel is split now."""
    return RowSplit.objects.filter(channel=channel_id, is_undone=False).exists()


def rows_in_parts(side: Side, channel_id: int) -> str:
    """Return SQL for the lines of a side, with parts in place of the rows that are split.

    Each row has the columns of its line, and `line_id`.
    """
    columns, table, (whole, part) = _COLUMNS[side], TABLES[side], _MONEY[side]
    split = (
        "SELECT o.item_id FROM reconciliation_rowsplit o"  # noqa: S608  (names of this module)
        f" WHERE o.channel_id = {int(channel_id)} AND o.side = '{side}' AND NOT o.is_undone"
    )
    return (
        f"(SELECT l.id, l.id AS line_id, {columns}, {whole} FROM {table} l"  # noqa: S608
        f" WHERE l.id NOT IN ({split})"
        f" UNION ALL SELECT p.item_id, l.id, {columns}, {part} FROM reconciliation_rowpart p"
        f" JOIN reconciliation_rowsplit s ON s.id = p.split_id AND NOT s.is_undone"
        f" JOIN {table} l ON l.id = p.line_id WHERE p.channel_id = {int(channel_id)}"
        f" AND p.side = '{side}' AND p.item_id NOT IN ({split}))"
    )


def lines_and_parts(
    keys: Iterable[tuple[str, int]],
) -> tuple[dict[tuple[str, int], Line], dict[tuple[str, int], RowPart]]:
    """Return the lines behind rows by side and key, and which rows are parts.

    Two queries whatever the number of rows, and two more where some are parts.
    """
    wanted = set(keys)
    lines = _lines_of(wanted)
    missing = wanted - lines.keys()
    if not missing:
        return lines, {}
    found = RowPart.objects.filter(item_id__in={pk for _side, pk in missing})
    parts = {(one.side, one.item_id): one for one in found.select_related("split")}
    parts = {key: one for key, one in parts.items() if key in missing}
    behind = _lines_of({(one.side, one.line_id) for one in parts.values()})
    for key, part in parts.items():
        lines[key] = behind.get((part.side, part.line_id))
    return lines, parts


def _lines_of(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Line]:
    pks: dict[str, list[int]] = {side.value: [] for side in Side}
    for side, pk in keys:
        pks[side].append(pk)
    ours = JournalLine.objects.select_related("entry__period", "entry__ledger")
    theirs = StatementLine.objects.select_related("statement__channel")
    found: dict[tuple[str, int], Line] = {}
    if pks[Side.BOOK]:
        rows = ours.filter(pk__in=pks[Side.BOOK])
        found |= {(Side.BOOK.value, line.pk): line for line in rows}
    if pks[Side.STATEMENT]:
        lines = theirs.filter(pk__in=pks[Side.STATEMENT])
        found |= {(Side.STATEMENT.value, line.pk): line for line in lines}
    return found
