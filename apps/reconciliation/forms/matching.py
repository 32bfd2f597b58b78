"""Forms of matching by hand."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class MatchForm(forms.Form):
    """What is searched, and why rows belong together."""

    q = forms.CharField(label=_("Search rows"), required=False, max_length=100)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class WriteOffForm(forms.Form):
    """Where a difference goes, and on which day."""

    account = forms.CharField(label=_("Account for the difference"), max_length=20)
    day = forms.DateField(
        label=_("Entry date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class BreakStepForm(forms.Form):
    """A step of one break: which, at which version, and what it needs."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    reason = forms.CharField(required=False, max_length=2000)
    day = forms.DateField(required=False)
    file = forms.FileField(required=False)


class VersionForm(forms.Form):
    """The version that was seen, and a reason."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(required=False, max_length=500)
