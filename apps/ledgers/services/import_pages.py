"""What the pages of an import show: preview, progress, errors in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from apps.core.errors import FinanceError, sentence_of
from apps.ledgers.domain.import_values import RowError
from apps.ledgers.models import Account, EntryState, JournalImport, PeriodState
from apps.ledgers.services.import_jobs import RUNNING, progress_of
from apps.ledgers.services.import_rows import open_import_file, plan_import

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.ledgers.domain.import_values import ImportPlan
    from apps.ledgers.models import JournalImportError

PREVIEW_ROWS = 20
State = JournalImport.State
_STEPS = {
    State.UPLOADED: 2,
    State.MAPPED: 3,
    State.CHECKING: 3,
    State.FAULTY: 3,
    State.READY: 4,
    State.IMPORTING: 4,
    State.FAILED: 4,
    State.APPROVING: 5,
}


@dataclass(frozen=True, slots=True)
class ImportFault:
    """One thing wrong, in the reader's language."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line as it would stand in the journal."""

    account: str
    summary: str
    currency: str
    debit: Decimal | None
    credit: Decimal | None


@dataclass(frozen=True, slots=True)
class PreviewEntry:
    """An entry as it would stand in the journal."""

    key: str
    day: object
    lines: tuple[PreviewLine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as entries; `problem` is why there are none."""

    entries: tuple[PreviewEntry, ...] = ()
    faults: tuple[ImportFault, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the progress component shows."""

    state: str
    label: str
    done: int
    total: int
    is_running: bool
    message: str = ""

    def get_state_display(self) -> str:
        """Return the word for the state."""
        return self.label


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many entries of an import stand in a state, and their sum."""

    state: str
    label: str
    count: int
    total: Decimal


def preview_of(journal_import: JournalImport) -> Preview:
    """Return the first rows as the entries that they would become."""
    try:
        stream = open_import_file(journal_import)
        plan = plan_import(journal_import, stream, limit=PREVIEW_ROWS)
    except FinanceError as error:
        return Preview(problem=str(error))
    # The last entry may go on below the first rows, so that it does not balance here.
    last = plan.entries[-1].rows[0] if plan.entries else 0
    faults = tuple(
        _fault_of(fault) for fault in plan.errors if (fault.row, fault.field) != (last, "entry")
    )
    return Preview(tuple(_preview_entries(plan)), faults)


def faults_of(errors: Iterable[JournalImportError]) -> Iterator[ImportFault]:
    """Yield stored errors in the reader's language."""
    for error in errors:
        values = _readable(error.values)
        reason = sentence_of(error.code, values, error.message)
        yield ImportFault(error.row, error.field, reason)


def failure_text(journal_import: JournalImport) -> str:
    """Return why the last step failed, in the reader's language; "" if it did not."""
    if not journal_import.failure:
        return ""
    stored = json.loads(journal_import.failure)
    return sentence_of(stored["code"], _readable(stored["values"]), stored["text"])


def progress_of_page(journal_import: JournalImport) -> Progress:
    """Return how far the running step is."""
    is_running = journal_import.state in RUNNING
    done = progress_of(journal_import) if is_running else journal_import.done_count
    return Progress(
        state=journal_import.state,
        label=journal_import.get_state_display(),
        done=done,
        total=max(_work_of(journal_import), done),
        is_running=is_running,
    )


def step_of(journal_import: JournalImport) -> int:
    """Return which of the five steps of the wizard comes next; 6 when all are done."""
    if journal_import.state != State.DONE:
        return _STEPS[State(journal_import.state)]
    return 5 if journal_import.entries.unposted().exists() else 6


def _work_of(journal_import: JournalImport) -> int:
    """Return how much a running step has to do: rows to read, then entries to write."""
    rows, entries = journal_import.row_count, journal_import.entry_count
    work = {State.CHECKING: rows, State.IMPORTING: rows + entries}
    return work.get(State(journal_import.state), entries)


def states_of_entries(journal_import: JournalImport) -> list[StateCount]:
    """Return how many entries of the import stand in which state."""
    rows = journal_import.entries.order_by().values_list("state")
    return [
        StateCount(state, str(EntryState(state).label), count, total)
        for state, count, total in rows.annotate(Count("pk"), Sum("total"))
    ]


def _fault_of(fault: RowError) -> ImportFault:
    values = {name: str(value) for name, value in fault.error.values.items()}
    return ImportFault(
        fault.row,
        fault.field,
        sentence_of(fault.error.code, _readable(values), str(fault.error)),
    )


def _readable(values: dict[str, str]) -> dict[str, str]:
    """Return the values with the state of a period as a word."""
    state = values.get("state", "")
    if state in PeriodState.values:
        return values | {"state": str(PeriodState(state).label)}
    return values


def _preview_entries(plan: ImportPlan) -> Iterator[PreviewEntry]:
    ids = {line.account_id for entry in plan.entries for line in entry.content.lines}
    names: dict[int, str] = {pk: str(row) for pk, row in Account.objects.in_bulk(ids).items()}
    names |= {number: code for code, number in plan.new_accounts.items()}
    for entry in plan.entries:
        lines = tuple(
            PreviewLine(
                names[line.account_id],
                line.summary,
                line.currency,
                line.amount if line.side > 0 else None,
                -line.amount if line.side < 0 else None,
            )
            for line in entry.content.lines
        )
        yield PreviewEntry(entry.key, entry.content.entry_date, lines)
