"""Forms of people and roles: they check shape, services check the rules."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.organizations.access import departments_for, people_for
from apps.organizations.models import Currency, Department, User
from apps.organizations.permissions import Role

MAX_VERSION = 2**31 - 1


class LimitField(forms.DecimalField):
    """An amount in plain digits; Python's decimals would take those of any script."""

    def __init__(self, label: Any = None, help_text: Any = None) -> None:
        """Fix what a limit is; one of a role unless it is said to be another."""
        super().__init__(
            label=label or _("Approval limit"),
            help_text=help_text
            or _("In the base currency of the ledger; empty: the limit of the role."),
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


class SettlementLimitForm(forms.Form):
    """From which amount on a settlement waits, at the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)
    settlement_limit = LimitField(
        label=_("Settlements above this wait for approval"),
        help_text=_("In the base currency of the ledger; empty: no settlement waits."),
    )


class VersionForm(forms.Form):
    """The version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)


class AccessForm(forms.Form):
    """Whether a person may sign in, and why that changes."""

    is_active = forms.TypedChoiceField(
        choices=(("1", "1"), ("0", "0")), coerce=lambda value: value == "1"
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)


class PersonForm(forms.Form):
    """Somebody new: the password is set by the person, by a link."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off"}),
    )
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.none(), required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the departments of the user's organization."""
        super().__init__(*args, **kwargs)
        departments = departments_for(user).order_by("code")
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class _NamedForm(forms.Form):
    """A code and two names; `is_new` asks for the code, a change for the version seen."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Letters, digits and hyphens; it stays.")
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        """Leave out what the page does not ask for."""
        super().__init__(*args, **kwargs)
        del self.fields["version" if is_new else "code"]


class EntityForm(_NamedForm):
    """A company whose books are kept."""

    functional_currency = forms.ModelChoiceField(
        label=_("Functional currency"), queryset=Currency.objects.order_by("code")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
        initial="Asia/Shanghai",
        help_text=_("What “today” is in the books of this company."),
    )


class _PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among people, by user name and name."""

    def label_from_instance(self, obj: User) -> str:
        """Return how a person is told from others."""
        return f"{obj.username} · {obj.display_name()}"


class DepartmentForm(_NamedForm):
    """A department and who heads it."""

    head = _PersonChoice(label=_("Head"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the people of the user's organization."""
        super().__init__(*args, **kwargs)
        people = people_for(user).filter(is_active=True).order_by("username")
        self.fields["head"].queryset = people  # type: ignore[attr-defined]
