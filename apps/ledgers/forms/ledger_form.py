"""The form of a new ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.access import charts_for, ledgers_for
from apps.ledgers.domain.standard_charts import StandardChart
from apps.ledgers.forms.account_form import CHART_NAMES
from apps.ledgers.models import ChartOfAccounts, Ledger
from apps.ledgers.services.ledger_setup import NewLedger
from apps.organizations.access import entities_for
from apps.organizations.models import Currency, LegalEntity

if TYPE_CHECKING:
    from apps.organizations.models import User

FIRST_YEAR, LAST_YEAR = 1980, 2100
_STANDARD, _OWN = "standard:", "own:"


class LedgerForm(forms.Form):
    """Entity, names, currency, chart and first year of a ledger."""

    entity = forms.ModelChoiceField(
        label=_("Legal entity"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Letters, digits and hyphens; it stands in every address and stays."),
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Ledger.Purpose)
    currency = forms.ModelChoiceField(
        label=_("Base currency"), queryset=Currency.objects.order_by("code"), required=False,
        empty_label=_("that of the legal entity"),
    )  # fmt: skip
    chart = forms.ChoiceField(label=_("Chart of accounts"))
    first_year = forms.IntegerField(
        label=_("First fiscal year"), min_value=FIRST_YEAR, max_value=LAST_YEAR
    )
    base_ledger = forms.ModelChoiceField(
        label=_("Delta of"),
        queryset=Ledger.objects.none(),
        required=False,
        empty_label=_("no other ledger"),
        help_text=_("Only what differs is written here; reports add the lines of the other."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer what the user's organization has."""
        super().__init__(*args, **kwargs)
        self._charts = {f"{_OWN}{chart.pk}": chart for chart in charts_for(user)}
        bases = ledgers_for(user).filter(base_ledger=None)
        self.fields["entity"].queryset = entities_for(user)  # type: ignore[attr-defined]
        self.fields["base_ledger"].queryset = bases  # type: ignore[attr-defined]
        own = [(key, f"{chart.code} · {chart.label}") for key, chart in self._charts.items()]
        standard = [(f"{_STANDARD}{key}", CHART_NAMES[key]) for key in StandardChart]
        self.fields["chart"].choices = [  # type: ignore[attr-defined]
            *([(_("Share one that exists"), own)] if own else []),
            (_("Begin a new one from a standard"), standard),
        ]

    def new_ledger(self) -> NewLedger:
        """Return what the service opens; the form is valid."""
        values = self.cleaned_data
        currency = values["currency"]
        return NewLedger(
            entity=values["entity"],
            code=values["code"],
            name=values["name"],
            name_zh=values["name_zh"],
            purpose=Ledger.Purpose(values["purpose"]),
            currency_code=(currency or values["entity"].functional_currency).pk,
            chart=self._chart(values["chart"]),
            first_year=values["first_year"],
            base_ledger=values["base_ledger"],
        )

    def _chart(self, key: str) -> ChartOfAccounts | StandardChart:
        if key in self._charts:
            return self._charts[key]
        return StandardChart(key.removeprefix(_STANDARD))
