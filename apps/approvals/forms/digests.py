"""Whether the digest comes by e-mail, and from which hour on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.approvals.forms.versions import MAX_VERSION

if TYPE_CHECKING:
    from apps.core.errors import FinanceError

OFF, DAILY = "off", "daily"
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class DigestForm(forms.Form):
    """Off or daily; the hour is that of the installation."""

    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[(DAILY, _("once a day, where something waits")), (OFF, _("never"))],
        widget=forms.RadioSelect,
    )
    hour = forms.TypedChoiceField(label=_("From which hour on"), choices=_HOURS, coerce=int)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MAX_VERSION)

    def take(self, error: FinanceError) -> None:
        """Show a refusal at the head of the form."""
        self.add_error(None, str(error))
