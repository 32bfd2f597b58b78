"""The form by which a single task is handed over; the rules stand in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.approvals.access import deciders_for
from apps.approvals.forms.fields import PersonField

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.core.errors import FinanceError
    from apps.organizations.models import User


class HandOverForm(forms.Form):
    """To whom, and why."""

    taker = PersonField(_("Who decides in your place"))
    reason = forms.CharField(
        label=_("Reason, which your colleague reads"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(
        self, *args: Any, user: User, approval: ApprovalRequest, **kwargs: Any
    ) -> None:
        """Offer the colleagues who decide, but the maker."""
        super().__init__(*args, **kwargs)
        people = deciders_for(user).exclude(pk=approval.maker_id)
        self.fields["taker"].queryset = people  # type: ignore[attr-defined]

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or at the head of the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
