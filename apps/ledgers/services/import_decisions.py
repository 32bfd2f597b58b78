"""Approve and post all entries of an import, by statements over the whole set."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Max

from apps.core.rounds import rounds
from apps.ledgers.errors import AboveLimit, MakerIsChecker
from apps.ledgers.import_errors import ImportIsNotHandedIn, NothingToDecide, OthersAreAsked
from apps.ledgers.models import EntryState
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.import_rounds import JOURNAL_IMPORT, mark_import_approved
from apps.ledgers.services.posting import post_journal_entries
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.ledgers.models import JournalImport
    from apps.organizations.models import User

# The plans of the posting path are made for a few hundred entries at a time.
CHUNK = 500


def check_decision(journal_import: JournalImport, *, actor: User, posts_too: bool) -> None:
    """Check what can be known before the work starts.

    Raises:
        Forbidden: the actor's roles do not allow it.
        MakerIsChecker, AboveLimit: the actor may not approve these entries.
        OthersAreAsked, ImportIsNotHandedIn: its round does not ask the actor.
        NothingToDecide: no entry waits.
    """
    entries = journal_import.entries
    waiting = entries.filter(state=EntryState.SUBMITTED)
    if waiting.exists():
        _check_round(journal_import, actor)
    elif not (posts_too and entries.filter(state=EntryState.APPROVED).exists()):
        raise NothingToDecide
    if posts_too:
        require(actor, Permission.ENTRY_POST)


def approve_import_entries(
    journal_import: JournalImport, *, actor: User, heartbeat: Callable[[int], object] = int
) -> int:
    """Give the actor's approval; return how many entries it approved.

    Where a flow asks for more people, the entries wait for the others. Where there is no round,
    every entry of the import that waits is approved.

    Raises:
        Forbidden, MakerIsChecker, AboveLimit: see `check_decision`.
        FinanceError: its round asks somebody else, or was decided by somebody else.
        RoundDecides: one was submitted anew by hand, and waits for its round.
    """
    if rounds().approve(JOURNAL_IMPORT, journal_import.pk, actor=actor):
        entries = journal_import.entries.filter(state=EntryState.APPROVED, checker=actor)
        return entries.count()
    waiting = journal_import.entries.filter(state=EntryState.SUBMITTED)
    ids = list(
        waiting.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
    )
    if not ids:
        return 0
    _check_approval(journal_import, actor)
    return mark_import_approved(journal_import, ids, actor=actor, heartbeat=heartbeat)


def post_import_entries(
    journal_import: JournalImport, *, actor: User, heartbeat: Callable[[int], object] = int
) -> int:
    """Post every approved entry of the import, numbered by date; return how many.

    Raises:
        Forbidden: the actor's roles do not allow it.
        FinanceError: the database refused something; nothing was posted.
    """
    require(actor, Permission.ENTRY_POST)
    approved = journal_import.entries.filter(state=EntryState.APPROVED)
    # The import's key is loaded too: a related manager reads it from every row.
    rows = approved.order_by("entry_date", "pk").only("pk", "version", "journal_import_id")
    entries, done = rows.iterator(chunk_size=CHUNK), 0
    while chunk := list(islice(entries, CHUNK)):
        post_journal_entries(chunk, actor=actor)
        done += len(chunk)
        heartbeat(done)
    return done


def _check_round(journal_import: JournalImport, actor: User) -> None:
    """Check that the round asks the actor; where there never was one, the rule of one step."""
    if not rounds().rule_on(JOURNAL_IMPORT, journal_import.pk):
        _check_approval(journal_import, actor)
        return
    require(actor, Permission.ENTRY_APPROVE)
    if journal_import.created_by_id == actor.pk:
        raise MakerIsChecker
    asked = rounds().standing(JOURNAL_IMPORT, journal_import.pk, reader=actor)
    if asked is None:
        raise ImportIsNotHandedIn
    if not asked.may_answer:
        raise OthersAreAsked(people=", ".join(asked.waits_for))


def _check_approval(journal_import: JournalImport, actor: User) -> None:
    require(actor, Permission.ENTRY_APPROVE)
    waiting = journal_import.entries.filter(state=EntryState.SUBMITTED)
    if waiting.filter(maker=actor).exists():
        raise MakerIsChecker
    ledger = journal_import.ledger
    for policy_id, largest in waiting.values_list("policy").annotate(Max("total")):
        limit = approval_limit_under(actor, ledger.organization_id, policy_id)
        if limit is not None and largest > limit:
            raise AboveLimit(currency=ledger.base_currency_id, total=largest, limit=limit)
