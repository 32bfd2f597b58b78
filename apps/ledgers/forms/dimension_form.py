"""Forms of dimensions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.access import dimension_types_for
from apps.ledgers.models import DimensionType
from apps.organizations.models import User


class DimensionValueForm(forms.Form):
    """A new value of a dimension: a department, a customer and so on."""

    type = forms.ModelChoiceField(label=_("Dimension"), queryset=DimensionType.objects.none())
    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[^\s,，]{1,30}$",
        error_messages={"invalid": _("A code has at most 30 characters, no space or comma.")},
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the dimensions of the user's organization."""
        super().__init__(*args, **kwargs)
        types = dimension_types_for(user)
        self.fields["type"].queryset = types  # type: ignore[attr-defined]


class DimensionFilterForm(forms.Form):
    """Which values the page shows, kept in the URL."""

    q = forms.CharField(
        label=_("Code, name or initials"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
