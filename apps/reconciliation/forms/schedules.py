"""When a channel is run by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.reconciliation.models import RunSchedule
from apps.statements.forms.telling import MAX_VERSION, TellingForm

_LAST_DAY = 31


class ScheduleForm(TellingForm):
    """Days, time and what a scheduled run covers."""

    is_on = forms.BooleanField(label=_("Run this channel by itself"), required=False)
    only_with_news = forms.BooleanField(
        label=_("Only when a statement came since the last run"), required=False
    )
    rhythm = forms.ChoiceField(
        label=pgettext_lazy("schedule", "How often"), choices=RunSchedule.Rhythm
    )
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text=_("By the clock of the server."),
    )  # fmt: skip
    weekday: Any = forms.TypedChoiceField(
        label=_("Day of the week"), required=False, coerce=int, empty_value=None,
        choices=[("", "–"), *WEEKDAYS.items()], help_text=_("Only for once a week."),
    )  # fmt: skip
    month_day = forms.IntegerField(
        label=_("Day of the month"), required=False, min_value=1, max_value=_LAST_DAY,
        help_text=_("Only for once a month; shorter months: their last day."),
    )  # fmt: skip
    span = forms.ChoiceField(label=_("Covers"), choices=RunSchedule.Span)
    version = forms.IntegerField(min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput())
