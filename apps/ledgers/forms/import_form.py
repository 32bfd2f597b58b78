"""Forms of the import wizard: the file, and how its columns map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.domain.import_mapping import DIMENSION, FIELDS, ImportMapping, words_of
from apps.ledgers.models import EntryKind, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELD_LABELS = {
    "entry": _("Entry key"),
    "date": _("Entry date"),
    "word": _("Word"),
    "summary": _("Summary"),
    "account": _("Account"),
    "debit": _("Debit"),
    "credit": _("Credit"),
    "amount": _("Amount"),
    "direction": _("Direction"),
    "currency": _("Currency"),
    "rate": _("Rate"),
    "counter_account": _("Counter account"),
}
# What an error may be about beside the fields of the mapping.
_PLACES = {
    "entry": _("Entry"),
    "dimensions": _("Dimensions"),
    "file": _("File"),
    "create_accounts_under": _("Make missing accounts under"),
}
FIELD_HELP = {
    "entry": _("Rows with the same key become one entry."),
    "amount": _("One column of amounts: positive is debit, unless a direction says it."),
    "direction": _("Which side the amount stands on, in words."),
    "counter_account": _("Takes the other side of every row; for files with one side only."),
}


def place_label(name: str) -> str:
    """Return the word for the field that an error stands at."""
    label = _PLACES.get(name) or FIELD_LABELS.get(name)
    return str(label) if label else name.removeprefix(DIMENSION)


class ImportUploadForm(forms.Form):
    """Which file, as which kind of entries."""

    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, at most 25 MB."))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (EntryKind.ORDINARY, EntryKind.ORDINARY.label),
            (EntryKind.OPENING, EntryKind.OPENING.label),
        ],
    )
    word = forms.ChoiceField(label=_("Word"), choices=Word.choices)
    may_repeat = forms.BooleanField(
        label=_("Take the file although it was uploaded before"), required=False
    )


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One field of the mapping, as a row of the page."""

    name: str
    label: str
    help: str
    column: forms.BoundField
    text: forms.BoundField


class ImportMappingForm(forms.Form):
    """For each field a column or a text; the text wins where both are given."""

    debit_words = forms.CharField(
        label=_("Words for debit"),
        required=False,
        max_length=200,
        help_text=_("Words in the direction column, such as: debit, out, 借."),
    )
    credit_words = forms.CharField(label=_("Words for credit"), required=False, max_length=200)
    create_accounts_under = forms.CharField(
        label=_("Make missing accounts under"),
        required=False,
        max_length=20,
        help_text=_("Code of a group; leave empty to make none."),
    )
    create_periods = forms.BooleanField(
        label=_("Make missing fiscal years and open their periods"), required=False
    )

    def __init__(
        self, *args: Any, labels: Sequence[str], dimensions: Mapping[str, str], **kwargs: Any
    ) -> None:
        """Add two controls for each field; `dimensions` maps codes to names."""
        super().__init__(*args, **kwargs)
        columns = [("", "—"), *((f"{{{label}}}", label) for label in labels)]
        self.field_names = {name: str(FIELD_LABELS[name]) for name in FIELDS}
        self.field_names |= {f"{DIMENSION}{code}": name for code, name in dimensions.items()}
        for name, label in self.field_names.items():
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=_("Column of “%(name)s”") % {"name": label},
                choices=columns,
                required=False,
            )
            self.fields[f"text_{name}"] = forms.CharField(
                label=_("Text of “%(name)s”") % {"name": label}, required=False, max_length=200
            )

    def rows(self) -> Iterator[MappingRow]:
        """Yield the fields in the order of the page."""
        for name, label in self.field_names.items():
            yield MappingRow(
                name,
                label,
                str(FIELD_HELP.get(name, "")),
                self[f"column_{name}"],
                self[f"text_{name}"],
            )

    def mapping(self) -> ImportMapping:
        """Return what a valid form says."""
        data = self.cleaned_data
        sources = {
            name: data[f"text_{name}"] or data[f"column_{name}"] for name in self.field_names
        }
        return ImportMapping(
            sources={name: source for name, source in sources.items() if source},
            debit_words=words_of(data["debit_words"]),
            credit_words=words_of(data["credit_words"]),
            create_accounts_under=data["create_accounts_under"],
            create_periods=data["create_periods"],
        )


def initial_of(mapping: ImportMapping, labels: Sequence[str]) -> dict[str, Any]:
    """Return the first values of the form for a stored mapping."""
    columns = {f"{{{label}}}" for label in labels}
    values: dict[str, Any] = {
        "debit_words": ", ".join(mapping.debit_words),
        "credit_words": ", ".join(mapping.credit_words),
        "create_accounts_under": mapping.create_accounts_under,
        "create_periods": mapping.create_periods,
    }
    for name, source in mapping.sources.items():
        prefix = "column" if source in columns else "text"
        values[f"{prefix}_{name}"] = source
    return values


class ImportDecisionForm(forms.Form):
    """What becomes of all entries of an import, at the version that was seen, and why."""

    act = forms.ChoiceField(choices=[(act, act) for act in ("reject", "withdraw", "submit")])
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(max_length=500, required=False)
