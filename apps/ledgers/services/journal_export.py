"""The journal as rows of a file: one row for each line, in the order of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.exports import Cell, ColumnKind
from apps.ledgers.models import EntryState, JournalLine, Word
from apps.ledgers.models.choices import WORD_ABBREVIATIONS
from apps.organizations.access import people_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.ledgers.models import JournalEntry, Ledger
    from apps.organizations.models import User

_TEXT, _AMOUNT, _DATE = ColumnKind.TEXT, ColumnKind.AMOUNT, ColumnKind.DATE
COLUMN_KINDS = (
    _TEXT, _DATE, _TEXT, _TEXT, ColumnKind.INTEGER, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, _AMOUNT,
    _AMOUNT, _AMOUNT, _TEXT, _TEXT, _TEXT,
)  # fmt: skip
_FIELDS = (
    "entry_id", "entry__word", "entry__period__fiscal_year", "entry__period__number",
    "entry__number", "entry__entry_date", "entry__state", "entry__summary", "position",
    "account__code", "account__name", "account__name_zh", "dimension_set__label", "summary",
    "currency_id", "amount", "debit", "credit", "entry__maker_id", "entry__checker_id",
    "entry__poster_id",
)  # fmt: skip
_CHUNK = 2000


def export_header() -> list[str]:
    """Return the headings in the reader's language."""
    return [
        _("Number"), _("Date"), _("State"), _("Summary of the entry"), _("Line"), _("Account"),
        _("Account name"), _("Dimensions"), _("Summary"), _("Currency"), _("Amount"),
        _("Debit"), _("Credit"), _("Maker"), _("Checker"), _("Poster"),
    ]  # fmt: skip


def export_rows(
    ledger: Ledger, entries: QuerySet[JournalEntry], *, actor: User, use_chinese: bool
) -> Iterator[list[Cell]]:
    """Yield the lines of the entries, newest entry first; rows are read as they are sent."""
    people = {person.pk: person.display_name() for person in people_for(actor)}
    states = {value: str(label) for value, label in EntryState.choices}
    words = {word: str(WORD_ABBREVIATIONS[Word(word)]) for word in Word.values}
    lines = (
        JournalLine.objects.filter(ledger=ledger, entry__in=entries.order_by().values("pk"))
        .order_by("-entry__entry_date", "-entry_id", "position")
        .values_list(*_FIELDS)
        .iterator(chunk_size=_CHUNK)
    )
    for (
        pk, word, year, period, number, day, state, entry_summary, position, code, name,
        name_zh, dimensions, summary, currency, amount, debit, credit, maker, checker, poster,
    ) in lines:  # fmt: skip
        yield [
            f"{words[word]}-{year}-{period:02}-{number:04}" if number else f"#{pk}",
            day,
            states[state],
            entry_summary,
            position,
            code,
            (name_zh or name) if use_chinese else (name or name_zh),
            dimensions or "",
            summary,
            currency,
            amount,
            debit,
            credit,
            people.get(maker, ""),
            people.get(checker, ""),
            people.get(poster, ""),
        ]
