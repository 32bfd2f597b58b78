"""The filters of the audit trail, as they stand in the URL."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.audit.access import table_labels
from apps.audit.models import OperationLog


class OperationFilterForm(forms.Form):
    """What to look for; every field may stay empty."""

    q = forms.CharField(label=_("Text"), required=False, max_length=100)
    actor = forms.CharField(label=_("Who"), required=False, max_length=150)
    kind = forms.CharField(label=_("Operation"), required=False, max_length=60)
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=[("", _("All")), *OperationLog.Action.choices],
    )
    table = forms.ChoiceField(label=_("Table"), required=False)
    row = forms.CharField(label=_("Row"), required=False, max_length=40)
    trace = forms.RegexField(r"^[0-9a-f]{32}\Z", label=_("Trace"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in the tables, which are known when all apps are loaded."""
        super().__init__(*args, **kwargs)
        choices = sorted(table_labels().items(), key=lambda pair: str(pair[1]))
        self.fields["table"].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
