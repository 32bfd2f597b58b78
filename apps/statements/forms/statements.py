"""Forms of files, of days of another ledger, and of stated balances: shape only, no rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.statements.clients.readers import MAX_BYTES, MEGABYTE
from apps.statements.forms.telling import MAX_VERSION, TellingForm


class StatementUploadForm(TellingForm):
    """A file of a channel."""

    file = forms.FileField(label=_("File"))

    def clean_file(self) -> Any:
        """Refuse what is far too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(limit)s MB."),
                params={"limit": MAX_BYTES // MEGABYTE},
            )
        return file


class VersionForm(forms.Form):
    """The version that was seen, and whether conflicts are accepted."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION)
    accepts_conflicts = forms.BooleanField(required=False)


class LedgerDaysForm(TellingForm):
    """Which days are taken from another ledger."""

    from_on = forms.DateField(
        label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


class StatedBalanceForm(TellingForm):
    """A balance that a person states, with its evidence."""

    at_on = forms.DateField(
        label=_("Day of the balance"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    balance = forms.DecimalField(
        label=_("Balance"),
        max_digits=19,
        decimal_places=4,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("As the partner shows it; what we owe is negative."),
    )
    file = forms.FileField(
        label=_("Evidence"),
        required=False,
        help_text=_("A screenshot or a letter that shows the balance and its day."),
    )
    reason = forms.CharField(
        label=_("Where it was read, and why by hand"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )
    version = forms.IntegerField(min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput())
    is_taken_back = False

    def keep_day(self, at_on: date, *, is_taken_back: bool) -> None:
        """Say something new of a day that was stated; to take it back needs a reason alone."""
        self.fields["at_on"].required = False
        self.fields["at_on"].widget = forms.HiddenInput()
        self.fields["balance"].required = not is_taken_back
        self.is_taken_back = is_taken_back
        self._day = at_on

    def clean_at_on(self) -> date:
        """Return the day that is corrected, whatever was sent."""
        day: date = getattr(self, "_day", None) or self.cleaned_data["at_on"]
        return day
