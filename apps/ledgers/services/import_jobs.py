"""The work of an import, done by whichever worker claims it.

A claim is a lease with an attempt number. While a worker reads the file it renews the
lease; while it writes, it holds the import's row itself, which ends when its connection
does. A late worker finds another attempt number and stops without having changed anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.core.tabular import UnreadableFile
from apps.ledgers.database_errors import retrying
from apps.ledgers.domain.import_values import ImportPlan, RowError
from apps.ledgers.models import JournalImport, JournalImportError
from apps.ledgers.services.import_decisions import approve_import_entries, post_import_entries
from apps.ledgers.services.import_rows import open_import_file, plan_import
from apps.ledgers.services.import_writing import write_plan

if TYPE_CHECKING:
    from apps.organizations.models import User

State = JournalImport.State
RUNNING = (State.CHECKING, State.IMPORTING, State.APPROVING)
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_STORED_ERRORS = 10_000
_PROGRESS_SECONDS = 900


class ClaimLost(Exception):
    """Another worker has taken over."""


def run_import_job(pk: int) -> bool:
    """Do the step that an import waits for; False when another worker is at it.

    Safe to call twice: what is done is not claimed again.
    """
    journal_import = _claim(pk)
    if journal_import is None:
        return not JournalImport.objects.filter(pk=pk, state__in=RUNNING).exists()
    steps = {State.CHECKING: _check, State.IMPORTING: _import, State.APPROVING: _approve}
    fallback = State.DONE if journal_import.state == State.APPROVING else State.FAILED
    try:
        steps[State(journal_import.state)](journal_import)
    except ClaimLost:
        return True
    except FinanceError as error:
        _finish(journal_import, state=fallback, failure=_as_json(error))
    return True


def unfinished_imports() -> list[int]:
    """Return the imports whose worker shows no life."""
    rows = JournalImport.objects.filter(state__in=RUNNING).filter(_free())
    return list(rows.values_list("pk", flat=True))


def progress_of(journal_import: JournalImport) -> int:
    """Return how many rows or entries are done, as far as anybody knows."""
    with suppress(RedisError):
        return int(cache.get(_key(journal_import)) or 0)
    return 0


def _claim(pk: int) -> JournalImport | None:
    """Take the import for one lease, unless a living worker has it."""
    rows = JournalImport.objects.select_related("ledger", "created_by", "checker")
    waiting = rows.filter(pk=pk, state__in=RUNNING).filter(_free())
    found = waiting.first()
    if found is None:
        return None
    with operation("journal_import.claim", actor=_worker_of(found)):
        claimed = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if claimed is None:
            return None
        until = timezone.now() + LEASE
        JournalImport.objects.filter(pk=pk).update(attempt=F("attempt") + 1, lease_until=until)
        claimed.attempt += 1
    if claimed.attempt > MAX_ATTEMPTS:
        _finish(claimed, state=State.FAILED, failure="")
        return None
    return claimed


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


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
    actor = _worker_of(journal_import)

    def work() -> None:
        with operation("journal_import.import", actor=actor):
            _hold(journal_import)
            write_plan(journal_import, plan, actor=actor, heartbeat=_tell(journal_import))
            _finish(
                journal_import,
                state=State.DONE,
                entry_count=len(plan.entries),
                done_count=len(plan.entries),
                finished_at=timezone.now(),
            )

    retrying(work)


def _approve(journal_import: JournalImport) -> None:
    actor = _worker_of(journal_import)

    def work() -> None:
        with operation("journal_import.approve", actor=actor):
            _hold(journal_import)
            approve_import_entries(journal_import, actor=actor)
            if journal_import.posts_too:
                post_import_entries(
                    journal_import, actor=actor, heartbeat=_tell(journal_import)
                )
            _finish(journal_import, state=State.DONE, done_count=journal_import.entry_count)

    retrying(work)


def _plan(journal_import: JournalImport) -> ImportPlan:
    """Read the file; a row that cannot be read at all ends the reading."""
    tell = _tell(journal_import)

    def heartbeat(count: int) -> None:
        tell(count)
        _renew(journal_import)

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


def _mine(journal_import: JournalImport) -> Any:
    return JournalImport.objects.filter(
        pk=journal_import.pk, attempt=journal_import.attempt, state=journal_import.state
    )


def _hold(journal_import: JournalImport) -> None:
    """Lock the import's row for the transaction, if the claim still stands.

    Raises:
        ClaimLost: another worker has taken over.
    """
    if _mine(journal_import).select_for_update(no_key=True).first() is None:
        raise ClaimLost


def _renew(journal_import: JournalImport) -> None:
    """Prolong the lease.

    Raises:
        ClaimLost: another worker has taken over.
    """
    until = timezone.now() + LEASE
    with operation("journal_import.lease", actor=_worker_of(journal_import)):
        if not _mine(journal_import).update(lease_until=until):
            raise ClaimLost


def _finish(journal_import: JournalImport, **changes: Any) -> None:
    """Move on from the claimed step.

    Raises:
        ClaimLost: another worker has taken over.
    """
    with operation("journal_import.finish", actor=_worker_of(journal_import)):
        moved = _mine(journal_import).update(
            lease_until=None, version=F("version") + 1, **changes
        )
        if not moved:
            raise ClaimLost
    with suppress(RedisError):
        cache.delete(_key(journal_import))


def _tell(journal_import: JournalImport) -> Callable[[int], None]:
    """Return the function that shows progress to other processes while nothing is committed."""

    def tell(count: int) -> None:
        with suppress(RedisError):
            cache.set(_key(journal_import), count, _PROGRESS_SECONDS)

    return tell


def _key(journal_import: JournalImport) -> str:
    return f"journal-import:{journal_import.pk}"


def _as_json(error: FinanceError) -> str:
    values = {name: str(value) for name, value in error.values.items()}
    return json.dumps({"code": error.code, "values": values, "text": str(error)})
