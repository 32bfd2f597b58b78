"""The history of an entry in words: who did what when, field by field and line by line.

    operation log (rows as JSON, by operation) --history_of--> steps, oldest first

Lines of a draft are logged when they are replaced: the record of a removal holds what was
there. What came instead is what the next removal holds, or what stands there now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.models import OperationLog
from apps.core.formatting import format_signed
from apps.core.money import minor_digits
from apps.ledgers.domain.merging import pair_up
from apps.ledgers.models import (
    Account,
    DimensionSet,
    EntryKind,
    EntryState,
    JournalEntry,
    Period,
    Word,
)
from apps.organizations.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import Promise

STEP_LABELS: dict[str, str | Promise] = {
    "journal_entry.create": gettext_lazy("created the draft"),
    "journal_entry.save": gettext_lazy("saved the draft"),
    "journal_entry.submit": gettext_lazy("submitted it"),
    "journal_entry.withdraw": gettext_lazy("withdrew it"),
    "journal_entry.approve": gettext_lazy("approved it"),
    "journal_entry.reject": gettext_lazy("returned it"),
    "journal_entry.unapprove": gettext_lazy("took the approval back"),
    "journal_entry.post": gettext_lazy("posted it"),
    "journal_entry.reverse": gettext_lazy("made it as a reversal"),
    "journal_entry.cancel": gettext_lazy("cancelled it"),
}
_FIELDS: dict[str, str | Promise] = {
    "state": gettext_lazy("State"),
    "number": gettext_lazy("Number"),
    "word": gettext_lazy("Type"),
    "kind": gettext_lazy("Kind"),
    "entry_date": gettext_lazy("Date"),
    "period_id": gettext_lazy("Period"),
    "summary": gettext_lazy("Summary"),
    "total": gettext_lazy("Total"),
    "checker_id": gettext_lazy("Checker"),
    "poster_id": gettext_lazy("Poster"),
    "review_note": gettext_lazy("Reason of the return"),
}
_CONTENT = ("word", "kind", "entry_date", "summary", "total")
_LINE_KEYS = ("account_id", "dimension_set_id", "side", "base_amount", "summary")
_CHOICES: dict[str, dict[Any, Any]] = {
    "state": dict(EntryState.choices),
    "word": dict(Word.choices),
    "kind": dict(EntryKind.choices),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field before and after, in words."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class HistoryStep:
    """One operation on an entry."""

    kind: str
    who: str
    at: datetime
    reason: str
    trace_id: str
    changes: list[Change] = field(default_factory=list)

    @property
    def what(self) -> str:
        """The operation in words."""
        return str(STEP_LABELS.get(self.kind, self.kind))


def history_of(entry: JournalEntry) -> list[HistoryStep]:
    """Return every operation that changed the entry, oldest first."""
    logs = list(_logs_of(entry))
    after = _lines_now(entry) if any(_removed(log) for log in logs) else []
    names = _Names(entry, logs, after)
    steps = []
    groups = groupby(logs, key=lambda log: log.operation_id or log.pk)
    for group in reversed([list(group) for _operation_id, group in groups]):
        before = [line for log in group for line in _removed(log)] or after
        steps.append(_step(group, names, _line_changes(before, after, names)))
        after = before
    return steps[::-1]


def changes_since(entry: JournalEntry, moment: datetime) -> list[Change]:
    """Return how the content differs from what it was at a moment; steps of state are none."""
    logs = list(_logs_of(entry).filter(at__gt=moment))
    now = _lines_now(entry)
    names = _Names(entry, logs, now)
    before = next(filter(None, map(_removed, logs)), now)
    return _content_changes(logs, names) + _line_changes(before, now, names)


def _logs_of(entry: JournalEntry) -> QuerySet[OperationLog]:
    rows = OperationLog.objects.filter(
        resource_type__in=("ledgers_journalentry", "ledgers_journalline"),
        resource_id=str(entry.pk),
    )
    return rows.select_related("actor").order_by("id")


def _content_changes(logs: list[OperationLog], names: _Names) -> list[Change]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for log in logs:
        if log.resource_type == "ledgers_journalentry":
            before = (log.before or {}) | before
            after |= log.after or {}
    changes = [
        Change(str(_FIELDS[key]), names.shown(key, before[key]), names.shown(key, after[key]))
        for key in _CONTENT
        if key in before
    ]
    return [change for change in changes if change.before != change.after]


def _removed(log: OperationLog) -> list[dict[str, Any]]:
    """Return the lines that a record says were taken away."""
    is_removal = log.resource_type == "ledgers_journalline" and log.before
    return list(log.before["lines"]) if is_removal and log.before else []


def _lines_now(entry: JournalEntry) -> list[dict[str, Any]]:
    """Return the stored lines as a record would hold them."""
    return list(entry.lines.order_by("position").values(*_LINE_KEYS))


def _step(logs: list[OperationLog], names: _Names, lines: list[Change]) -> HistoryStep:
    first = logs[0]
    who = first.actor.display_name() if first.actor else first.actor_name or first.database_user
    step = HistoryStep(first.kind, who, first.at, first.reason, first.trace_id)
    for log in logs:
        if log.resource_type == "ledgers_journalentry":
            step.changes += _header_changes(log, names)
    step.changes += lines
    return step


def _header_changes(log: OperationLog, names: _Names) -> list[Change]:
    before, after = log.before or {}, log.after or {}
    changes = [
        Change(str(label), names.shown(key, before.get(key)), names.shown(key, after.get(key)))
        for key, label in _FIELDS.items()
        if key in before or key in after
    ]
    return [change for change in changes if change.before != change.after]


def _line_changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]], names: _Names
) -> list[Change]:
    if before is after:
        return []
    pairs = pair_up([names.line(line) for line in before], [names.line(line) for line in after])
    return [
        Change(_("Line %(number)s") % {"number": number}, old or "", new or "")
        for number, (old, new) in enumerate(pairs, start=1)
        if old != new
    ]


class _Names:
    """Words for the identifiers that a log holds, fetched once for the whole history."""

    def __init__(
        self, entry: JournalEntry, logs: Sequence[OperationLog], now: list[dict[str, Any]]
    ) -> None:
        """Collect the identifiers and fetch what they stand for."""
        rows = [row for log in logs for row in (log.before, log.after) if row]
        lines = now + [line for row in rows for line in row.get("lines", [])]
        self.digits = minor_digits(entry.ledger.base_currency_id)
        self.accounts = Account.objects.in_bulk(_ids(lines, "account_id"))
        self.sets = DimensionSet.objects.in_bulk(_ids(lines, "dimension_set_id"))
        self.periods = {entry.period_id: entry.period}
        self.periods |= Period.objects.in_bulk(_ids(rows, "period_id") - set(self.periods))
        self.people = {log.actor.pk: log.actor for log in logs if log.actor}
        named = _ids(rows, "checker_id") | _ids(rows, "poster_id")
        self.people |= User.objects.in_bulk(named - set(self.people))

    def shown(self, key: str, value: Any) -> str:
        """Return a value of the header in words."""
        if value is None or value == "":
            return ""
        if key in _CHOICES:
            return str(_CHOICES[key].get(value, value))
        if key == "total":
            return format_signed(Decimal(value), self.digits)
        if key == "period_id":
            return str(self.periods.get(value, value))
        if key in {"checker_id", "poster_id"}:
            person = self.people.get(value)
            return person.display_name() if person else str(value)
        return str(value)

    def line(self, line: dict[str, Any]) -> str:
        """Return a line as one text: account, side, amount, dimensions, summary."""
        side = line["side"]
        amount = format_signed(Decimal(line["base_amount"]) * side, self.digits)
        dimensions = self.sets.get(line["dimension_set_id"])
        parts = [
            str(self.accounts.get(line["account_id"], line["account_id"])),
            f"{_('debit') if side > 0 else _('credit')} {amount}",
            str(dimensions or ""),
            line["summary"],
        ]
        return " · ".join(part for part in parts if part)


def _ids(rows: Iterable[dict[str, Any]], key: str) -> set[int]:
    return {row[key] for row in rows if row.get(key)}
