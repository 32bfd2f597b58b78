"""Forms of policies: they read what people typed; the rules stand in the domain."""

from __future__ import annotations

import re
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.rounding import RoundingMode
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent
from apps.policies.models import FinancePolicy, columns_of
from apps.policies.words import (
    FxMethod,
    InvoiceKind,
    ProfitTransfer,
    ReversalStyle,
    Rounding,
)

if TYPE_CHECKING:
    from apps.core.errors import FinanceError

MAX_VERSION = 2**31 - 1
_NUMBER = re.compile(r"^-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$", re.ASCII)
_DAYS = re.compile(r"^\d{1,4}$", re.ASCII)
_HUNDRED = Decimal(100)
_KIND_RATES = {kind: f"{kind}_tax_rate" for kind in InvoiceKind.values}
_LIMITS = {role: f"{role}_limit" for role in (Role.SENIOR_ACCOUNTANT, Role.APPROVER)}


def _label(name: str) -> Any:
    return FinancePolicy._meta.get_field(name).verbose_name  # type: ignore[union-attr]


class PlainDecimalField(forms.DecimalField):
    """A number in ASCII digits; Python's decimals would take those of any script."""

    def __init__(self, **options: Any) -> None:
        """Draw a text field, where the browser changes nothing that was typed."""
        super().__init__(widget=forms.TextInput({"inputmode": "decimal"}), **options)

    def to_python(self, value: object) -> Any:
        """Refuse exponents, digits of other scripts, and separators that are misplaced."""
        if isinstance(value, str) and value.strip():
            if not _NUMBER.match(value.strip()):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = value.replace(",", "")
        return super().to_python(value)

    def prepare_value(self, value: object) -> object:
        """Show an amount without the zeros of its column; what was typed stays as it is."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class PercentField(PlainDecimalField):
    """A share, typed as per cent: 13 is 0.13."""

    def __init__(self, name: str, **options: Any) -> None:
        """Take the label of the column."""
        super().__init__(
            label=_label(name),
            min_value=0,
            max_value=100,
            max_digits=7,
            decimal_places=4,
            **options,
        )

    def clean(self, value: object) -> Decimal | None:
        """Return the share."""
        typed = super().clean(value)
        return None if typed is None else typed / _HUNDRED

    def prepare_value(self, value: object) -> object:
        """Show a share as per cent; what was typed stays as it is."""
        if isinstance(value, Decimal):
            return f"{(value * _HUNDRED).normalize():f}"
        return value


class TermsField(forms.CharField):
    """Numbers of days, separated by commas."""

    def to_python(self, value: object) -> Any:
        """Return the days in the order in which they were typed."""
        parts = [part for part in re.split(r"[,，、\s]+", str(value or "")) if part]
        if not all(_DAYS.match(part) for part in parts):
            raise ValidationError(_("Write days separated by commas, such as 30, 60, 90."))
        return [int(part) for part in parts]

    def prepare_value(self, value: object) -> object:
        """Show a list as text."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value


def _limit_field(name: str) -> PlainDecimalField:
    return PlainDecimalField(
        label=_label(name),
        required=False,
        min_value=0,
        max_digits=20,
        decimal_places=4,
        help_text=_("In the base currency of the ledger; empty: without limit."),
    )


def _kind_rate(name: str) -> PercentField:
    return PercentField(name, required=False, help_text=_("Empty: as the tax rate."))


class PolicyForm(forms.Form):
    """A whole policy, its first day, and why."""

    tax_rate = PercentField("tax_rate", help_text=_("In per cent."))
    special_tax_rate = _kind_rate("special_tax_rate")
    ordinary_tax_rate = _kind_rate("ordinary_tax_rate")
    invoice_kinds = forms.MultipleChoiceField(
        label=_label("invoice_kinds"),
        choices=InvoiceKind,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rounding_mode = forms.ChoiceField(label=_label("rounding_mode"), choices=Rounding)
    payment_terms = TermsField(
        label=_label("payment_terms"),
        max_length=60,
        required=False,
        help_text=_("Separated by commas."),
    )
    default_payment_term = forms.IntegerField(
        label=_label("default_payment_term"),
        min_value=0,
        max_value=9999,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    senior_accountant_limit = _limit_field("senior_accountant_limit")
    approver_limit = _limit_field("approver_limit")
    fx_method = forms.ChoiceField(label=_label("fx_method"), choices=FxMethod)
    reversal_style = forms.ChoiceField(label=_label("reversal_style"), choices=ReversalStyle)
    profit_transfer = forms.ChoiceField(label=_label("profit_transfer"), choices=ProfitTransfer)
    reserve_rate = PercentField("reserve_rate", help_text=_("In per cent."))
    effective_from = forms.DateField(
        label=_label("effective_from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    reason = forms.CharField(
        label=_label("proposal_reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )

    GROUPS = (
        (
            _("Tax and invoices"),
            ("tax_rate", "special_tax_rate", "ordinary_tax_rate", "invoice_kinds"),
        ),
        (
            _("Rounding and payment"),
            ("rounding_mode", "payment_terms", "default_payment_term"),
        ),
        (_("Approval limits"), ("senior_accountant_limit", "approver_limit")),
        (
            _("Closing and corrections"),
            ("fx_method", "reversal_style", "profit_transfer", "reserve_rate"),
        ),
        (_("When and why"), ("effective_from", "reason")),
    )

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields under their heads."""
        return [(head, [self[name] for name in names]) for head, names in self.GROUPS]

    def content(self) -> PolicyContent:
        """Return what the typed policy decides."""
        typed = self.cleaned_data
        rates = {kind: typed[name] for kind, name in _KIND_RATES.items()}
        limits = {role: typed[name] for role, name in _LIMITS.items()}
        return PolicyContent(
            default_tax_rate=typed["tax_rate"],
            tax_rates=MappingProxyType(
                {kind: rate for kind, rate in rates.items() if rate is not None}
            ),
            rounding_mode=RoundingMode(typed["rounding_mode"]),
            invoice_kinds=tuple(typed["invoice_kinds"]),
            payment_terms=tuple(typed["payment_terms"]),
            default_payment_term=typed["default_payment_term"],
            fx_method=typed["fx_method"],
            reversal_style=typed["reversal_style"],
            profit_transfer=typed["profit_transfer"],
            reserve_rate=typed["reserve_rate"],
            approval_limits=MappingProxyType(limits),
        )

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or above the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def initial_of(content: PolicyContent) -> dict[str, Any]:
    """Return what a form shows before anybody types: the policy in force."""
    return columns_of(content)


class PolicyUploadForm(forms.Form):
    """A policy as a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A YAML file of at most 64 KB, such as the download of a policy."),
        widget=forms.ClearableFileInput({"accept": ".yaml,.yml"}),
    )


class DecisionForm(forms.Form):
    """The version that was seen, and why."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION)
    reason = forms.CharField(required=False, max_length=500)


class CalculatorForm(forms.Form):
    """An amount to split, and a day to count from."""

    amount = forms.CharField(
        label=_("Amount"), max_length=30, widget=forms.TextInput({"inputmode": "decimal"})
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="CNY")
    way = forms.ChoiceField(
        label=_("The amount"),
        choices=[("gross", _("includes the tax")), ("net", _("does not include the tax"))],
    )
    invoice_kind = forms.ChoiceField(label=_("Kind of invoice"), choices=InvoiceKind)
    day = forms.DateField(
        label=_("Invoice date"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
