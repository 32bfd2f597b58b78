"""Forms of channels and partners: shape only, no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.ledgers.access import ledgers_for
from apps.ledgers.models import Account, Ledger
from apps.organizations.models import Currency
from apps.statements.access import mappings_for, partners_for
from apps.statements.forms.telling import MAX_VERSION, TellingForm
from apps.statements.models import (
    FormatMapping,
    SourceKind,
    StatementFormat,
    StatementPartner,
)

if TYPE_CHECKING:
    from apps.organizations.models import User

    _Accounts = forms.ModelChoiceField[Account]
    _Partners = forms.ModelChoiceField[StatementPartner]
    _Mappings = forms.ModelChoiceField[FormatMapping]
    _Currencies = forms.ModelChoiceField[Currency]
    _Ledgers = forms.ModelChoiceField[Ledger]
else:
    _Accounts = _Partners = _Mappings = _Currencies = _Ledgers = forms.ModelChoiceField


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
