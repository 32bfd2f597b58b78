"""What an entry is to those who approve it."""

from __future__ import annotations

import pytest

from apps.ledgers.models import EntryKind, JournalEntry
from apps.ledgers.models.choices import WRITTEN_KINDS, Word
from apps.ledgers.services.subject_kinds import subject_kind_of


@pytest.mark.parametrize(
    ("kind", "word", "subject"),
    [
        (EntryKind.ORDINARY, Word.GENERAL, "journal_entry"),
        (EntryKind.ADJUSTMENT, Word.PAYMENT, "journal_entry"),
        (EntryKind.ORDINARY, Word.TRANSFER, "transfer"),
        (EntryKind.WRITE_OFF, Word.GENERAL, "write_off"),
        (EntryKind.WRITE_OFF, Word.TRANSFER, "write_off"),
        (EntryKind.REVERSAL, Word.TRANSFER, "reversal"),
    ],
)
def test_the_first_kind_that_fits_counts(kind: str, word: str, subject: str) -> None:
    assert subject_kind_of(JournalEntry(kind=kind, word=word)) == subject


def test_the_reversal_of_a_write_off_is_a_reversal() -> None:
    entry = JournalEntry(kind=EntryKind.WRITE_OFF, word=Word.GENERAL, reversal_of_id=7)

    assert subject_kind_of(entry) == "reversal"


def test_people_say_themselves_that_they_write_something_off() -> None:
    assert EntryKind.WRITE_OFF in WRITTEN_KINDS
