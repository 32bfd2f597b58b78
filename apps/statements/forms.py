"""Forms of channels, files and mappings: shape only, no rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.ledgers.access import ledgers_for
from apps.ledgers.models import Account, Ledger
from apps.organizations.models import Currency
from apps.statements.access import mappings_for, partners_for
from apps.statements.clients.readers import MAX_BYTES, MEGABYTE
from apps.statements.domain.mapping import FIELDS, TableMapping
from apps.statements.models import (
    FormatMapping,
    SourceKind,
    StatementFormat,
    StatementPartner,
)
from apps.statements.words import FIELD_LABELS

if TYPE_CHECKING:
    from apps.core.errors import FinanceError
    from apps.organizations.models import User

    _Accounts = forms.ModelChoiceField[Account]
    _Partners = forms.ModelChoiceField[StatementPartner]
    _Mappings = forms.ModelChoiceField[FormatMapping]
    _Currencies = forms.ModelChoiceField[Currency]
    _Ledgers = forms.ModelChoiceField[Ledger]
else:
    _Accounts = _Partners = _Mappings = _Currencies = _Ledgers = forms.ModelChoiceField

MAX_VERSION = 2**31 - 1
_LARGEST_SAMPLE = 500_000


class TellingForm(forms.Form):
    """A form that shows a refusal where it belongs."""

    def take(self, error: FinanceError) -> None:
        """Show a refusal beside its field, or above all."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class ChannelTermsForm(TellingForm):
    """What may change of a channel at any time."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    partner = _Partners(StatementPartner.objects.none(), label=_("Partner"), required=False)
    external_account = forms.CharField(
        label=_("Account at the partner"),
        max_length=64,
        required=False,
        help_text=_("As its statements write it: one of another account is refused."),
    )
    format = forms.ChoiceField(label=_("Format"), choices=StatementFormat)
    mapping = _Mappings(
        FormatMapping.objects.none(),
        label=_("Mapping"),
        required=False,
        help_text=_("Only for CSV or XLSX by a mapping."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        """Offer what the user's organization has, and what is chosen already."""
        super().__init__(*args, **options)
        for name, rows in (("partner", partners_for(user)), ("mapping", mappings_for(user))):
            chosen = Q(is_active=True) | Q(pk=self.initial.get(name))
            self.fields[name].queryset = rows.filter(chosen)  # type: ignore[attr-defined]


class ChannelForm(ChannelTermsForm):
    """A new channel."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("It stands in the address of its page.")
    )
    source_kind = forms.ChoiceField(label=_("Source"), choices=SourceKind)
    ledger = _Ledgers(Ledger.objects.none(), label=_("Ledger"), to_field_name="code")
    account = forms.CharField(
        label=_("Account in the books"),
        max_length=20,
        help_text=_("The code of the leaf account that mirrors it, such as 1002."),
    )
    currency = _Currencies(Currency.objects.order_by("code"), label=_("Currency"))
    field_order = (
        "name",
        "name_zh",
        "code",
        "source_kind",
        "partner",
        "external_account",
        "ledger",
        "account",
        "currency",
        "format",
        "mapping",
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        """Offer the user's ledgers."""
        super().__init__(*args, user=user, **options)
        self.fields["ledger"].queryset = ledgers_for(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn the account's code into the account of the ledger's chart."""
        typed: dict[str, Any] = super().clean() or {}
        ledger, code = typed.get("ledger"), typed.get("account")
        if ledger and code:
            found = Account.objects.filter(chart=ledger.chart_id, code=code).first()
            if found is None:
                self.add_error("account", _("The ledger has no account with this code."))
            typed["account"] = found
        return typed


class ChannelChangeForm(ChannelTermsForm):
    """Changed terms of a channel."""

    is_active = forms.BooleanField(label=_("Active"), required=False)
    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput())


class PartnerForm(TellingForm):
    """A new partner."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)


class PartnerChangeForm(TellingForm):
    """Changed names of a partner, and whether new channels may be of it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("An inactive partner is not offered for other channels."),
    )
    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput())


class StatementUploadForm(TellingForm):
    """A file of a channel."""

    file = forms.FileField(label=_("File"))

    def clean_file(self) -> Any:
        """Refuse what is far too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(limit)s MB."),
                params={"limit": MAX_BYTES // MEGABYTE},
            )
        return file


class VersionForm(forms.Form):
    """The version that was seen, and whether conflicts are accepted."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION)
    accepts_conflicts = forms.BooleanField(required=False)


class MappingForm(TellingForm):
    """The rules of a mapping, beside the first rows of a sample; see domain/mapping.py."""

    name = forms.CharField(label=_("Name"), max_length=120)
    skip_head = forms.IntegerField(
        label=_("Rows before the headings"), min_value=0, max_value=200
    )
    skip_tail = forms.IntegerField(label=_("Rows after the lines"), min_value=0, max_value=200)
    has_headings = forms.BooleanField(
        label=_("The first row holds headings"),
        required=False,
        help_text=_("Without headings, name columns by place: #1, #2."),
    )
    footer = forms.CharField(
        label=_("A row of totals begins with"), max_length=100, required=False
    )
    date_format = forms.CharField(
        label=_("Date format"),
        max_length=30,
        required=False,
        help_text=_("Empty: year, month, day. Else such as %d.%m.%Y or %m/%d/%Y."),
    )
    decimal_sign = forms.ChoiceField(
        label=_("Decimal sign"),
        choices=(("", _("find out")), (".", "1,234.56"), (",", "1.234,56")),
        required=False,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=(
            ("", _("find out")),
            ("utf-8-sig", "UTF-8"),
            ("gb18030", "GBK / GB18030"),
            ("cp1252", "Windows-1252"),
            ("utf-16", "UTF-16"),
        ),
        required=False,
    )
    delimiter = forms.ChoiceField(
        label=_("Delimiter"),
        choices=(("", _("find out")), (",", ","), (";", ";"), ("\t", _("tab")), ("|", "|")),
        required=False,
    )
    is_negated = forms.BooleanField(
        label=_("What goes out is written positive"), required=False
    )
    money_in_words = forms.CharField(
        label=_("Words for money that comes in"), max_length=200, required=False
    )
    sample = forms.CharField(widget=forms.HiddenInput(), required=False)
    version = forms.IntegerField(
        min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput(), required=False
    )

    def __init__(self, *args: Any, headings: Iterable[str] = (), **options: Any) -> None:
        """Offer the headings of the sample for every field."""
        super().__init__(*args, **options)
        known = [heading for heading in headings if heading]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.CharField(
                label=FIELD_LABELS[name],
                max_length=120,
                required=False,
                widget=forms.TextInput({"list": "headings", "autocomplete": "off"}),
            )
        self.headings = known

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields that name columns."""
        return [self[f"column_{name}"] for name in FIELDS]

    def clean_sample(self) -> list[tuple[int, list[str]]]:
        """Return the rows of the sample, which came from this page."""
        text = self.cleaned_data["sample"]
        try:
            rows = json.loads(text) if text and len(text) < _LARGEST_SAMPLE else []
            return [(int(number), [str(cell) for cell in cells]) for number, cells in rows]
        except (ValueError, TypeError):
            return []

    def mapping(self) -> TableMapping:
        """Return the rules of a valid form."""
        typed = dict(self.cleaned_data)
        columns = {name: typed[f"column_{name}"] for name in FIELDS if typed[f"column_{name}"]}
        return TableMapping.from_json(typed | {"columns": columns})


class LedgerDaysForm(TellingForm):
    """Which days are taken from another ledger."""

    from_on = forms.DateField(
        label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
