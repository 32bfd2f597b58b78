"""The form that asks about a counterparty; the rules stand in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.money import parse_amount
from apps.credit.models import LONGEST_NAME

if TYPE_CHECKING:
    from decimal import Decimal


class CreditCheckForm(forms.Form):
    """A counterparty and the amount at stake."""

    counterparty = forms.CharField(label=_("Counterparty"), max_length=LONGEST_NAME)
    amount = forms.CharField(
        label=_("Amount"), max_length=30, widget=forms.TextInput({"inputmode": "decimal"})
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="CNY")

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Read the amount in its currency."""
        typed = self.cleaned_data
        if "amount" in typed and "currency" in typed:
            try:
                typed["amount"] = parse_amount(typed["amount"], typed["currency"])
            except FinanceError as error:
                field = "currency" if error.code == "unknown_currency" else "amount"
                self.add_error(field, str(error))
        return typed

    def question(self) -> dict[str, str | Decimal]:
        """Return what `check_credit` is asked."""
        names = ("counterparty", "amount", "currency")
        return {name: self.cleaned_data[name] for name in names}

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or above the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class ReasonForm(forms.Form):
    """Why a person steps in."""

    reason = forms.CharField(required=False, max_length=500)
