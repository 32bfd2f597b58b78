"""Forms of rates: they check shape, services check the rules."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.money import known_currencies, parse_amount
from apps.fx.models import PER_HUNDRED, PER_ONE, RateType
from apps.fx.services.published_files import MAX_BYTES, MEGABYTE
from apps.fx.services.rates import NewRate

MAX_VERSION = 2**31 - 1
_OFTEN_FIRST = ("CNY", "HKD", "EUR", "USD", "JPY")


def currency_choices() -> list[tuple[str, str]]:
    """Return the currencies in use with their names in the reader's language."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).currencies
    codes = [*_OFTEN_FIRST, *sorted(known_currencies() - {*_OFTEN_FIRST})]
    return [(code, f"{code} {names.get(code, '')}".strip()) for code in codes]


_FIGURE = re.compile(r"\d{1,10}(\.\d{1,10})?", re.ASCII)


class RateField(forms.DecimalField):
    """A figure in plain digits; Python would take those of any script, and exponents."""

    def to_python(self, value: object) -> Any:
        """Refuse all but ASCII digits and a point."""
        if isinstance(value, str) and value and not _FIGURE.fullmatch(value.strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class _PairForm(forms.Form):
    """Two currencies that differ."""

    from_currency = forms.ChoiceField(label=_("From currency"), choices=currency_choices)
    to_currency = forms.ChoiceField(label=_("To currency"), choices=currency_choices)

    def clean_to_currency(self) -> str:
        """Refuse a currency with itself."""
        value: str = self.cleaned_data["to_currency"]
        if value == self.cleaned_data.get("from_currency"):
            raise ValidationError(_("Choose another currency than the first one."))
        return value


class RateForm(_PairForm):
    """A rate as somebody read it somewhere."""

    per = forms.TypedChoiceField(
        label=_("Per units of the first currency"),
        choices=((PER_ONE, "1"), (PER_HUNDRED, "100")),
        coerce=int,
    )
    rate = RateField(
        label=_("Rate in the second currency"),
        max_digits=20,
        decimal_places=10,
        min_value=Decimal("0.0000000001"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    rate_type = forms.ChoiceField(label=_("Rate type"), choices=RateType)
    valid_from = forms.DateField(
        label=_("Valid from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Source of the figure"),
        max_length=200,
        required=False,
        help_text=_("Such as: Bank of China, 10:00."),
    )

    field_order = (
        "from_currency", "to_currency", "per", "rate", "rate_type", "valid_from", "note",
    )  # fmt: skip

    def new_rate(self) -> NewRate:
        """Return what a valid form says."""
        return NewRate(**self.cleaned_data)


class ConvertForm(forms.Form):
    """An amount and the day on which it is converted."""

    amount = forms.CharField(
        label=_("Amount"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    from_currency = forms.ChoiceField(label=_("From currency"), choices=currency_choices)
    to_currency = forms.ChoiceField(label=_("To currency"), choices=currency_choices)
    on = forms.DateField(
        label=_("On"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    rate_type = forms.ChoiceField(label=_("Rate type"), choices=RateType, required=False)

    def clean(self) -> dict[str, Any]:
        """Read the amount by the digits of its currency."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "amount" in data and "from_currency" in data:
            try:
                data["number"] = parse_amount(data["amount"], data["from_currency"])
            except FinanceError as error:
                self.add_error("amount", str(error))
        data["rate_type"] = data.get("rate_type") or RateType.SPOT.value
        return data


class RateFilterForm(forms.Form):
    """The filters of the table of rates."""

    q = forms.CharField(label=_("Currency"), required=False, max_length=10)
    rate_type = forms.ChoiceField(
        label=_("Rate type"), required=False, choices=[("", _("All")), *RateType.choices]
    )
    ended = forms.BooleanField(label=_("With currencies of the past"), required=False)


class RateUploadForm(forms.Form):
    """A published file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "The history as the European Central Bank publishes it (ZIP, CSV), or a day (XML)."
        ),
    )

    def clean_file(self) -> Any:
        """Refuse what is far too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            limit = MAX_BYTES // MEGABYTE
            raise ValidationError(
                _("The file is larger than %(limit)s MB."), params={"limit": limit}
            )
        return file


class VersionForm(forms.Form):
    """The version that was seen, and a reason where one is given."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION)
    reason = forms.CharField(max_length=200, required=False)


def today_as_text() -> str:
    """Return today as a date control takes it."""
    return timezone.localdate().isoformat()
