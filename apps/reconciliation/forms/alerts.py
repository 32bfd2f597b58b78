"""Forms of alerts: the filters of the list, thresholds, and where alerts are posted to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.organizations.models import User
from apps.reconciliation.words import AlertKind, AlertState
from apps.statements.access import channels_for
from apps.statements.forms.telling import MAX_VERSION, TellingForm

_LONGEST_DAYS, _LONGEST_HOURS, _LONGEST_MINUTES = 366, 8_784, 10_080


class AlertFilters(forms.Form):
    """Which alerts the list shows; a filter that makes no sense is ignored."""

    channel: Any = forms.ModelChoiceField(
        None, label=_("Channel"), required=False, empty_label=_("all")
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("alert", "Kind"),
        required=False,
        choices=[("", _("all")), *AlertKind.choices],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("not closed")), *AlertState.choices, ("all", _("all"))],
    )

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer the channels of the user's organization."""
        super().__init__(data)
        channel: Any = self.fields["channel"]
        channel.queryset = channels_for(user)
        channel.to_field_name = "code"
        channel.label_from_instance = lambda one: one.label

    def chosen(self) -> dict[str, Any]:
        """Return the filters that can be used."""
        self.is_valid()
        return self.cleaned_data

    @property
    def active(self) -> int:
        """How many filters narrow the list."""
        return sum(value not in {None, ""} for value in self.chosen().values())


class ThresholdsForm(TellingForm):
    """Beyond which values a channel is worth an alert."""

    is_watched = forms.BooleanField(label=_("Watch this channel"), required=False)
    statement_days = forms.IntegerField(
        label=_("Days without a statement"), min_value=0, max_value=_LONGEST_DAYS,
        help_text=_("From the last day of the newest statement on."),
    )  # fmt: skip
    event_minutes = forms.IntegerField(
        label=_("Minutes until an event is delivered"), min_value=1, max_value=_LONGEST_MINUTES
    )
    live_hours = forms.IntegerField(
        label=_("Hours that a row waits for its counterpart"),
        min_value=1, max_value=_LONGEST_HOURS,
    )  # fmt: skip
    break_share = forms.IntegerField(
        label=_("Breaks of a run, percent of its new rows"), min_value=0, max_value=100
    )
    match_fall = forms.IntegerField(
        label=_("Fall of the matched share, points below the median"),
        min_value=0, max_value=100,
        help_text=_("Compared with up to seven runs before; often a partner changed its file."),
    )  # fmt: skip
    at_risk = forms.DecimalField(
        label=_("At risk in open breaks"), min_value=0, max_digits=20, decimal_places=4,
        help_text=_("In the currency of the channel."),
    )  # fmt: skip
    version = forms.IntegerField(min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput())


class WebhookForm(TellingForm):
    """Where the alerts of an organization are posted to."""

    url = forms.CharField(
        label=_("Address"), max_length=500,
        help_text=_("It begins with https:// and is a public server."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Post alerts there"), required=False)
    version = forms.IntegerField(min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput())
