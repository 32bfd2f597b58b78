"""The filters of events and the choice of a replay, as they stand in the URL."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.events.services.consumers import CONSUMERS
from apps.events.services.replaying import Choice
from apps.events.words import Topic


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class EventFilterForm(forms.Form):
    """What to look for; every field may stay empty."""

    topic = forms.ChoiceField(
        label=_("Topic"), required=False, choices=[("", _("All")), *Topic.choices]
    )
    key = forms.CharField(label=_("Key"), required=False, max_length=100)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ReplayForm(forms.Form):
    """Which events a consumer is given again; all but the consumer may stay empty."""

    consumer = forms.ChoiceField(label=_("Consumer"))
    topic = forms.ChoiceField(
        label=_("Topic"), required=False, choices=[("", _("All")), *Topic.choices]
    )
    key = forms.CharField(label=_("Key"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False, widget=_day())
    until = forms.DateField(label=_("Until, this day included"), required=False, widget=_day())

    def __init__(self, data: Any = None) -> None:
        """Offer the consumers that there are."""
        super().__init__(data)
        names = [(consumer.name, consumer.label) for consumer in CONSUMERS.values()]
        self.fields["consumer"].choices = names  # type: ignore[attr-defined]

    def choice(self, organization_id: int | None) -> Choice:
        """Return what was chosen of an organization."""
        chosen = self.cleaned_data
        until = chosen["until"]
        return Choice(
            chosen["consumer"],
            chosen["topic"],
            chosen["key"],
            organization_id,
            _midnight(chosen["since"]),
            _midnight(until + timedelta(days=1)) if until else None,
        )


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
