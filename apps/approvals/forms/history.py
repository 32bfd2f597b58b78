"""The filters of the own history, as they stand in the URL."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.approvals.words import OWN_STEPS, DecisionKind, SubjectKind

_DAY = {"type": "date"}


class HistoryFilters(forms.Form):
    """What to look for; every field may stay empty."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(_DAY))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(_DAY))
    verdict = forms.ChoiceField(label=_("Decision"), required=False)
    kind = forms.ChoiceField(
        label=_("Subject"), required=False, choices=[("", _("All")), *SubjectKind.choices]
    )
    whose = forms.ChoiceField(
        label=_("In whose place"),
        required=False,
        choices=[("", _("All")), ("own", _("my own")), ("delegated", _("delegated to me"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what people do with requests of others."""
        super().__init__(*args, **kwargs)
        choices = [(kind.value, kind.label) for kind in DecisionKind if kind not in OWN_STEPS]
        self.fields["verdict"].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
