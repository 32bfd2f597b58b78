"""Forms of a close: where its entries go, and decisions on reopening."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models import Account, AccountClass, ClosingSettings
from apps.ledgers.services.closing.settings import CLOSING_ACCOUNTS, LEDGER_ACCOUNTS
from apps.policies.words import FxMethod, ProfitTransfer

STEPS = ("revalue", "transfer", "year_end", "close")
DECISIONS = ("approve", "reject", "withdraw")


class ClosingSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # (not generic at run time)
    """The accounts and methods of a ledger's closing entries and exchange differences."""

    exchange_gain_account = forms.ModelChoiceField(
        Account.objects.none(), label=_("exchange gains"), required=False
    )
    exchange_loss_account = forms.ModelChoiceField(
        Account.objects.none(), label=_("exchange losses"), required=False
    )
    rounding_account = forms.ModelChoiceField(
        Account.objects.none(), label=_("rounding differences"), required=False
    )

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = (*CLOSING_ACCOUNTS, *LEDGER_ACCOUNTS, "fx_method", "profit_transfer")

    class Meta:
        model = ClosingSettings
        fields = (*CLOSING_ACCOUNTS, "fx_method", "profit_transfer")
        help_texts = {
            "appropriation_account": _("Shows the year's appropriation; may stay empty."),
            "reserve_account": _("Empty: nothing is appropriated."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the leaves of the chart that such entries may stand on."""
        super().__init__(*args, **kwargs)
        leaves = Account.objects.filter(chart=self.instance.ledger.chart_id).taking_postings()
        for name in (*CLOSING_ACCOUNTS, *LEDGER_ACCOUNTS):
            of_result = name in LEDGER_ACCOUNTS
            wanted = AccountClass.PROFIT_LOSS if of_result else AccountClass.EQUITY
            field = self.fields[name]
            field.label = capfirst(field.label)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = leaves.filter(account_class=wanted)
        for name, words in (("fx_method", FxMethod), ("profit_transfer", ProfitTransfer)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("as the finance policy says")), *words.choices]

    def choices(self) -> dict[str, Any]:
        """Return what a valid form chose."""
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, *LEDGER_ACCOUNTS)}


class ClosingStepForm(forms.Form):
    """Which step to take."""

    step = forms.ChoiceField(choices=[(step, step) for step in STEPS])


class ReopenDecisionForm(forms.Form):
    """What is decided on a request, and why."""

    act = forms.ChoiceField(choices=[(act, act) for act in DECISIONS])
    reason = forms.CharField(max_length=500, required=False)
