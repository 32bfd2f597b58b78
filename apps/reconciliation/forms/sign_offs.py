"""Forms of sign-offs: notes and reasons, shape only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_ROWS = {"rows": 2}


class NotesForm(forms.Form):
    """What a person wants to say beside a step."""

    notes = forms.CharField(
        label=_("Notes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=_ROWS),
    )


class ReasonForm(forms.Form):
    """Why a step is taken that needs a reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs=_ROWS)
    )
