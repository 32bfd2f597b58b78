"""What takes part in a run, from PostgreSQL into files for the engine.

    open      posted lines of the channel's account, and lines of its imported statements, from
              the day of the channel's first run up to the run's last day, that are in no
              bucket yet or in one that settles nothing
    settled   rows that were matched before and that a new one may double
    prior     duplicates that are known

All of it is one snapshot. Rows that came after the run's marks belong to the next run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from apps.core.money import minor_digits
from apps.core.snapshots import Snapshot, snapshot
from apps.ledgers.models import JournalLine
from apps.reconciliation.domain.buckets import MATCHED, ORIGINALS, Side
from apps.reconciliation.domain.rules import Kind, Rules
from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services.lines import TABLES
from apps.reconciliation.services.row_parts import has_splits, rows_in_parts
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from apps.reconciliation.models import RuleTrial
    from apps.statements.models import Channel

_MATCHED = ", ".join(f"'{bucket}'" for bucket in sorted(MATCHED))
_MAY_BE_DOUBLED = ", ".join(f"'{bucket}'" for bucket in sorted(ORIGINALS))
_REFERENCES = {
    "line": ("coalesce(nullif(l.summary, ''), e.summary)", "e.summary"),
    "entry": ("e.summary", "l.summary"),
    "key": ("coalesce(e.idempotency_key, '')", "l.summary || ' ' || e.summary"),
}
_FROM = {
    Side.BOOK: """{rows} l
      JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.state = 'posted'""",
    Side.STATEMENT: """{rows} l
      JOIN statements_statementfile f ON f.id = l.statement_id AND f.state = 'imported'""",
}
# More than take part, perhaps; the engine looks at those that are open.
_DUPLICATES = """
SELECT %s, item_id, group_id FROM reconciliation_matcheditem
WHERE channel_id = %s AND side = %s AND bucket = 'duplicate'
"""
_WHERE = {
    Side.BOOK: "l.ledger_id = {ledger} AND l.account_id = {account} AND {line} <= {book_mark}"
    " AND e.posted_at <= '{marked_at}'",
    Side.STATEMENT: "l.channel_id = {channel} AND {line} <= {statement_mark}",
}
_MORE = {
    Side.BOOK: "",
    Side.STATEMENT: ", l.counterparty, l.batch, l.fee, l.gross_amount,"
    " coalesce(l.gross_currency_id, '')",
}
_DAY = {Side.BOOK: "l.entry_date", Side.STATEMENT: "l.booked_on"}


@dataclass(frozen=True, slots=True)
class Pool:
    """What takes part: SQL for both sides, made of numbers and days alone."""

    facts: dict[str, Any]
    first_on: date
    to_on: date

    def rows(self, side: Side) -> str:
        """Return FROM and WHERE of all rows up to the marks, in whatever bucket they are."""
        return f"{self._lines(side)} WHERE {self._within(side, self.first_on)}"

    def taking_part(self, side: Side) -> str:
        """Return FROM and WHERE of the rows that are open: in no bucket yet, or not matched."""
        return (
            f"{self.rows(side)} AND NOT EXISTS (SELECT FROM reconciliation_matcheditem m"
            f" WHERE m.channel_id = {self.facts['channel']} AND m.side = '{side}'"
            f" AND m.item_id = l.id AND m.bucket IN ({_MATCHED}))"
        )

    def settled(self, side: Side, since: date) -> str:
        """Return FROM and WHERE of the rows that were matched, from a day on."""
        return (
            f"{self._lines(side)}"
            f" JOIN reconciliation_matcheditem m ON m.channel_id = {self.facts['channel']}"
            f" AND m.side = '{side}' AND m.item_id = l.id AND m.bucket IN ({_MATCHED})"
            f" WHERE {self._within(side, since)}"
        )

    @staticmethod
    def day(side: Side) -> str:
        """Return SQL for the day of a row."""
        return _DAY[side]

    def _lines(self, side: Side) -> str:
        # Without a split row nothing is looked for: a million lines are read as they are.
        is_split = self.facts["has_splits"]
        rows = rows_in_parts(side, self.facts["channel"]) if is_split else TABLES[side]
        return _FROM[side].format(rows=rows)

    def _within(self, side: Side, since: date) -> str:
        # A part is as old as its line, whatever its own key.
        line = "l.line_id" if self.facts["has_splits"] else "l.id"
        return (
            f"{_WHERE[side].format(line=line, **self.facts)}"
            f" AND {_DAY[side]} BETWEEN '{since}' AND '{self.to_on}'"
        )


def marks_now(run: ReconciliationRun) -> dict[str, Any]:
    """Return the marks of a run: its own, or what there is now."""
    return {} if run.marked_at else newest_marks()


def newest_marks() -> dict[str, Any]:
    """Return the highest keys, and the moment, that there are now."""
    lines = JournalLine.objects.aggregate(highest=Max("pk"))
    statements = StatementLine.objects.aggregate(highest=Max("pk"))
    return {
        "book_mark": lines["highest"] or 0,
        "statement_mark": statements["highest"] or 0,
        "marked_at": timezone.now(),
    }


def pool_of(run: ReconciliationRun) -> Pool:
    """Return what takes part in a run that has its marks."""
    runs = ReconciliationRun.objects.filter(channel=run.channel_id)
    counting = runs.exclude(state__in=("failed", "cancelled")).filter(pk__lte=run.pk)
    first = counting.aggregate(first=Min("from_on"))["first"] or run.from_on
    marks = {name: getattr(run, name) for name in ("book_mark", "statement_mark", "marked_at")}
    return pool_between(run.channel, (first, run.to_on), marks)


def pool_between(channel: Channel, days: tuple[date, date], marks: Mapping[str, Any]) -> Pool:
    """Return the rows of a channel on some days, up to the marks."""
    # Numbers and not joins to them: PostgreSQL knows then how many rows to expect.
    facts = {
        "channel": int(channel.pk),
        "ledger": int(channel.ledger_id),
        "account": int(channel.account_id),
        "book_mark": int(marks["book_mark"] or 0),
        "statement_mark": int(marks["statement_mark"] or 0),
        "marked_at": marks["marked_at"].isoformat() if marks["marked_at"] else "",
        "has_splits": has_splits(channel.pk),
    }
    return Pool(facts, *days)


def write_files(run: ReconciliationRun, rules: Rules, folder: Path) -> list[Any]:
    """Write the files of the engine and return known duplicates as (side, key, group).

    Both sides are read at the same time, of one state of the database.
    """
    pool, columns = pool_of(run), _columns(run.channel, rules)
    with snapshot() as state, connection.cursor() as cursor:
        state.copy_out(
            {
                folder / f"{side}.csv": f"SELECT {columns[side]}{_MORE[side]}"  # noqa: S608
                f" FROM {pool.taking_part(side)}"
                for side in Side
            }
        )
        write_settled(state, run.channel, pool, run.from_on, rules, folder)
        prior: list[Any] = []
        for side in Side:
            cursor.execute(_DUPLICATES, [side.value, run.channel_id, side.value])
            prior += cursor.fetchall()
    return prior


def write_sample(
    state: Snapshot, channel: Channel, pool: Pool, rules: Rules, folder: Path, most: int
) -> None:
    """Write both files of the engine for a trial, at the same time: what of a pool is open.

    Of a side with more than `most` rows the newest take part.
    """
    columns = _columns(channel, rules)
    state.copy_out(
        {
            folder / f"{side}.csv": f"SELECT {columns[side]}{_MORE[side]}"  # noqa: S608
            f" FROM {pool.taking_part(side)} ORDER BY {_DAY[side]} DESC, l.id"
            f" LIMIT {int(most)}"
            for side in Side
        }
    )


def write_settled(
    state: Snapshot, channel: Channel, pool: Pool, from_on: date, rules: Rules, folder: Path
) -> None:
    """Write what was matched before, of which an open row may be a duplicate."""
    windows = [step.days for step in rules.passes if step.kind == Kind.DUPLICATE]
    settled = MatchedItem.objects.filter(channel=channel, bucket__in=ORIGINALS)
    # Without any, the lines of the whole window would be read to find none.
    if windows and settled.exists():
        since, columns = from_on - timedelta(days=max(windows)), _columns(channel, rules)
        state.copy_out(
            {
                folder / f"settled_{side}.csv": f"SELECT {columns[side]}, m.group_id"  # noqa: S608
                f" FROM {pool.settled(side, since)} AND m.bucket IN ({_MAY_BE_DOUBLED})"
                for side in Side
            }
        )


def count_days(pool: Pool, side: Side) -> dict[date, int]:
    """Return how many rows of a side of a pool are open on each day."""
    rows = f"SELECT {_DAY[side]}, count(*) FROM {pool.taking_part(side)} GROUP BY 1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return dict(cursor.fetchall())


def _columns(channel: Channel, rules: Rules) -> dict[Side, str]:
    """Return what the files of both sides have first."""
    reference, text = reference_of_books(rules), _REFERENCES[rules.book_reference][1]
    currency, amount = money_of_books(channel)
    return {
        Side.BOOK: f"l.id, {reference} AS r, {text} AS t, {currency} AS c, {amount} AS a,"
        " l.entry_date",
        Side.STATEMENT: "l.id, l.reference, l.text, l.currency_id, l.amount, l.booked_on",
    }


def reference_of_books(rules: Rules) -> str:
    """Return SQL for the text that holds a line's reference, of lines `l` and entries `e`."""
    return _REFERENCES[rules.book_reference][0]


def money_of_books(channel: Channel) -> tuple[str, str]:
    """Return SQL for currency and amount of lines `l`.

    A channel in the base currency of its ledger sees all lines in it.
    """
    if channel.currency_id != channel.ledger.base_currency_id:
        return "l.currency_id", "l.amount"
    base = f"'{channel.currency_id}'"
    return base, f"CASE WHEN l.currency_id = {base} THEN l.amount ELSE l.base_amount END"


def digits_of(run: ReconciliationRun | RuleTrial) -> dict[str, int]:
    """Return the decimals of each currency that the rows of a run, or of a trial, can have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM organizations_currency")
        codes = [code for (code,) in cursor.fetchall()]
    return {code: minor_digits(code) for code in {*codes, run.channel.currency_id}}
