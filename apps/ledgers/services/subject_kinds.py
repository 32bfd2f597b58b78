"""What an entry is to those who approve it: the kind of subject that its flow is looked up by.

    reversal       undoes a posted entry
    write_off      gives up what somebody owes
    transfer       of the word 转: neither received nor paid
    journal_entry  everything else

The first that fits counts: the reversal of a write-off is a reversal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.models import EntryKind
from apps.ledgers.models.choices import Word

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry

JOURNAL_ENTRY = "journal_entry"
REVERSAL = "reversal"
WRITE_OFF = "write_off"
TRANSFER = "transfer"
ENTRY_KINDS = (JOURNAL_ENTRY, REVERSAL, WRITE_OFF, TRANSFER)


def subject_kind_of(entry: JournalEntry) -> str:
    """Return the kind of subject that an entry is; fixed while it is submitted."""
    if entry.kind == EntryKind.REVERSAL or entry.reversal_of_id is not None:
        return REVERSAL
    if entry.kind == EntryKind.WRITE_OFF:
        return WRITE_OFF
    if entry.word == Word.TRANSFER:
        return TRANSFER
    return JOURNAL_ENTRY
