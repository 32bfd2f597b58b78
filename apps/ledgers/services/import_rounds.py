"""An import as one subject of approval: all its entries wait for one round, or for none.

    imported → round → approved: every entry is
                     ╰ rejected, given back, withdrawn: drafts, to be handed in again

An entry that its maker takes back alone leaves the import, and the others are asked for anew.
`mark_import_approved` and `mark_import_drafts` change the state of many entries and know no
policy but maker ≠ checker; the engine above the books calls them when a round is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.core.text import clean_text
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import MakerIsChecker, NotTheMaker, ReasonIsMissing
from apps.ledgers.import_errors import ImportCannotMove, ImportDecides, NothingToDecide
from apps.ledgers.models import EntryState, JournalImport
from apps.ledgers.services.import_writing import record_history
from apps.ledgers.services.subject_kinds import subject_kind_of
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User

# The kind of subject by which rounds of approval know an import.
JOURNAL_IMPORT = "journal_import"
# The guards are set-based, and compare the rows of a statement with each other.
CHUNK = 500
Heartbeat = Callable[[int], object]

_APPROVE = """
UPDATE ledgers_journalentry
  SET state = 'approved', checker_id = %s, approved_at = now(), version = version + 1,
    updated_at = now(), updated_by_id = %s
  WHERE id = ANY (%s) AND state = 'submitted'
"""
_BACK = """
UPDATE ledgers_journalentry
  SET state = 'draft', submitted_at = NULL, review_note = %s, version = version + 1,
    updated_at = now(), updated_by_id = %s
  WHERE id = ANY (%s) AND state = 'submitted'
"""
# Drafts that stand as they came with the file, and were never handed in alone.
_UNTOUCHED = """
SELECT e.id FROM ledgers_journalentry e
JOIN ledgers_content_hashes(%s) h ON h.entry_id = e.id AND h.content_hash = e.content_hash
WHERE NOT EXISTS (SELECT 1 FROM ledgers_historicaljournalentry p
  WHERE p.id = e.id AND p.history_change_reason = 'submit')
ORDER BY e.id
"""
_AGAIN = """
UPDATE ledgers_journalentry
  SET state = 'submitted', submitted_at = %s, review_note = '', version = version + 1,
    updated_at = now(), updated_by_id = %s
  WHERE id = ANY (%s) AND state = 'draft'
"""


def begin_import_round(journal_import: JournalImport, *, actor: User) -> None:
    """Ask for the entries of an import that wait; nothing where the organization has no flow.

    Raises:
        FinanceError: the flow of approval finds nobody who could approve them.
    """
    rounds().begin(JOURNAL_IMPORT, journal_import.pk, actor=actor)


def reject_journal_import(
    journal_import: JournalImport, *, version: int, actor: User, reason: str
) -> None:
    """Refuse all entries of an import that wait, saying why; they are drafts again.

    Raises:
        ReasonIsMissing: there is none.
        Forbidden, MakerIsChecker: the actor may not.
        NothingToDecide, ImportCannotMove, StaleVersion: somebody was faster.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    require(actor, Permission.ENTRY_APPROVE)
    with operation("journal_import.reject", actor=actor, reason=reason):
        ids = _lock_waiting(journal_import, version)
        if not rounds().reject(JOURNAL_IMPORT, journal_import.pk, actor=actor, reason=reason):
            mark_import_drafts(journal_import, ids, actor=actor, reason=reason)


def withdraw_journal_import(
    journal_import: JournalImport, *, version: int, actor: User
) -> None:
    """Take all entries of an import that wait back into draft; its round ends.

    Raises:
        NotTheMaker: somebody else imported it.
        NothingToDecide, ImportCannotMove, StaleVersion: somebody was faster.
    """
    _require_maker(journal_import, actor)
    with operation("journal_import.withdraw", actor=actor):
        ids = _lock_waiting(journal_import, version)
        if not rounds().withdraw(JOURNAL_IMPORT, journal_import.pk, actor=actor):
            mark_import_drafts(journal_import, ids, actor=actor)


def submit_journal_import(journal_import: JournalImport, *, version: int, actor: User) -> None:
    """Hand the entries that stand as they came in again, and ask for all that wait.

    Raises:
        NotTheMaker: somebody else imported it.
        NothingToDecide: none is left, those that were changed are handed in one by one.
        ImportCannotMove, StaleVersion: somebody was faster.
        FinanceError: a period is closed, or the flow finds nobody who could approve them.
    """
    _require_maker(journal_import, actor)
    with operation("journal_import.submit", actor=actor), refusals_in_words():
        _lock(journal_import, version)
        drafts = journal_import.entries.filter(state=EntryState.DRAFT).order_by("pk")
        ids = _untouched(
            list(drafts.select_for_update(no_key=True).values_list("pk", flat=True))
        )
        for chunk in _chunks(ids):
            _write(_AGAIN, [timezone.now(), actor.pk, chunk])
            record_history(chunk, actor=actor, reason="import", kind="~")
        begin_import_round(journal_import, actor=actor)


