"""What people do with an import: upload, map, have it checked, imported, approved.

Each step moves the state once, at the version that the person saw. The long steps only
mark the state here and ring for a worker; see import_jobs.py for the work itself.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import structlog
from celery import current_app
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.core.tabular import open_table
from apps.core.text import clean_text
from apps.ledgers.domain.import_mapping import ImportMapping, column_labels
from apps.ledgers.errors import NotTheMaker
from apps.ledgers.import_errors import (
    FileWasImported,
    FileWasUploaded,
    ImportCannotMove,
    ImportFileTooLarge,
)
from apps.ledgers.models import EntryKind, JournalImport, Ledger, Word
from apps.ledgers.services.import_decisions import check_decision
from apps.ledgers.services.import_rows import check_import_mapping, guess_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.organizations.models import User

State = JournalImport.State
MAX_BYTES = 25 * 1024 * 1024
TASK = "ledgers.run_journal_import"
STORED_STATES = (State.IMPORTING, State.DONE, State.APPROVING)
CHANGEABLE_STATES = (State.UPLOADED, State.MAPPED, State.FAULTY, State.READY, State.FAILED)
log = structlog.get_logger(__name__)


def upload_journal_import(  # noqa: PLR0913  (what a person chooses with the file)
    ledger: Ledger,
    content: bytes,
    filename: str,
    *,
    actor: User,
    word: str = Word.GENERAL,
    kind: str = EntryKind.ORDINARY,
    may_repeat: bool = False,
) -> JournalImport:
    """Store a file and guess its mapping; `may_repeat` confirms a second upload.

    Raises:
        ImportFileTooLarge, UnreadableFile: the file cannot be taken.
        FileWasImported, FileWasUploaded: these bytes came before.
    """
    check_file_size(len(content))
    name = clean_text(PurePath(filename).name, field="file")[-150:]
    digest = hashlib.sha256(content).hexdigest()
    _refuse_known(ledger, digest, may_repeat=may_repeat)
    labels = column_labels(open_table(content, name).headers)
    with operation("journal_import.upload", actor=actor):
        journal_import = JournalImport(
            ledger=ledger,
            filename=name,
            sha256=digest,
            headers=list(labels),
            mapping=guess_mapping(ledger, labels).to_json(),
            word=word,
            kind=kind,
            created_by=actor,
        )
        journal_import.file.save(name, ContentFile(content), save=False)
        journal_import.save(force_insert=True)
    return journal_import


def check_file_size(size: int) -> None:
    """Check the size of a file, best before it is read into memory.

    Raises:
        ImportFileTooLarge: it is above the limit.
    """
    if size > MAX_BYTES:
        raise ImportFileTooLarge(field="file", limit=MAX_BYTES // 1024**2)


def map_journal_import(
    journal_import: JournalImport, mapping: ImportMapping, *, version: int, actor: User
) -> JournalImport:
    """Keep how the columns map; an earlier check counts no more.

    Raises:
        FinanceError: the mapping cannot be used, with the field.
        NotTheMaker, ImportCannotMove, StaleVersion: the step is not the actor's, or too late.
    """
    _require_maker(journal_import, actor)
    check_import_mapping(journal_import.ledger, mapping, tuple(journal_import.headers))
    return _move(
        journal_import,
        CHANGEABLE_STATES,
        State.MAPPED,
        version=version,
        actor=actor,
        mapping=mapping.to_json(),
        failure="",
    )


def check_journal_import(
    journal_import: JournalImport, *, version: int, actor: User
) -> JournalImport:
    """Have a mapped file checked in the background.

    Raises:
        NotTheMaker, ImportCannotMove, StaleVersion: the step is not the actor's, or too late.
    """
    _require_maker(journal_import, actor)
    return _start(
        journal_import,
        (State.MAPPED, State.READY, State.FAULTY, State.FAILED),
        State.CHECKING,
        version=version,
        actor=actor,
    )


def start_journal_import(
    journal_import: JournalImport, *, version: int, actor: User
) -> JournalImport:
    """Have a file without errors imported in the background, all entries or none.

    Raises:
        FileWasImported: the same file got in by another import meanwhile.
        NotTheMaker, ImportCannotMove, StaleVersion: the step is not the actor's, or too late.
    """
    _require_maker(journal_import, actor)
    try:
        return _start(
            journal_import, (State.READY,), State.IMPORTING, version=version, actor=actor
        )
    except IntegrityError as error:
        raise FileWasImported(number="") from error


def decide_journal_import(
    journal_import: JournalImport, *, version: int, actor: User, posts_too: bool
) -> JournalImport:
    """Have all entries of an import approved, and posted too if asked; all or none.

    Raises:
        MakerIsChecker, AboveLimit, Forbidden, NothingToDecide: the actor may not, or there
            is nothing to do.
        ImportCannotMove, StaleVersion: somebody was faster.
    """
    check_decision(journal_import, actor=actor, posts_too=posts_too)
    return _start(
        journal_import,
        (State.DONE,),
        State.APPROVING,
        version=version,
        actor=actor,
        checker=actor,
        posts_too=posts_too,
    )


def ring(journal_import: JournalImport) -> None:
    """Call a worker; without a broker the import waits until somebody rings again."""
    try:
        current_app.signature(TASK, args=[journal_import.pk]).delay()
    except OperationalError:
        log.warning("no broker", journal_import=journal_import.pk)


def _refuse_known(ledger: Ledger, digest: str, *, may_repeat: bool) -> None:
    known = JournalImport.objects.filter(ledger=ledger, sha256=digest)
    stored = known.filter(state__in=STORED_STATES).first()
    if stored is not None:
        raise FileWasImported(field="file", number=stored.pk)
    started = known.first()
    if started is not None and not may_repeat:
        raise FileWasUploaded(field="file", number=started.pk)


def _require_maker(journal_import: JournalImport, actor: User) -> None:
    if journal_import.created_by_id != actor.pk:
        raise NotTheMaker


def _start(
    journal_import: JournalImport,
    steps_from: Iterable[str],
    state: str,
    *,
    version: int,
    actor: User,
    **changes: Any,
) -> JournalImport:
    """Move into a state in which a worker works, and ring for one."""
    fresh = {"failure": "", "attempt": 0, "lease_until": None, "done_count": 0}
    _move(
        journal_import,
        steps_from,
        state,
        version=version,
        actor=actor,
        **(fresh | changes),
    )
    ring(journal_import)
    journal_import.refresh_from_db()
    return journal_import


def _move(
    journal_import: JournalImport,
    steps_from: Iterable[str],
    state: str,
    *,
    version: int,
    actor: User,
    **changes: Any,
) -> JournalImport:
    """Compare and set state and version in one UPDATE.

    Raises:
        ImportCannotMove: the state does not lead there.
        StaleVersion: somebody was faster.
    """
    if journal_import.state not in steps_from:
        raise ImportCannotMove(state=journal_import.get_state_display())
    rows = JournalImport.objects.filter(
        pk=journal_import.pk, version=version, state__in=list(steps_from)
    )
    with operation(f"journal_import.{state}", actor=actor):
        if not rows.update(state=state, version=F("version") + 1, **changes):
            raise StaleVersion(what=JournalImport._meta.verbose_name)
    journal_import.refresh_from_db()
    return journal_import


def is_stuck(journal_import: JournalImport) -> bool:
    """Say whether a worker should be at work and none shows life."""
    lease = journal_import.lease_until
    running = (State.CHECKING, State.IMPORTING, State.APPROVING)
    return journal_import.state in running and (lease is None or lease < timezone.now())
