"""Forms of rollouts: they read what people typed; the rules stand in the domain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.rollout.domain.guardrail import Limits
from apps.rollout.domain.ramp import Step
from apps.rollout.words import OverrideMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.core.errors import FinanceError

MAX_VERSION = 2**31 - 1
_LONGEST_NUMBER = 12


class PlainDecimalField(forms.DecimalField):
    """A number in ASCII digits with a point; Python's decimals would take any script."""

    def __init__(self, label: Any, **options: Any) -> None:
        """Draw a text field, where the browser changes nothing that was typed."""
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, widget=widget, **options)

    def to_python(self, value: object) -> Any:
        """Refuse exponents, separators and digits of other scripts."""
        if isinstance(value, str) and value.strip():
            text = value.strip().removesuffix("%").strip()
            is_plain = text.isascii() and text.removeprefix("-").replace(".", "", 1).isdecimal()
            if not is_plain or len(text) > _LONGEST_NUMBER:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)

    def prepare_value(self, value: object) -> object:
        """Show a number without the zeros of its column; what was typed stays as it is."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def percent_field(label: Any, **options: Any) -> PlainDecimalField:
    """Return a field of per cent."""
    return PlainDecimalField(
        label, min_value=0, max_value=100, max_digits=5, decimal_places=2, **options
    )


class ReasonForm(forms.Form):
    """The version that was seen, and why it changes.

    `refusal` is the status of the answer that shows the form's errors.
    """

    refusal = 422

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MAX_VERSION)
    reason = forms.CharField(
        label=_("Reason (kept in the audit trail)"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )

    def take(self, error: FinanceError) -> None:
        """Show a refusal at its field, or at the head of the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class ShareForm(ReasonForm):
    """A new share of the departments."""

    field_order = ("version", "percent", "reason")
    percent = percent_field(_("Percent of the departments on v2"))


class PercentForm(forms.Form):
    """A share to rehearse."""

    percent = percent_field(_("Percent of the departments on v2"))


class PinForm(ReasonForm):
    """Which flow a department gets."""

    field_order = ("version", "mode", "reason")
    mode = forms.ChoiceField(
        label=_("Which flow it gets"), choices=OverrideMode, widget=forms.RadioSelect
    )


class LimitsForm(ReasonForm):
    """The guardrail."""

    field_order = ("version", "rejection", "reversal", "p90", "least", "reason")
    rejection = percent_field(
        _("Most rejections, in per cent"), required=False, help_text=_("Empty: not watched.")
    )
    reversal = percent_field(
        _("Most reversals after posting, in per cent"),
        required=False,
        help_text=_("Empty: not watched."),
    )
    p90 = PlainDecimalField(
        _("90 % decided within, in hours"),
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=2,
        help_text=_("Empty: not watched."),
    )
    least = forms.IntegerField(
        label=_("Decided requests before it judges"),
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def limits(self) -> Limits:
        """Return what was typed."""
        typed = self.cleaned_data
        return Limits(typed["rejection"], typed["reversal"], typed["p90"], typed["least"])


class RampForm(ReasonForm):
    """Steps as rows of a day and a share; empty rows are no steps."""

    def __init__(
        self, *args: Any, planned: Sequence[Step] = (), rows: int, **kwargs: Any
    ) -> None:
        """Offer rows, the first ones filled with what is planned."""
        super().__init__(*args, **kwargs)
        self.row_count = rows
        for number in range(rows):
            step = planned[number] if number < len(planned) else None
            self.fields[f"day_{number}"] = forms.DateField(
                label=_("From"),
                required=False,
                initial=step.starts_on if step else None,
                widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            )
            self.fields[f"percent_{number}"] = percent_field(
                _("Percent"), required=False, initial=step.percent if step else None
            )

    def rows(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        """Return the fields of each step, numbered from 1."""
        return [
            (number + 1, self[f"day_{number}"], self[f"percent_{number}"])
            for number in range(self.row_count)
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for what a row lacks."""
        typed = super().clean() or {}
        for number in range(self.row_count):
            names = (f"day_{number}", f"percent_{number}")
            missing = [name for name in names if typed.get(name) is None]
            if len(missing) == 1 and missing[0] not in self.errors:
                self.add_error(missing[0], _("A step has a day and a share."))
        return typed

    def steps(self) -> list[Step]:
        """Return what was typed, in the order of the rows."""
        typed = self.cleaned_data
        pairs: list[tuple[date | None, Decimal | None]] = [
            (typed[f"day_{number}"], typed[f"percent_{number}"])
            for number in range(self.row_count)
        ]
        return [Step(day, percent) for day, percent in pairs if day and percent is not None]
