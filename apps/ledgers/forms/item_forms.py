"""Forms of open items: the filters of the ageing, and an item's due day and document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models import Account, DimensionValue, Ledger, OpenItem
from apps.ledgers.services.ageing import account_to_begin_with, control_accounts
from apps.ledgers.services.open_items import LONGEST_REFERENCE


class AgeingForm(forms.Form):
    """A control account, a day, and perhaps one partner."""

    # Always given where the ledger has one; without it there is nothing to show.
    account = forms.ChoiceField(label=_("Account"))
    as_of = forms.DateField(
        label=_("As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    partner = forms.CharField(label=_("Customer or supplier"), required=False, max_length=30)

    def __init__(self, data: Mapping[str, Any], *, ledger: Ledger, today: date) -> None:
        """Offer the control accounts of the ledger; the first and today unless chosen."""
        self.ledger = ledger
        self.accounts = {account.code: account for account in control_accounts(ledger)}
        given = {name: value for name, value in data.items() if value}
        if "account" not in given:
            given["account"] = account_to_begin_with(ledger) or next(iter(self.accounts), "")
        given.setdefault("as_of", today.isoformat())
        super().__init__(given)
        field = self.fields["account"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(code, str(account)) for code, account in self.accounts.items()]

    def clean_partner(self) -> DimensionValue | None:
        """Return the customer or supplier of the code that was typed."""
        code = self.cleaned_data["partner"].strip().partition(" ")[0]
        if not code:
            return None
        values = DimensionValue.objects.filter(organization_id=self.ledger.organization_id)
        found = values.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("No customer or supplier has this code."))
        return found

    def chosen_account(self) -> Account:
        """Return the account of a valid form."""
        return self.accounts[self.cleaned_data["account"]]


class OpenItemForm(forms.Form):
    """What people may change of an item."""

    due_on = forms.DateField(
        label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label=_("Document"), required=False, max_length=LONGEST_REFERENCE
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of_item(cls, item: OpenItem) -> OpenItemForm:
        """Return the form of an item as it is stored."""
        initial = {
            "due_on": item.due_on,
            "reference": item.reference,
            "version": item.version,
        }
        return cls(initial=initial)
