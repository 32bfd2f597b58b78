"""The parts that a row is split into, as rows of a form; what is left empty is no part."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.errors import InvalidAmount
from apps.core.money import minor_digits, parse_amount
from apps.reconciliation.domain.splitting import FEWEST_PARTS, MOST_PARTS, remainder

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.reconciliation.models import Break

_LONGEST_AMOUNT = 40


class PartForm(forms.Form):
    """One part: its amount in the currency of the row, and a note."""

    amount = forms.CharField(
        label=_("Amount"),
        max_length=_LONGEST_AMOUNT,
        widget=forms.TextInput(
            {"inputmode": "decimal", "autocomplete": "off", "class": "fm-num"}
        ),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Read amounts in a currency."""
        super().__init__(*args, **options)
        self.currency = currency

    def clean_amount(self) -> Decimal:
        """Return the amount exactly.

        Raises:
            ValidationError: it is none of the currency.
        """
        try:
            return parse_amount(self.cleaned_data["amount"], self.currency)
        except InvalidAmount as error:
            raise ValidationError(str(error)) from error

    @property
    def amount_now(self) -> Decimal:
        """What is typed, or nothing where that is no amount."""
        try:
            return parse_amount(str(self["amount"].value() or "0"), self.currency)
        except InvalidAmount:
            return Decimal(0)


if TYPE_CHECKING:
    Parts = forms.BaseFormSet[PartForm]
else:
    Parts = forms.BaseFormSet


class _PartRows(Parts):
    """Rows of which any may be left empty; the first two are asked for."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Mark the amounts that a split cannot do without."""
        super().add_fields(form, index)
        form.fields["amount"].required = (index or 0) < FEWEST_PARTS

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Ask a row for nothing while nothing is written in it."""
        return super().get_form_kwargs(index) | {"empty_permitted": True}


PartFormSet = forms.formset_factory(
    PartForm,
    _PartRows,
    extra=0,
    max_num=MOST_PARTS,
    absolute_max=MOST_PARTS,
    validate_max=True,
)


def empty_parts(found: Break, count: int = 3) -> Parts:
    """Return rows to be filled."""
    return _rows([{} for _place in range(count)], found)


def typed_parts(post: QueryDict, found: Break) -> Parts:
    """Return the rows as they were sent."""
    return PartFormSet(post, form_kwargs={"currency": found.currency})


def changed_parts(typed: Parts, act: str, found: Break) -> Parts:
    """Return rows as typed with one more, or with what is left in one; nothing is checked."""
    rows = [{name: form[name].value() for name in form.fields} for form in typed.forms]
    verb, _dash, place = act.partition("-")
    if verb == "more" and len(rows) < MOST_PARTS:
        rows.append({})
    is_place = place.isascii() and place.isdecimal() and int(place) < len(rows)
    if verb == "rest" and is_place:
        others = [one.amount_now for n, one in enumerate(typed.forms) if n != int(place)]
        rest = remainder(found.amount, others)
        rows[int(place)]["amount"] = f"{rest:.{minor_digits(found.currency)}f}"
    return _rows(rows, found)


def written(typed: Parts) -> list[PartForm]:
    """Return the rows that something is written in."""
    return [form for form in typed.forms if form.has_changed()]


def left_of(typed: Parts, found: Break) -> Decimal:
    """Return what the typed amounts leave of the row."""
    return remainder(found.amount, [form.amount_now for form in typed.forms])


def _rows(rows: list[dict[str, Any]], found: Break) -> Parts:
    return PartFormSet(initial=rows, form_kwargs={"currency": found.currency})
