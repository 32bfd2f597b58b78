"""What of a file is known already, and where it contradicts earlier statements.

A day that lies inside two statements, not at their edge, was told whole by both: a line that
only one of them has is a conflict. At an edge the day may have gone on.

PostgreSQL compares whole sets; the worker holds none of the lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.statements.domain.gaps import Gap, Span, gaps
from apps.statements.models import Channel, StatementFile, StatementLine, StatementPart
from apps.statements.services.line_writing import COLUMNS, copy_lines, count_lines, stage_lines

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.models import QuerySet

    from apps.statements.domain.parts import Part

SHOWN_CONFLICTS, MANY_LINES = 20, 100_000
_SHOWN = (
    "booked_on",
    "amount",
    "reference",
    "partner_reference",
    "fee",
    "counterparty",
    "text",
)
# A day inside an earlier statement, and one inside a part of the file.
_INSIDE_EARLIER = """EXISTS (SELECT 1 FROM statements_statementpart p
  JOIN statements_statementfile f ON f.id = p.statement_id AND f.state = 'imported'
  WHERE f.channel_id = %(channel)s AND r.booked_on > p.from_on AND r.booked_on < p.to_on)"""
_KNOWN = """(SELECT fingerprint, max(occurrence) AS n FROM statements_statementline
  WHERE channel_id = %(channel)s AND booked_on BETWEEN %(first)s AND %(last)s GROUP BY 1)"""
_MISSING = f"""statement_read r LEFT JOIN {_KNOWN} k ON k.fingerprint = r.fingerprint
  WHERE r.occurrence > coalesce(k.n, 0)"""
_ONLY_HERE = f"FROM {_MISSING} AND {_INSIDE_EARLIER}"
_ONLY_THERE = """FROM statements_statementline r
  LEFT JOIN (SELECT fingerprint, max(occurrence) AS n FROM statement_read GROUP BY 1) h
    ON h.fingerprint = r.fingerprint
  WHERE r.channel_id = %(channel)s AND r.booked_on BETWEEN %(first)s AND %(last)s
    AND r.occurrence > coalesce(h.n, 0)
    AND EXISTS (SELECT 1 FROM unnest(%(begins)s::date[], %(ends)s::date[]) AS p (b, e)
      WHERE r.booked_on > p.b AND r.booked_on < p.e)"""


@dataclass(slots=True)
class Overlap:
    """How a file stands to what is there: counts of known lines, and contradictions.

    `only_here` are lines of the file that an earlier statement should have had, `only_there`
    lines of earlier statements that the file should have: columns by name, the first ones.
    """

    new_count: int
    new_total: Decimal
    conflict_count: int = 0
    only_here: list[dict[str, Any]] = field(default_factory=list)
    only_there: list[dict[str, Any]] = field(default_factory=list)
    # Earlier lines lie on the same days: the file's are in `statement_read`.
    _days: dict[str, Any] = field(default_factory=dict)

    def write_missing(self, lines: Iterable[Path]) -> None:
        """Write the lines of the file that are not known."""
        if not self._days:
            copy_lines(lines)
        else:
            self._insert()
        if self.new_count > MANY_LINES:
            count_lines()

    def _insert(self) -> None:
        columns = ", ".join(f"r.{name.strip()}" for name in COLUMNS.split(","))
        _run(
            f"INSERT INTO statements_statementline ({COLUMNS}) SELECT {columns}"  # noqa: S608
            f" FROM {_MISSING} ORDER BY r.place",
            self._days,
        )


def overlap_of(
    statement: StatementFile, parts: Sequence[Part], lines: Iterable[Path]
) -> Overlap:
    """Compare a file with the imported statements of its channel, inside a transaction."""
    days: dict[str, Any] = {
        "channel": statement.channel_id,
        "first": min(part.from_on for part in parts),
        "last": max(part.to_on for part in parts),
        "begins": [part.from_on for part in parts],
        "ends": [part.to_on for part in parts],
    }
    rows = StatementLine.objects.filter(
        channel=statement.channel_id, booked_on__range=(days["first"], days["last"])
    )
    if not rows.exists():
        return Overlap(
            sum(part.count for part in parts), sum((p.total for p in parts), Decimal(0))
        )
    stage_lines(lines)
    if _goes_on(parts_of(statement.channel), parts[0]):
        _count_on(days)
    ((new_count, new_total),) = _run(
        f"SELECT count(*), coalesce(sum(r.amount), 0) FROM {_MISSING}",  # noqa: S608
        days,
    )
    here, only_here = _conflicts(_ONLY_HERE, "r.line_no, r.place", days)
    there, only_there = _conflicts(_ONLY_THERE, "r.booked_on, r.line_no, r.id", days)
    return Overlap(new_count, new_total, here + there, only_here, only_there, days)


def parts_of(channel: Channel) -> QuerySet[StatementPart]:
    """Return the statements of a channel that count."""
    return StatementPart.objects.filter(
        statement__channel=channel, statement__state=StatementFile.State.IMPORTED
    )


def gaps_of(channel: Channel, parts: Sequence[Part] = ()) -> list[Gap]:
    """Return the gaps between the statements of a channel, with parts that may come."""
    new = [
        Span(part.from_on, part.to_on, part.opening, part.closing)
        for part in parts
        if part.opening is not None and part.closing is not None
    ]
    return gaps([*spans_of([channel]).get(channel.pk, []), *new])


def gap_counts(channels: Iterable[Channel]) -> dict[int, int]:
    """Return how many gaps channels have that have statements, by one query."""
    return {pk: len(gaps(spans)) for pk, spans in spans_of(channels).items()}


def spans_of(channels: Iterable[Channel]) -> dict[int, list[Span]]:
    """Return the days and balances of all statements of channels that count."""
    rows = StatementPart.objects.filter(
        statement__channel__in=[channel.pk for channel in channels],
        statement__state=StatementFile.State.IMPORTED,
        opening_balance__isnull=False,
    )
    found: dict[int, list[Span]] = defaultdict(list)
    columns = ("from_on", "to_on", "opening_balance", "closing_balance")
    for pk, *span in rows.values_list("statement__channel", *columns):
        found[pk].append(Span(*span))
    return found


def _goes_on(earlier: QuerySet[StatementPart], part: Part) -> bool:
    """Say whether a statement begins on the day and at the balance where another ended."""
    if part.opening is None:
        return False
    is_same = earlier.filter(
        from_on=part.from_on,
        to_on=part.to_on,
        opening_balance=part.opening,
        line_count=part.count,
    )
    return (
        earlier.filter(to_on=part.from_on, closing_balance=part.opening).exists()
        and not is_same.exists()
    )


def _count_on(days: dict[str, Any]) -> None:
    """Count equal lines on from those of the day on which the earlier statement ended."""
    _run(
        "UPDATE statement_read r SET occurrence = r.occurrence + b.n FROM (SELECT fingerprint,"
        " max(occurrence) AS n FROM statements_statementline WHERE channel_id = %(channel)s"
        " AND booked_on = %(begin)s GROUP BY 1) b WHERE b.fingerprint = r.fingerprint",
        days | {"begin": days["begins"][0]},
    )


def _conflicts(
    source: str, order: str, days: dict[str, Any]
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many lines contradict, and the first of them."""
    ((count,),) = _run(f"SELECT count(*) {source}", days)
    if not count:
        return 0, []
    columns = ", ".join(f"r.{name}" for name in _SHOWN)
    rows = _run(
        f"SELECT {columns} {source} ORDER BY {order} LIMIT {SHOWN_CONFLICTS}",
        days,
    )
    return count, [dict(zip(_SHOWN, row, strict=True)) for row in rows]


def _run(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []
