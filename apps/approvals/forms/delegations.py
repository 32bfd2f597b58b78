"""The form of a delegation; the rules stand in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.approvals.access import deciders_for
from apps.approvals.forms.fields import AmountField, PersonField

if TYPE_CHECKING:
    from apps.core.errors import FinanceError
    from apps.organizations.models import User


class DelegationForm(forms.Form):
    """To whom, for which days, up to how much, and why."""

    taker = PersonField(_("Who decides for you"))
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("The last day on which it counts."),
    )
    limit = AmountField(
        _("Up to"),
        help_text=_(
            "In the base currency of the ledger; empty: as far as your colleague may approve."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the colleagues who decide, from today on."""
        kwargs["initial"] = {"starts_on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["taker"].queryset = deciders_for(user)  # type: ignore[attr-defined]

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or at the head of the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
