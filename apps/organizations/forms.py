"""Forms of people and roles: they check shape, services check the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.organizations.permissions import Role

MAX_VERSION = 2**31 - 1


class LimitField(forms.DecimalField):
    """An amount in plain digits; Python's decimals would take those of any script."""

    def __init__(self) -> None:
        """Fix what a limit is."""
        super().__init__(
            label=_("Approval limit"),
            help_text=_("In the base currency of the ledger; empty: the limit of the role."),
            required=False,
            min_value=0,
            max_digits=20,
            decimal_places=4,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )

    def to_python(self, value: object) -> Any:
        """Refuse digits that are not ASCII."""
        if isinstance(value, str) and not value.isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class PersonFilterForm(forms.Form):
    """The filters of the list of people."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices]
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("active", _("active")), ("inactive", _("inactive"))],
    )


class RoleGrantForm(forms.Form):
    """A role to give, with a limit of its own if it approves."""

    role = forms.ChoiceField(label=_("Role"), choices=Role)
    approval_limit = LimitField()


class LimitForm(forms.Form):
    """A new approval limit, at the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)
    approval_limit = LimitField()


class VersionForm(forms.Form):
    """The version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)


class AccessForm(forms.Form):
    """Whether a person may sign in, and why that changes."""

    is_active = forms.TypedChoiceField(
        choices=(("1", "1"), ("0", "0")), coerce=lambda value: value == "1"
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)
