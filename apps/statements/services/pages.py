"""What the pages of channels and statements show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q

from apps.core.errors import FinanceError, sentence_of
from apps.jobs.services.running import stored_failure
from apps.statements.domain.formats.table import Row, read_table
from apps.statements.models import Channel, StatementFile
from apps.statements.services.overlap import gap_counts, gaps_of
from apps.statements.services.statement_files import takes_files

if TYPE_CHECKING:
    from apps.statements.domain.gaps import Gap
    from apps.statements.domain.mapping import TableMapping

State = StatementFile.State
# Lines of a preview whose values are text in JSON.
_AMOUNTS = ("amount", "fee", "expected", "found", "difference", "opening", "closing", "total")


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel in the list: its newest statement, gaps, and what waits."""

    channel: Channel
    newest: StatementFile | None
    gap_count: int
    waiting: int
    takes_files: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What a mapping makes of a sample; `problem` is why it makes nothing."""

    lines: list[Any]
    problem: str = ""
    money_in: Decimal = Decimal(0)
    money_out: Decimal = Decimal(0)
    opening: Decimal | None = None
    closing: Decimal | None = None


def rows_of_channels(channels: Iterable[Channel]) -> list[ChannelRow]:
    """Return channels with their newest statements."""
    found = list(channels)
    files = StatementFile.objects.filter(channel__in=found)
    facts = files.values("channel").annotate(
        newest=Max("pk", filter=Q(state=State.IMPORTED)),
        waiting=Count("pk", filter=Q(state__in=(State.READY, State.READING))),
    )
    by_channel: dict[int, Any] = {row["channel"]: row for row in facts.order_by()}
    newest = files.in_bulk([row["newest"] for row in by_channel.values() if row["newest"]])
    gap_count = gap_counts(found)
    rows = []
    for channel in found:
        row = by_channel.get(channel.pk, {})
        rows.append(
            ChannelRow(
                channel,
                newest.get(row.get("newest") or 0),
                gap_count.get(channel.pk, 0),
                row.get("waiting", 0),
                takes_files(channel),
            )
        )
    return rows


def channel_gaps(channel: Channel) -> list[Gap]:
    """Return the gaps between the statements of a channel."""
    return gaps_of(channel)


def failure_of_statement(statement: StatementFile) -> str:
    """Return why a file was refused, in the reader's language; "" if it was not."""
    return sentence_of(*stored_failure(statement.failure)) if statement.failure else ""


def findings_of(statement: StatementFile) -> dict[str, Any]:
    """Return what reading found, with amounts and days as such."""
    found = dict(statement.findings)
    for name in ("money_in", "money_out"):
        if name in found:
            found[name] = Decimal(found[name])
    for name in ("preview", "parts", "only_here", "only_there", "gaps"):
        found[name] = [_typed(row) for row in found.get(name, ())]
    return found


def try_mapping(rows: list[Row], mapping: TableMapping) -> Trial:
    """Read a sample by a mapping that nobody saved yet."""
    if not rows:
        return Trial([])
    try:
        part = read_table(list(rows), mapping)[0]
    except FinanceError as error:
        return Trial([], str(error))
    amounts = [line.amount for line in part.lines]
    return Trial(
        part.lines[:50],
        "",
        sum((one for one in amounts if one > 0), Decimal(0)),
        sum((one for one in amounts if one < 0), Decimal(0)),
        part.opening,
        part.closing,
    )


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    typed = dict(row)
    for name in _AMOUNTS:
        if typed.get(name):
            typed[name] = Decimal(typed[name])
    for old in ("after", "before"):
        if old in typed:
            typed[f"{old}_on"] = typed.pop(old)
    for name in ("booked_on", "from_on", "to_on", "after_on", "before_on"):
        if name in typed:
            typed[name] = date.fromisoformat(typed[name])
    return typed
