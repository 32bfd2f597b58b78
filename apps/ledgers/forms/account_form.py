"""Forms of the chart of accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.text import clean_text
from apps.ledgers.domain.standard_charts import StandardChart
from apps.ledgers.models import Account, AccountClass, ChartOfAccounts, DimensionType

_SHARED_FIELDS = (
    "name",
    "name_zh",
    "control",
    "guard",
    "currency",
    "is_leaf",
    "allows_manual",
    "is_revalued",
    "is_suspense",
)
CHART_NAMES = {
    StandardChart.CN_ENTERPRISE: _("Chinese enterprise accounting standards"),
    StandardChart.IFRS: _("International (IFRS style)"),
}


class AccountFilterForm(forms.Form):
    """Which accounts the tree shows, kept in the URL."""

    q = forms.CharField(
        label=_("Code, name or initials"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
    account_class = forms.ChoiceField(
        label=_("Class"),
        required=False,
        choices=[("", _("All classes")), *AccountClass.choices],
    )
    inactive = forms.BooleanField(label=_("Show inactive"), required=False)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # (not generic at run time)
    """An account's facts that may change; what its lines rest on is refused by the books."""

    required_dimension_ids = forms.TypedMultipleChoiceField(
        label=_("Every line carries"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Account
        fields: tuple[str, ...] = (*_SHARED_FIELDS, "is_active")

    def __init__(self, *args: Any, chart: ChartOfAccounts, **kwargs: Any) -> None:
        """Offer the dimensions of the chart's organization."""
        super().__init__(*args, **kwargs)
        self.chart = chart
        types = DimensionType.objects.filter(organization_id=chart.organization_id)
        choices = [(kind.pk, kind.label) for kind in types.order_by("code")]
        self.dimension_names = dict(choices)
        self.fields["required_dimension_ids"].choices = choices  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["required_dimension_ids"] = self.instance.required_dimension_ids
            self.initial["version"] = self.instance.version

    def clean_name(self) -> str:
        """Return the name without characters that hide."""
        return _visible(self.cleaned_data["name"])

    def clean_name_zh(self) -> str:
        """Return the Chinese name without characters that hide."""
        return _visible(self.cleaned_data["name_zh"])

    def values(self) -> dict[str, Any]:
        """Return what the service writes."""
        names = set(self.cleaned_data) - {"version"}
        return {name: self.cleaned_data[name] for name in names}

    def shown(self, name: str, value: Any) -> str:
        """Return the value of a field in words."""
        if name == "required_dimension_ids":
            return ", ".join(self.dimension_names.get(pk, str(pk)) for pk in value)
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        choices = dict(getattr(self.fields[name], "choices", []))
        return str(choices.get(value, value if value is not None else ""))

    def _post_clean(self) -> None:
        """Leave the instance as it is: the service writes, and compares with the row."""


class NewAccountForm(AccountForm):
    """An account that does not exist yet; below a group it takes the group's class."""

    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[0-9][0-9A-Za-z.\-]{0,19}$",
        error_messages={"invalid": _("A code begins with a digit: digits, letters, . and -.")},
    )
    parent = forms.ModelChoiceField(
        label=_("Below"), queryset=Account.objects.none(), required=False
    )

    class Meta(AccountForm.Meta):
        fields = (
            "code", "parent", *_SHARED_FIELDS[:2], "account_class", "normal_side",
            "statement_section", *_SHARED_FIELDS[2:],
        )  # fmt: skip

    def __init__(self, *args: Any, chart: ChartOfAccounts, **kwargs: Any) -> None:
        """Offer the groups of the chart."""
        super().__init__(*args, chart=chart, **kwargs)
        groups = Account.objects.filter(chart=chart, is_leaf=False, is_active=True)
        self.fields["parent"].queryset = groups  # type: ignore[attr-defined]
        self.fields["account_class"].required = False
        self.fields["account_class"].help_text = _(
            "A sub-account takes the class of its group."
        )

    def clean_code(self) -> str:
        """Refuse a code that is taken."""
        code: str = self.cleaned_data["code"]
        if Account.objects.filter(chart=self.chart, code=code).exists():
            raise forms.ValidationError(_("An account with this code exists already."))
        return code

    def clean(self) -> dict[str, Any]:
        """Take class and section from the group, else ask for them."""
        values = super().clean() or self.cleaned_data
        if parent := values.get("parent"):
            values["account_class"] = parent.account_class
            values["statement_section"] = parent.statement_section
        elif not values.get("account_class"):
            self.add_error("account_class", _("Choose a class, or a group to stand below."))
        return values


class ChartImportForm(forms.Form):
    """Which standard chart to import."""

    chart = forms.ChoiceField(
        label=_("Standard chart"),
        choices=[(name.value, label) for name, label in CHART_NAMES.items()],
    )


def _visible(text: str) -> str:
    try:
        return clean_text(text)
    except FinanceError as error:
        raise forms.ValidationError(str(error)) from error
