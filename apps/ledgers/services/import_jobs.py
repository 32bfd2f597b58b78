"""The work of an import, done by whichever worker claims it.

While a worker reads the file it renews its lease; while it writes, it holds the import's
row itself (see apps/jobs/services/leases.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.core.tabular import UnreadableFile
from apps.jobs.services.leases import ClaimLost, Leases, failure_of
from apps.ledgers.database_errors import retrying
from apps.ledgers.domain.import_values import ImportPlan, RowError
from apps.ledgers.models import JournalImport, JournalImportError
from apps.ledgers.services.import_decisions import approve_import_entries, post_import_entries
from apps.ledgers.services.import_rounds import begin_import_round
from apps.ledgers.services.import_rows import open_import_file, plan_import
from apps.ledgers.services.import_writing import write_plan

if TYPE_CHECKING:
    from apps.organizations.models import User

State = JournalImport.State
RUNNING = (State.CHECKING, State.IMPORTING, State.APPROVING)
MAX_STORED_ERRORS = 10_000


def run_import_job(pk: int) -> bool:
    """Do the step that an import waits for; False when another worker is at it.

    Safe to call twice: what is done is not claimed again.
    """
    journal_import = LEASES.claim(pk)
    if journal_import is None:
        return LEASES.is_settled(pk)
    if LEASES.gave_up(journal_import):
        _finish(journal_import, state=State.FAILED, failure="")
        return True
    steps = {State.CHECKING: _check, State.IMPORTING: _import, State.APPROVING: _approve}
    fallback = State.DONE if journal_import.state == State.APPROVING else State.FAILED
    try:
        steps[State(journal_import.state)](journal_import)
    except ClaimLost:
        return True
    except FinanceError as error:
        _finish(journal_import, state=fallback, failure=failure_of(error))
    return True


def unfinished_imports() -> list[int]:
    """Return the imports whose worker shows no life."""
    return LEASES.unfinished()


def progress_of(journal_import: JournalImport) -> int:
    """Return how many rows or entries are done, as far as anybody knows."""
    return LEASES.progress_of(journal_import)


def _worker_of(journal_import: JournalImport) -> User:
    """Return in whose name the step is done."""
    if journal_import.state == State.APPROVING and journal_import.checker is not None:
        return journal_import.checker
    return journal_import.created_by


def _check(journal_import: JournalImport) -> None:
    plan = _plan(journal_import)
    if plan.errors:
        _store_faults(journal_import, plan)
        return
    with operation("journal_import.check", actor=_worker_of(journal_import)):
        journal_import.errors.all().delete()
        _finish(
            journal_import,
            state=State.READY,
            row_count=plan.row_count,
            entry_count=len(plan.entries),
            error_count=0,
        )


def _import(journal_import: JournalImport) -> None:
    plan = _plan(journal_import)
    if plan.errors:
        _store_faults(journal_import, plan)
        return
    actor, tell = _worker_of(journal_import), _tell(journal_import)

    def work() -> None:
        with operation("journal_import.import", actor=actor):
            LEASES.hold(journal_import)
            write_plan(
                journal_import,
                plan,
                actor=actor,
                heartbeat=lambda count: tell(plan.row_count + count),
            )
            _finish(
                journal_import,
                state=State.DONE,
                entry_count=len(plan.entries),
                done_count=len(plan.entries),
                finished_at=timezone.now(),
            )
            begin_import_round(journal_import, actor=actor)

    retrying(work)


def _approve(journal_import: JournalImport) -> None:
    actor, tell = _worker_of(journal_import), _tell(journal_import)
    # With posting after it, approving is the first half of the work.
    parts = 2 if journal_import.posts_too else 1

    def work() -> None:
        with operation("journal_import.approve", actor=actor):
            LEASES.hold(journal_import)
            approved = approve_import_entries(
                journal_import, actor=actor, heartbeat=lambda count: tell(count // parts)
            )
            if journal_import.posts_too:
                post_import_entries(
                    journal_import,
                    actor=actor,
                    heartbeat=lambda count: tell((approved + count) // parts),
                )
            _finish(journal_import, state=State.DONE, done_count=journal_import.entry_count)

    retrying(work)


def _plan(journal_import: JournalImport) -> ImportPlan:
    """Read the file; a row that cannot be read at all ends the reading."""
    tell = _tell(journal_import)

    def heartbeat(count: int) -> None:
        tell(count)
        LEASES.renew(journal_import)

    try:
        stream = open_import_file(journal_import)
        return plan_import(journal_import, stream, heartbeat=heartbeat)
    except UnreadableFile as error:
        row = int(str(error.values.get("row", 0)))
        return ImportPlan([], [RowError(row, "file", error)], 0, {}, {}, set())


def _store_faults(journal_import: JournalImport, plan: ImportPlan) -> None:
    with operation("journal_import.check", actor=_worker_of(journal_import)):
        journal_import.errors.all().delete()
        JournalImportError.objects.bulk_create(
            [_stored(journal_import, fault) for fault in plan.errors[:MAX_STORED_ERRORS]],
            batch_size=1_000,
        )
        _finish(
            journal_import,
            state=State.FAULTY,
            row_count=plan.row_count,
            entry_count=len(plan.entries),
            error_count=len(plan.errors),
        )


def _stored(journal_import: JournalImport, fault: RowError) -> JournalImportError:
    return JournalImportError(
        journal_import=journal_import,
        row=fault.row,
        field=fault.field,
        code=fault.error.code,
        values={name: str(value) for name, value in fault.error.values.items()},
        message=str(fault.error)[:500],
    )


def _finish(journal_import: JournalImport, **changes: Any) -> None:
    LEASES.finish(journal_import, **changes)


def _tell(journal_import: JournalImport) -> Callable[[int], None]:
    """Return the function that shows progress to other processes while nothing is committed."""
    return lambda count: LEASES.tell(journal_import, count)


LEASES = Leases(
    JournalImport,
    "journal_import",
    RUNNING,
    _worker_of,
    related=("ledger", "created_by", "checker"),
)
