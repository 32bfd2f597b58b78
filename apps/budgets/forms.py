"""Forms of budgets; the rules stand in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.budgets.services.budgets import About, Terms
from apps.ledgers.access import dimension_values_for
from apps.ledgers.models import Account, DimensionValue

if TYPE_CHECKING:
    from apps.core.errors import FinanceError
    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

    _ChoiceOfAccounts = forms.ModelChoiceField[Account]
    _ChoiceOfValues = forms.ModelChoiceField[DimensionValue]
else:
    _ChoiceOfAccounts = _ChoiceOfValues = forms.ModelChoiceField

_LONGEST_NUMBER = 20
MAX_VERSION = 2**31 - 1


class AmountField(forms.DecimalField):
    """An amount in ASCII digits, with or without separators."""

    def to_python(self, value: object) -> Any:
        """Refuse exponents and digits of other scripts; take 50,000 for 50000."""
        if isinstance(value, str) and value.strip():
            text = value.strip().replace(",", "")
            is_plain = text.isascii() and text.replace(".", "", 1).isdecimal()
            if not is_plain or len(text) > _LONGEST_NUMBER:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)


class AccountField(_ChoiceOfAccounts):
    """An account, by code and name."""

    def label_from_instance(self, account: Account) -> str:
        """Return code and name in the reader's language."""
        return str(account)


class ValueField(_ChoiceOfValues):
    """A dimension value, by its dimension, code and name."""

    def label_from_instance(self, value: DimensionValue) -> str:
        """Return dimension, code and name in the reader's language."""
        return f"{value.type.label}: {value.code} {value.label}"


class TermsForm(forms.Form):
    """What may change of a budget."""

    name = forms.CharField(label=_("Name"), max_length=120)
    amount = AmountField(
        label=_("Amount"),
        max_digits=20,
        decimal_places=4,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    is_hard = forms.BooleanField(
        label=_("Refuse what goes over it"),
        required=False,
        help_text=_("Otherwise it can be submitted, and whoever approves it is told."),
    )

    def terms(self) -> Terms:
        """Return what was typed."""
        typed = self.cleaned_data
        return Terms(
            name=typed["name"],
            amount=typed["amount"],
            is_hard=typed["is_hard"],
            is_active=typed.get("is_active", True),
        )

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or at the head of the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class BudgetForm(TermsForm):
    """A new budget: what it is about, and its terms."""

    account = AccountField(
        Account.objects.none(),
        label=_("Account"),
        required=False,
        help_text=_("With all accounts below it."),
    )
    dimension_value = ValueField(
        DimensionValue.objects.none(),
        label=_("Dimension value"),
        required=False,
        help_text=_("Alone it stands for all its costs and expenses."),
    )
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    field_order = ("name", "account", "dimension_value", "starts_on", "ends_on", "amount")

    def __init__(self, *args: Any, ledger: Ledger, user: User, **kwargs: Any) -> None:
        """Offer the accounts of the ledger, and values that one can budget for."""
        super().__init__(*args, **kwargs)
        accounts = Account.objects.filter(chart=ledger.chart_id, is_active=True)
        values = dimension_values_for(user).filter(is_active=True)
        values = values.exclude(type__code__in=("supplier", "customer"))
        self.fields["amount"].label = f"{_('Amount')} {ledger.base_currency_id}"
        self.fields["account"].queryset = accounts.order_by("code")  # type: ignore[attr-defined]
        self.fields["dimension_value"].queryset = values.order_by(  # type: ignore[attr-defined]
            "type__code", "code"
        )

    def about(self) -> About:
        """Return what the budget is about."""
        typed = self.cleaned_data
        return About(
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            account=typed["account"],
            dimension_value=typed["dimension_value"],
        )


class BudgetChangeForm(TermsForm):
    """Other terms of a budget, why, and the version that was seen."""

    is_active = forms.BooleanField(
        label=_("In force"),
        required=False,
        help_text=_("Otherwise it counts on, but refuses nothing and tells nobody."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
