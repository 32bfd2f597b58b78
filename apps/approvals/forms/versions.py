"""The version that somebody saw."""

from __future__ import annotations

from django import forms

MAX_VERSION = 2**31 - 1


class VersionForm(forms.Form):
    """The version of the row that a button is about."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)
