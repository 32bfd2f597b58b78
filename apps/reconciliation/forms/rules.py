"""The form of rules beside their passes: what holds for all, and why; shape only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.reconciliation.services.rule_words import BOOK_REFERENCES
from apps.statements.forms.telling import TellingForm

_MOST_HOLIDAYS, _MOST_PREFIXES, _LONGEST_PREFIX = 400, 20, 12


class RuleForm(TellingForm):
    """What holds for all passes, and why the rules change."""

    business_days = forms.BooleanField(
        label=gettext_lazy("Count business days only, Monday to Friday"), required=False
    )
    holidays = forms.CharField(
        label=gettext_lazy("Holidays"), required=False, max_length=8_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Days such as 2026-10-01; they do not count as business days."),
    )  # fmt: skip
    book_reference = forms.ChoiceField(
        label=gettext_lazy("Reference of the books"), choices=list(BOOK_REFERENCES.items())
    )
    prefixes = forms.CharField(
        label=gettext_lazy("Prefixes of references"), required=False, max_length=400,
        help_text=gettext_lazy(
            "Such as PO INV: the reference is found inside longer texts by how it begins. "
            "Without any, the whole text is the reference."
        ),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Whoever activates the rules reads it."),
    )  # fmt: skip

    def clean_holidays(self) -> list[str]:
        """Return the days in order, each once."""
        words = _split(self.cleaned_data["holidays"])
        if len(words) > _MOST_HOLIDAYS:
            raise ValidationError(_("At most %(most)s days.") % {"most": _MOST_HOLIDAYS})
        days = set()
        for word in words:
            try:
                days.add(date.fromisoformat(word).isoformat())
            except ValueError as error:
                text = _("“%(word)s” is not a day: write it as 2026-10-01.")
                raise ValidationError(text % {"word": word[:20]}) from error
        return sorted(days)

    def clean_prefixes(self) -> list[str]:
        """Return the prefixes as capitals, each once."""
        words = list(dict.fromkeys(_split(self.cleaned_data["prefixes"].upper())))
        if len(words) > _MOST_PREFIXES:
            raise ValidationError(_("At most %(most)s prefixes.") % {"most": _MOST_PREFIXES})
        for word in words:
            if not (word.isascii() and word.isalnum() and len(word) <= _LONGEST_PREFIX):
                text = _("“%(word)s”: a prefix has up to 12 letters A–Z and digits.")
                raise ValidationError(text % {"word": word[:20]})
        return words

    def options(self) -> dict[str, Any]:
        """Return what holds for all passes; what is as always is left out."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        if typed["book_reference"] == "line":
            del typed["book_reference"]
        return {name: value for name, value in typed.items() if value}


def options_of(options: Mapping[str, Any], reason: str = "") -> dict[str, Any]:
    """Return options as the form shows them."""
    return {
        "business_days": bool(options.get("business_days")),
        "holidays": "\n".join(options.get("holidays", [])),
        "book_reference": options.get("book_reference", "line"),
        "prefixes": " ".join(options.get("prefixes", [])),
        "reason": reason,
    }


def _split(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;，；、]+", text) if word]
