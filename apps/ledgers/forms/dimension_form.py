"""Forms of dimensions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.access import dimension_types_for
from apps.ledgers.models import DimensionType
from apps.organizations.access import people_for
from apps.organizations.models import User


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Who answers for a value, or nobody."""

    def __init__(self) -> None:
        """Offer nobody until the form knows whom."""
        super().__init__(
            User.objects.none(),
            label=_("Owner"),
            required=False,
            empty_label=_("Nobody"),
            help_text=_("An approval flow may ask the owner of what an entry is booked on."),
        )

    def label_from_instance(self, obj: User) -> str:
        """Return how a person is told from others."""
        return f"{obj.username} · {obj.display_name()}"


def _offer_people(form: forms.Form, user: User) -> None:
    people = people_for(user).filter(is_active=True).order_by("username")
    form.fields["owner"].queryset = people  # type: ignore[attr-defined]


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
    owner = OwnerField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the dimensions of the user's organization."""
        super().__init__(*args, **kwargs)
        types = dimension_types_for(user)
        self.fields["type"].queryset = types  # type: ignore[attr-defined]
        _offer_people(self, user)


class DimensionOwnerForm(forms.Form):
    """Who answers for a value that exists."""

    owner = OwnerField()
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the people of the user's organization."""
        super().__init__(*args, **kwargs)
        _offer_people(self, user)


class DimensionFilterForm(forms.Form):
    """Which values the page shows, kept in the URL."""

    q = forms.CharField(
        label=_("Code, name or initials"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