def leave_import(entry: JournalEntry, leave: Callable[[], JournalEntry]) -> JournalEntry:
    """Let an entry leave the import that it waits with, and ask for the others anew.

    Raises:
        FinanceError: what `leave` raises, or nobody could approve the others any more.
    """
    key = entry.journal_import_id
    if key is None or not waits_with_import(entry):
        return leave()
    actor = entry.maker
    with operation("journal_import.leave", actor=actor):
        # Before the entry, as whoever decides on the import does.
        journal_import = JournalImport.objects.select_for_update(no_key=True).get(pk=key)
        left = leave()
        if rounds().standing(JOURNAL_IMPORT, key, reader=actor) is None:
            return left
        try:
            begin_import_round(journal_import, actor=actor)
        except NothingToDecide:
            rounds().withdraw(JOURNAL_IMPORT, key, actor=actor)
    return left


def waits_with_import(entry: JournalEntry) -> bool:
    """Say whether the round of its import decides on an entry, and not one of its own."""
    return (
        entry.journal_import_id is not None
        and rounds().rule_on(JOURNAL_IMPORT, entry.journal_import_id)
        and not rounds().rule_on(subject_kind_of(entry), entry.pk)
    )


def require_own_decision(entry: JournalEntry) -> None:
    """Check that an entry is decided on by itself.

    Raises:
        ImportDecides: it is one of an import that has rounds.
    """
    if waits_with_import(entry):
        raise ImportDecides(number=entry.journal_import_id)


def mark_import_approved(
    journal_import: JournalImport,
    ids: Sequence[int],
    *,
    actor: User,
    heartbeat: Heartbeat = int,
) -> int:
    """Move submitted entries of an import to approved, the actor as their checker.

    Raises:
        MakerIsChecker: the actor imported them.
        RoundDecides: one of them waits for a round that has not approved it.
    """
    _require_other_person(journal_import, actor)
    done = 0
    with operation("journal_import.approve", actor=actor), refusals_in_words():
        for chunk in _chunks(ids):
            _write(_APPROVE, [actor.pk, actor.pk, chunk])
            record_history(chunk, actor=actor, reason="approve", kind="~")
            done += len(chunk)
            heartbeat(done)
    return done


def mark_import_drafts(
    journal_import: JournalImport, ids: Sequence[int], *, actor: User, reason: str = ""
) -> int:
    """Move submitted entries of an import back to draft; return how many.

    Another person says why.

    Raises:
        MakerIsChecker: who imported them refuses them.
    """
    if reason:
        _require_other_person(journal_import, actor)
    note = clean_text(reason, field="reason")[:500]
    name = "reject" if reason else "withdraw"
    with operation(f"journal_import.{name}", actor=actor, reason=reason), refusals_in_words():
        for chunk in _chunks(ids):
            _write(_BACK, [note, actor.pk, chunk])
            record_history(chunk, actor=actor, reason=note or name, kind="~")
    return len(ids)


def _lock(journal_import: JournalImport, version: int) -> None:
    rows = JournalImport.objects.select_for_update(no_key=True)
    now = rows.get(pk=journal_import.pk)
    if now.state != JournalImport.State.DONE:
        raise ImportCannotMove(state=now.get_state_display())
    if now.version != version:
        raise StaleVersion(what=JournalImport._meta.verbose_name)


def _lock_waiting(journal_import: JournalImport, version: int) -> list[int]:
    """Lock an import; return its entries that wait.

    Raises:
        NothingToDecide: none does.
        ImportCannotMove, StaleVersion: somebody was faster.
    """
    _lock(journal_import, version)
    waiting = journal_import.entries.filter(state=EntryState.SUBMITTED).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True))
    if not ids:
        raise NothingToDecide
    return ids


def _untouched(ids: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNTOUCHED, [list(ids)])
        return [key for (key,) in cursor]


def _write(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def _require_maker(journal_import: JournalImport, actor: User) -> None:
    if journal_import.created_by_id != actor.pk:
        raise NotTheMaker


def _require_other_person(journal_import: JournalImport, actor: User) -> None:
    if journal_import.created_by_id == actor.pk:
        raise MakerIsChecker
