"""The journal entry form: header and rows as typed, the errors at each, and what they mean.

`data` and `errors` of the header have the names of the fields: word, kind, entry_date, summary,
version, form_key, show_currency. The template reads the same attributes whatever the form
was made from.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, InvalidInput
from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.errors import EntryHasProblems
from apps.ledgers.forms.entry_money import money_fields, note_worth
from apps.ledgers.forms.entry_rows import (
    Row,
    TypedLine,
    clean_summary,
    numbered,
    read_lines,
    rows_from_post,
    rows_of,
)
from apps.ledgers.models import EntryKind, JournalEntry, Word
from apps.ledgers.models.choices import WRITTEN_KINDS
from apps.ledgers.services.entry_facts import lines_of
from apps.ledgers.services.entry_saving import intern_dimension_sets
from apps.ledgers.services.rounding import rounding_line_for

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

HEADER = ("word", "kind", "entry_date", "summary", "version", "form_key", "show_currency")
BLANK_ROWS = 4
MORE_ROWS = 10
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_FORM_KEY = re.compile(r"^[0-9a-f-]{8,64}$")
_VERSION = re.compile(r"^[1-9]\d{0,8}$", re.ASCII)


def read_iso_date(text: str) -> date | None:
    """Return the day that a text such as 2026-01-31 is, None if it is not one."""
    if not _ISO_DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass
class EntryForm:
    """A journal entry as a person types it; `general` are errors of no single field."""

    ledger: Ledger
    data: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    entry: JournalEntry | None = None
    errors: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    # What the server did for the person, to be looked at before saving.
    notices: list[str] = field(default_factory=list)
    blank_rows: int = BLANK_ROWS

    @classmethod
    def blank(cls, ledger: Ledger, day: date) -> EntryForm:
        """Return the form of a new entry."""
        data = {
            "word": Word.GENERAL,
            "kind": EntryKind.ORDINARY,
            "entry_date": day.isoformat(),
            "form_key": str(uuid.uuid4()),
        }
        return cls(ledger, data)

    @classmethod
    def of_entry(cls, entry: JournalEntry) -> EntryForm:
        """Return the form of a stored draft."""
        data = {
            "word": entry.word,
            "kind": entry.kind,
            "entry_date": entry.entry_date.isoformat(),
            "summary": entry.summary,
            "version": str(entry.version),
        }
        return cls(entry.ledger, data, rows_of(lines_of(entry), entry.ledger), entry)

    @classmethod
    def of_post(cls, ledger: Ledger, post: QueryDict, entry: JournalEntry | None) -> EntryForm:
        """Return the form that was sent."""
        data = {name: post.get(name, "").strip() for name in HEADER}
        if entry is None and not _FORM_KEY.match(data["form_key"]):
            data["form_key"] = str(uuid.uuid4())
        return cls(ledger, data, rows_from_post(post), entry)

    @property
    def version(self) -> int | None:
        """The version that the person saw; None for a new entry or an unreadable one."""
        text = self.data.get("version", "")
        return int(text) if _VERSION.match(text) else None

    @property
    def has_kind(self) -> bool:
        """Whether the person chooses the kind: a reversal stays one, whatever is sent."""
        return self.entry is None or self.entry.kind in WRITTEN_KINDS

    @property
    def shows_currency(self) -> bool:
        """Whether the columns of currency and rate are shown: asked for, or needed."""
        return self.data.get("show_currency") == "1" or any(
            row.currency or row.rate or {"currency", "rate"} & set(row.errors)
            for row in self.rows
        )

    def shown_rows(self) -> list[Row]:
        """Return the rows with some blank ones behind, for people without script."""
        day = read_iso_date(self.data["entry_date"])
        if day is not None:
            for row in self.rows:
                note_worth(row, self.ledger, day)
        return numbered([*self.rows, *(Row() for _blank in range(self.blank_rows))])

    def content(self, *, actor: User) -> EntryInput | None:
        """Read everything; None when something is wrong, which then stands at its field."""
        day = self.day()
        summary = self._read_summary()
        if self.data["word"] not in Word.values:
            self._refuse("word", _("Type"), _("choose one of the list"))
        if self.has_kind and self._kind() not in WRITTEN_KINDS:
            self._refuse("kind", _("Kind"), _("choose one of the list"))
        typed = read_lines(self.rows, self.ledger)
        if day is None or self.has_errors():
            return None
        lines = self._lines(typed, day, actor)
        if self.has_errors():
            return None
        return EntryInput(
            entry_date=day,
            lines=lines,
            word=self.data["word"],
            # Lists show the summary of the entry; what the first line is about will do.
            summary=summary or (typed[0].summary if typed else ""),
            kind=self._kind(),
        )

    def has_errors(self) -> bool:
        """Say whether anything was refused."""
        return bool(self.errors or self.general or any(row.errors for row in self.rows))

    def add_error(self, error: FinanceError) -> None:
        """Put a refusal at the field that it belongs to."""
        if isinstance(error, EntryHasProblems):
            for problem in error.problems:
                if problem.position:
                    row = self.rows[problem.position - 1]
                    row.errors[problem.field] = str(problem.error)
                else:
                    self.general.append(str(problem.error))
        elif error.field in HEADER:
            self.errors[error.field] = str(error)
        else:
            self.general.append(str(error))

    def error_list(self) -> list[dict[str, str]]:
        """Return all errors for the summary above the form, linked to their fields."""
        found = [{"anchor": "", "message": message} for message in self.general]
        found += [
            {"anchor": f"id_{name}", "message": message}
            for name, message in self.errors.items()
        ]
        for row in self.rows:
            for column, message in row.errors.items():
                text = _("Line %(number)s: %(message)s") % {
                    "number": row.number,
                    "message": message,
                }
                found.append({"anchor": f"line-{row.number}-{column}", "message": text})
        return found

    def _kind(self) -> str:
        stored = self.entry.kind if self.entry else EntryKind.ORDINARY
        return (self.data["kind"] or stored) if self.has_kind else stored

    def day(self) -> date | None:
        """Return the date, or note what is wrong with it."""
        day = read_iso_date(self.data["entry_date"])
        if day is None:
            problem = _("write a date such as %(example)s") % {"example": "2026-01-31"}
            self._refuse("entry_date", _("Date"), problem)
        return day

    def _read_summary(self) -> str:
        try:
            return clean_summary(self.data["summary"])
        except FinanceError as error:
            self.errors["summary"] = str(error)
            return ""

    def _refuse(self, name: str, label: str, problem: str) -> None:
        self.errors[name] = str(InvalidInput(field_name=label, problem=problem))

    def add_rounding(self, content: EntryInput) -> None:
        """Add the line that takes a rounding difference, if there is one, and say so.

        Raises:
            RoundingTooLarge: rounding does not explain the difference.
            SystemAccountIsMissing: the ledger names no account for it.
        """
        base = self.ledger.base_currency_id
        line = rounding_line_for(self.ledger, content)
        if line is None:
            self.notices.append(_("Debit and credit are equal: there is nothing to round."))
            return
        self.rows = numbered([*self.rows, *rows_of([line], self.ledger)])
        amount = format_amount(abs(line.base_amount), minor_digits(base))
        self.notices.append(
            _(
                "Rounding the foreign lines leaves %(currency)s %(amount)s. A line for it was "
                "added: look at it, then submit."
            )
            % {"amount": amount, "currency": base}
        )

    def _lines(self, typed: list[TypedLine], day: date, actor: User) -> tuple[LineInput, ...]:
        """Convert what was typed; a missing rate is noted at its row, its line left out."""
        set_ids = intern_dimension_sets([line.values for line in typed], actor=actor)
        lines = []
        for line, set_id in zip(typed, set_ids, strict=True):
            try:
                fields = money_fields(line.money, self.ledger, day)
            except FinanceError as error:
                line.row.errors["rate"] = str(error)
                continue
            lines.append(
                LineInput(
                    account_id=line.account_id,
                    summary=line.summary,
                    dimension_set_id=set_id,
                    **fields,
                )
            )
        return tuple(lines)
