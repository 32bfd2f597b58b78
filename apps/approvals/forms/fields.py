"""Fields that several forms of approvals have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from apps.organizations.models import User

_LONGEST_NUMBER = 20


class AmountField(forms.DecimalField):
    """An amount in a base currency, in ASCII digits, with or without separators."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Draw a text field, where the browser changes nothing that was typed."""
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        options = {"required": False, "min_value": 0} | options
        super().__init__(label=label, widget=widget, max_digits=20, decimal_places=4, **options)

    def to_python(self, value: object) -> Any:
        """Refuse exponents and digits of other scripts; take 50,000 for 50000."""
        if isinstance(value, str) and value.strip():
            text = value.strip().replace(",", "")
            is_plain = text.isascii() and text.replace(".", "", 1).isdecimal()
            if not is_plain or len(text) > _LONGEST_NUMBER:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)


if TYPE_CHECKING:
    _ChoiceOfPeople = forms.ModelChoiceField[User]
else:
    _ChoiceOfPeople = forms.ModelChoiceField


class PersonField(_ChoiceOfPeople):
    """A person, by name and department."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Offer nobody until the form knows whom."""
        super().__init__(User.objects.none(), label=label, **options)

    def label_from_instance(self, person: User) -> str:
        """Return the name, and the department where there is one."""
        name = person.display_name()
        return f"{name} ({person.department})" if person.department else name
