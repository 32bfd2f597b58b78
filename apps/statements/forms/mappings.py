"""The form of a mapping: shape only, no rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.statements.domain.mapping import FIELDS, TableMapping
from apps.statements.forms.telling import MAX_VERSION, TellingForm
from apps.statements.words import FIELD_LABELS

_LARGEST_SAMPLE = 500_000
# What nearly every file tells; the other columns are folded away while nobody needs them.
_USUAL = (
    "date", "value_date", "amount", "money_in", "money_out",
    "reference", "partner_reference", "counterparty", "text", "balance",
)  # fmt: skip
_SHAPE = (
    "skip_head", "skip_tail", "footer", "date_format", "decimal_sign", "money_in_words",
    "encoding", "delimiter", "has_headings", "is_negated",
)  # fmt: skip


class MappingForm(TellingForm):
    """The rules of a mapping, beside the first rows of a sample; see domain/mapping.py."""

    name = forms.CharField(label=_("Name"), max_length=120)
    skip_head = forms.IntegerField(
        label=_("Rows before the headings"), min_value=0, max_value=200
    )
    skip_tail = forms.IntegerField(label=_("Rows after the lines"), min_value=0, max_value=200)
    has_headings = forms.BooleanField(
        label=_("The first row holds headings"),
        required=False,
        help_text=_("Without headings, name columns by place: #1, #2."),
    )
    footer = forms.CharField(
        label=_("A row of totals begins with"), max_length=100, required=False
    )
    date_format = forms.CharField(
        label=_("Date format"),
        max_length=30,
        required=False,
        help_text=_("Empty: year, month, day. Else such as %d.%m.%Y or %m/%d/%Y."),
    )
    decimal_sign = forms.ChoiceField(
        label=_("Decimal sign"),
        choices=(("", _("find out")), (".", "1,234.56"), (",", "1.234,56")),
        required=False,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=(
            ("", _("find out")),
            ("utf-8-sig", "UTF-8"),
            ("gb18030", "GBK / GB18030"),
            ("cp1252", "Windows-1252"),
            ("utf-16", "UTF-16"),
        ),
        required=False,
    )
    delimiter = forms.ChoiceField(
        label=_("Delimiter"),
        choices=(("", _("find out")), (",", ","), (";", ";"), ("\t", _("tab")), ("|", "|")),
        required=False,
    )
    is_negated = forms.BooleanField(
        label=_("What goes out is written positive"), required=False
    )
    money_in_words = forms.CharField(
        label=_("Words for money that comes in"), max_length=200, required=False
    )
    sample = forms.CharField(widget=forms.HiddenInput(), required=False)
    version = forms.IntegerField(
        min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput(), required=False
    )

    def __init__(self, *args: Any, headings: Iterable[str] = (), **options: Any) -> None:
        """Offer the headings of the sample for every field."""
        super().__init__(*args, **options)
        known = [heading for heading in headings if heading]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.CharField(
                label=FIELD_LABELS[name],
                max_length=120,
                required=False,
                widget=forms.TextInput({"list": "headings", "autocomplete": "off"}),
            )
        self.headings = known

    @property
    def usual_columns(self) -> list[forms.BoundField]:
        """The fields that name columns nearly every file has."""
        return [self[f"column_{name}"] for name in _USUAL]

    @property
    def other_columns(self) -> list[forms.BoundField]:
        """The fields that name the other columns."""
        return [self[f"column_{name}"] for name in FIELDS if name not in _USUAL]

    @property
    def has_other_columns(self) -> bool:
        """Whether a column that is folded away is named, or wrong."""
        return any(field.value() or field.errors for field in self.other_columns)

    @property
    def has_wrong_shape(self) -> bool:
        """Whether something of the file's shape has to be corrected."""
        return any(self[name].errors for name in _SHAPE)

    def clean_sample(self) -> list[tuple[int, list[str]]]:
        """Return the rows of the sample, which came from this page."""
        text = self.cleaned_data["sample"]
        try:
            rows = json.loads(text) if text and len(text) < _LARGEST_SAMPLE else []
            return [(int(number), [str(cell) for cell in cells]) for number, cells in rows]
        except (ValueError, TypeError):
            return []

    def mapping(self) -> TableMapping:
        """Return the rules of a valid form."""
        typed = dict(self.cleaned_data)
        columns = {name: typed[f"column_{name}"] for name in FIELDS if typed[f"column_{name}"]}
        return TableMapping.from_json(typed | {"columns": columns})
