"""A whole import in one go and one transaction, as a command runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.core.tabular import UnreadableFile
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.import_mapping import ImportMapping
from apps.ledgers.domain.import_values import ImportPlan, RowError
from apps.ledgers.errors import MakerIsChecker
from apps.ledgers.models import JournalImport, Ledger
from apps.ledgers.services.import_decisions import approve_import_entries, post_import_entries
from apps.ledgers.services.import_rounds import begin_import_round
from apps.ledgers.services.import_rows import open_import_file, plan_import
from apps.ledgers.services.import_writing import write_plan
from apps.ledgers.services.journal_imports import map_journal_import, upload_journal_import
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

# What is said of a step while it runs: its name, how much is done.
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, where to, and who does which part."""

    ledger: Ledger
    content: bytes
    filename: str
    mapping: ImportMapping
    maker: User
    checker: User | None = None
    poster: User | None = None
    word: str = "general"
    kind: str = "ordinary"


@dataclass(slots=True)
class ImportOutcome:
    """What became of it; with errors nothing was stored."""

    errors: list[RowError] = field(default_factory=list)
    row_count: int = 0
    entry_count: int = 0
    line_count: int = 0
    new_account_count: int = 0
    approved_count: int = 0
    posted_count: int = 0
    import_id: int | None = None


def run_import(request: ImportRequest, *, is_dry: bool, tell: Tell) -> ImportOutcome:
    """Upload, map, check, import, approve and post: everything, or nothing at all.

    With `is_dry` the file is only checked.

    Raises:
        FinanceError: a person may not do the part, or the file was imported before.
    """
    _check_people(request)
    stored: JournalImport | None = None
    try:
        with transaction.atomic(), refusals_in_words():
            stored = _stored(request)
            outcome = _run(stored, request, is_dry=is_dry, tell=tell)
            if outcome.errors or is_dry:
                transaction.set_rollback(True)
    except BaseException:
        _forget_file(stored)
        raise
    if outcome.errors or is_dry:
        _forget_file(stored)
    return outcome


def _check_people(request: ImportRequest) -> None:
    require(request.maker, Permission.ENTRY_SUBMIT)
    if request.checker is not None:
        require(request.checker, Permission.ENTRY_APPROVE)
    if request.poster is not None:
        require(request.poster, Permission.ENTRY_POST)
    if request.maker == request.checker:
        raise MakerIsChecker


def _stored(request: ImportRequest) -> JournalImport:
    made = upload_journal_import(
        request.ledger,
        request.content,
        request.filename,
        actor=request.maker,
        word=request.word,
        kind=request.kind,
        may_repeat=True,
    )
    return map_journal_import(made, request.mapping, version=made.version, actor=request.maker)


def _run(
    journal_import: JournalImport, request: ImportRequest, *, is_dry: bool, tell: Tell
) -> ImportOutcome:
    outcome = _write(journal_import, request, is_dry=is_dry, tell=tell)
    if outcome.errors or is_dry:
        return outcome
    outcome.import_id = journal_import.pk
    if request.checker is not None:
        with operation("journal_import.approve", actor=request.checker):
            outcome.approved_count = approve_import_entries(
                journal_import,
                actor=request.checker,
                heartbeat=lambda count: tell("approved", count),
            )
    if request.poster is not None:
        outcome.posted_count = post_import_entries(
            journal_import,
            actor=request.poster,
            heartbeat=lambda count: tell("posted", count),
        )
    return outcome


def _write(
    journal_import: JournalImport, request: ImportRequest, *, is_dry: bool, tell: Tell
) -> ImportOutcome:
    """Check the file and write its entries; the plan of them ends here."""
    plan = plan_import(
        journal_import,
        open_import_file(journal_import),
        heartbeat=lambda count: tell("read", count),
    )
    outcome = _counts(plan)
    if plan.errors or is_dry:
        return outcome
    with operation("journal_import.import", actor=request.maker):
        write_plan(
            journal_import,
            plan,
            actor=request.maker,
            heartbeat=lambda count: tell("written", count),
        )
        JournalImport.objects.filter(pk=journal_import.pk).update(**_final(plan))
        begin_import_round(journal_import, actor=request.maker)
    return outcome


def _counts(plan: ImportPlan) -> ImportOutcome:
    return ImportOutcome(
        errors=plan.errors,
        row_count=plan.row_count,
        entry_count=len(plan.entries),
        line_count=sum(len(entry.content.lines) for entry in plan.entries),
        new_account_count=len(plan.new_accounts),
    )


def _final(plan: ImportPlan) -> dict[str, Any]:
    return {
        "state": JournalImport.State.DONE,
        "row_count": plan.row_count,
        "entry_count": len(plan.entries),
        "done_count": len(plan.entries),
        "finished_at": timezone.now(),
        "version": F("version") + 1,
    }


def _forget_file(journal_import: JournalImport | None) -> None:
    """Remove the stored bytes of an import whose row was rolled back."""
    if journal_import is not None and journal_import.file.name:
        journal_import.file.storage.delete(journal_import.file.name)


def refused(error: FinanceError) -> ImportOutcome:
    """Return the outcome of a run that was refused as a whole."""
    name = "file" if isinstance(error, UnreadableFile) else error.field
    return ImportOutcome(errors=[RowError(int(str(error.values.get("row", 0))), name, error)])
