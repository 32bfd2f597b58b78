"""Two people changed one draft: both versions side by side, and the merge of what is chosen.

    yours   what was typed, not saved
    theirs  what is stored now, at the version that the choice is saved over

A choice is sent as `pick_word`, `pick_line_3`, … = yours | theirs, with yours as the same
hidden fields that the entry form has. Lines are paired anew when it arrives: as long as the
stored version is the same, the pairs are too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.domain.merging import pair_up
from apps.ledgers.forms.entry_rows import Row, rows_of
from apps.ledgers.models import EntryKind, Word
from apps.ledgers.services.entry_saving import content_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.ledgers.models import JournalEntry

YOURS, THEIRS = "yours", "theirs"


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field of the header that differs."""

    name: str
    label: str
    yours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class LineChoice:
    """A line of either side; None where the side has no such line."""

    number: int
    yours: Row | None
    theirs: Row | None
    differs: bool


class EntryConflict:
    """What a person typed against what somebody else saved meanwhile."""

    def __init__(self, entry: JournalEntry, yours: EntryInput) -> None:
        """Pair both versions."""
        self.entry = entry
        self.yours = yours
        self.theirs = content_of(entry)
        self.pairs = pair_up(self.yours.lines, self.theirs.lines)

    def fields(self) -> list[FieldChoice]:
        """Return the header fields that differ, in words."""
        mine, other = self.yours, self.theirs
        words, kinds = dict(Word.choices), dict(EntryKind.choices)
        all_fields = [
            FieldChoice(
                "entry_date",
                _("Date"),
                mine.entry_date.isoformat(),
                other.entry_date.isoformat(),
            ),
            FieldChoice("word", _("Type"), str(words[mine.word]), str(words[other.word])),
            FieldChoice("kind", _("Kind"), str(kinds[mine.kind]), str(kinds[other.kind])),
            FieldChoice("summary", _("Summary"), mine.summary, other.summary),
        ]
        return [field for field in all_fields if field.yours != field.theirs]

    def lines(self) -> list[LineChoice]:
        """Return all lines, those that differ marked."""
        mine = self._rows([pair[0] for pair in self.pairs])
        other = self._rows([pair[1] for pair in self.pairs])
        return [
            LineChoice(number, yours, theirs, pair[0] != pair[1])
            for number, (pair, yours, theirs) in enumerate(
                zip(self.pairs, mine, other, strict=True), start=1
            )
        ]

    def your_rows(self) -> list[Row]:
        """Return your lines as the hidden fields carry them."""
        return rows_of(self.yours.lines, self.entry.ledger)

    def merged(self, picks: Mapping[str, str]) -> EntryInput:
        """Return the entry that the choices make; yours where nothing was chosen."""

        def chosen(name: str) -> EntryInput:
            return self.theirs if picks.get(f"pick_{name}") == THEIRS else self.yours

        lines = [
            pair[1] if picks.get(f"pick_line_{number}") == THEIRS else pair[0]
            for number, pair in enumerate(self.pairs, start=1)
        ]
        return EntryInput(
            entry_date=chosen("entry_date").entry_date,
            lines=tuple(line for line in lines if line is not None),
            word=chosen("word").word,
            summary=chosen("summary").summary,
            kind=chosen("kind").kind,
        )

    def _rows(self, lines: Sequence[LineInput | None]) -> list[Row | None]:
        rows = iter(rows_of([line for line in lines if line is not None], self.entry.ledger))
        return [None if line is None else next(rows) for line in lines]
