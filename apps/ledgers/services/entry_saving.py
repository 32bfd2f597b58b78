"""Saving the entry form: once however often it is sent, with its submission or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import DimensionSet, EntryState, JournalEntry, Period
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.drafts import create_draft, save_draft, submit_journal_entry
from apps.ledgers.services.entry_facts import lines_of

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.models import DimensionValue, Ledger
    from apps.organizations.models import User

# What a form without a version saw: the draft as it was born by its first sending.
BIRTH_VERSION = 1


def save_new_entry(
    ledger: Ledger, content: EntryInput, *, form_key: str, submits: bool, actor: User
) -> JournalEntry:
    """Make a draft, and submit it if asked; the same form sent again is the same entry.

    A form that comes again with other content is a change of the draft that it made.

    Raises:
        EntryHasProblems, NoPeriod, PeriodTakesNoEntries: nothing was saved.
        StaleVersion: the draft was changed otherwise since it was made.
    """
    made = entry_of_form(ledger, form_key, actor=actor)
    if made is not None:
        return save_entry(made, content, version=BIRTH_VERSION, submits=submits, actor=actor)
    with transaction.atomic():
        key = _key(form_key, actor)
        entry = create_draft(ledger, content, actor=actor, form_key=key)
        return _submitted(entry, actor=actor) if submits else entry


def save_entry(
    entry: JournalEntry,
    content: EntryInput,
    *,
    version: int | None,
    submits: bool,
    actor: User,
) -> JournalEntry:
    """Save a draft at the version the actor saw, and submit it if asked; both or neither.

    What is stored already is not saved again, so that a form sent twice does nothing twice.

    Raises:
        StaleVersion: somebody saved other content after `version`.
        EntryHasProblems, FinanceError: nothing was saved.
    """
    is_stored = content_of(entry) == content and entry.maker_id == actor.pk
    if is_stored and entry.state == (EntryState.SUBMITTED if submits else EntryState.DRAFT):
        return entry
    if version is None:
        raise StaleVersion(what=entry._meta.verbose_name)
    with transaction.atomic():
        if not is_stored or version != entry.version:
            save_draft(entry, content, version=version, actor=actor)
        return _submitted(entry, actor=actor) if submits else entry


def entry_of_form(ledger: Ledger, form_key: str, *, actor: User) -> JournalEntry | None:
    """Return the entry that the actor's form made when it was sent before."""
    rows = JournalEntry.objects.filter(ledger=ledger, idempotency_key=_key(form_key, actor))
    return rows.select_related("ledger", "maker").first()


def content_of(entry: JournalEntry) -> EntryInput:
    """Return what a person wrote into a stored entry."""
    return EntryInput(
        entry_date=entry.entry_date,
        lines=lines_of(entry),
        word=entry.word,
        summary=entry.summary,
        kind=entry.kind,
    )


def default_entry_date(ledger: Ledger) -> date:
    """Return the day that a new entry is dated: today, or the nearest day that is open."""
    today = timezone.localdate()
    periods = list(Period.objects.filter(ledger=ledger, is_adjustment=False).open())
    days = [min(max(today, period.starts_on), period.ends_on) for period in periods]
    return min(days, key=lambda day: abs((day - today).days), default=today)


def intern_dimension_sets(
    combinations: Sequence[tuple[DimensionValue, ...]], *, actor: User
) -> list[int | None]:
    """Return the identifier of each combination of values; None for no value."""
    wanted = {tuple(sorted(value.pk for value in values)): values for values in combinations}
    wanted.pop((), None)
    found: dict[tuple[int, ...], int] = {}
    if wanted:
        organization_id = next(iter(wanted.values()))[0].organization_id
        rows = DimensionSet.objects.filter(
            organization_id=organization_id, value_ids__in=[list(key) for key in wanted]
        )
        found = {tuple(value_ids): pk for pk, value_ids in rows.values_list("pk", "value_ids")}
    missing = [key for key in wanted if key not in found]
    if missing:
        with operation("dimension_set.create", actor=actor):
            for key in missing:
                made = intern_dimension_set(wanted[key])
                if made is not None:
                    found[key] = made.pk
    return [found.get(tuple(sorted(v.pk for v in values))) for values in combinations]


def _submitted(entry: JournalEntry, *, actor: User) -> JournalEntry:
    if entry.state == EntryState.SUBMITTED:
        return entry
    return submit_journal_entry(entry, version=entry.version, actor=actor)


def _key(form_key: str, actor: User) -> str:
    """Keep the keys of people apart: nobody reaches another's entry by a copied key."""
    return f"form:{actor.pk}:{form_key}"
