"""Forms of runs: the filters of the list, and starting one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.organizations.models import User
from apps.reconciliation.models import ReconciliationRun
from apps.statements.access import channels_for
from apps.statements.models import Channel

_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)


class RunFilters(forms.Form):
    """Which runs the list shows; a filter that makes no sense is ignored."""

    channel: Any = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Channel"), required=False, empty_label=_("all")
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), *ReconciliationRun.State.choices],
    )

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer channels of the user's organization."""
        super().__init__(data)
        _offer(self.fields["channel"], user, is_active=False)

    def chosen(self) -> dict[str, Any]:
        """Return the filters that narrow the list."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RunForm(forms.Form):
    """Which channel is run, and for which days."""

    channel: Any = forms.ModelChoiceField(Channel.objects.none(), label=_("Channel"))
    from_on = forms.DateField(
        label=_("From"),
        help_text=_(
            "Where the period begins that is signed off; what is older takes part too."
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    to_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        """Offer active channels of the user's organization."""
        super().__init__(*args, **options)
        _offer(self.fields["channel"], user, is_active=True)

    def clean(self) -> dict[str, Any]:
        """See that the days are in order and in a calendar that people use."""
        days = {name: self.cleaned_data.get(name) for name in ("from_on", "to_on")}
        for name, day in days.items():
            if day and not _FIRST_DAY <= day <= _LAST_DAY:
                self.add_error(name, _("Choose a day between 1990 and 2199."))
        if days["from_on"] and days["to_on"] and days["from_on"] > days["to_on"]:
            self.add_error("to_on", _("The last day comes before the first."))
        return self.cleaned_data


def _offer(field: Any, user: User, *, is_active: bool) -> None:
    rows = channels_for(user)
    field.queryset = rows.filter(is_active=True) if is_active else rows
    field.to_field_name = "code"
    field.label_from_instance = lambda one: one.label
