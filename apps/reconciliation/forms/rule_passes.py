"""The passes of rules as rows of a form: added, moved, removed; shape only, no rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.money import minor_digits
from apps.reconciliation.domain.rules import (
    DEFAULT_PASSES,
    FIELDS,
    MOST_PASSES,
    SUGGESTIONS,
    Kind,
)
from apps.reconciliation.services.rule_words import PERCENT_DIGITS
from apps.reconciliation.services.run_words import KINDS

if TYPE_CHECKING:
    from django.http import QueryDict

_LONGEST_NUMBER = 24
_MINOR_OF_PERCENT = 100
# The field of the form for each one of the domain.
_SHOWN_AS = {"basis_points": "percent"}
_KEYS = (
    ("reference", gettext_lazy("by reference")),
    ("batch", gettext_lazy("by payout batch")),
)


class PlainDecimalField(forms.DecimalField):
    """A number in ASCII digits, with or without separators."""

    def __init__(self, **options: Any) -> None:
        """Draw a text field, where the browser changes nothing that was typed."""
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: object) -> Any:
        """Refuse exponents and digits of other scripts; take 50,000 for 50000."""
        if isinstance(value, str) and value.strip():
            text = value.strip().replace(",", "")
            is_plain = text.isascii() and text.replace(".", "", 1).isdecimal()
            if not is_plain or len(text) > _LONGEST_NUMBER:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)


class PassForm(forms.Form):
    """One pass: its kind, which stays, and only the fields that the kind has."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in Kind], widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Take the fields of the kind; amounts are of the currency."""
        super().__init__(*args, **options)
        self.currency, self.digits = currency, minor_digits(currency)
        written = str(self["kind"].value())
        self.pass_kind = Kind(written) if written in list(Kind) else None
        if self.pass_kind is None:
            return
        if self.pass_kind == Kind.GROUP:
            self.fields["key"] = forms.ChoiceField(
                label=_("What belongs together"), choices=_KEYS
            )
        for name, bounds in FIELDS[self.pass_kind].items():
            self.fields[_SHOWN_AS.get(name, name)] = self._field(name, *bounds)

    @property
    def label(self) -> str:
        """What the pass looks for."""
        return str(KINDS[self.pass_kind]) if self.pass_kind else ""

    @property
    def is_suggestion(self) -> bool:
        """Whether a person decides on what it finds."""
        return self.pass_kind in SUGGESTIONS

    @property
    def is_duplicate(self) -> bool:
        """Whether what it finds is a break."""
        return self.pass_kind == Kind.DUPLICATE

    @property
    def shown(self) -> list[Any]:
        """The fields that a person sees."""
        return self.visible_fields()

    def clean(self) -> dict[str, Any]:
        """See that amounts may differ by something."""
        typed = self.cleaned_data
        asked = {"absolute", "percent"} & set(self.fields)
        if len(asked) > 1 and not self.errors and all(typed[name] is None for name in asked):
            self.add_error("absolute", _("Write an amount, a percentage, or both."))
        return typed

    def step(self) -> dict[str, Any]:
        """Return the pass as the domain reads it: minor units and basis points."""
        typed = dict(self.cleaned_data)
        step: dict[str, Any] = {"kind": typed.pop("kind")}
        amount, percent = typed.pop("absolute", None), typed.pop("percent", None)
        if amount is not None:
            step["absolute"] = int(amount.scaleb(self.digits))
        if percent is not None:
            step["basis_points"] = int(percent * _MINOR_OF_PERCENT)
        return step | typed

    def _field(self, name: str, low: int, high: int) -> forms.Field:
        if name == "absolute":
            is_free = "basis_points" in FIELDS[self.pass_kind or Kind.EXACT]
            return PlainDecimalField(
                label=_("Difference up to, in %(currency)s") % {"currency": self.currency},
                min_value=0, max_value=Decimal(high).scaleb(-self.digits), max_digits=20,
                decimal_places=self.digits, required=not is_free,
            )  # fmt: skip
        if name == "basis_points":
            return PlainDecimalField(
                label=_("Difference up to, in percent"), min_value=0,
                max_value=Decimal(high).scaleb(-2), max_digits=6,
                decimal_places=PERCENT_DIGITS, required=False,
                help_text=_("Of both bounds the narrower one counts."),
            )  # fmt: skip
        labels = {
            "days": _("Days apart at most"),
            "most": _("Rows at most"),
            "shortest": _("Characters of a reference at least"),
            "score": _("Alike by at least, of 100"),
        }
        return forms.IntegerField(label=labels[name], min_value=low, max_value=high)


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[PassForm]
else:
    _Rows = forms.BaseFormSet


class _PassRows(_Rows):
    """Rows of which none may be left empty: who wants fewer removes one."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Ask every row for all that it needs."""
        return super().get_form_kwargs(index) | {"empty_permitted": False}


PassFormSet = forms.formset_factory(
    PassForm,
    _PassRows,
    extra=0,
    min_num=1,
    max_num=MOST_PASSES,
    absolute_max=MOST_PASSES,
    validate_min=True,
    validate_max=True,
)


def rows_of(passes: Iterable[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Return passes as the form shows them: amounts with decimals, percent."""
    digits, rows = minor_digits(currency), []
    for step in passes:
        row = dict(step)
        if row.get("absolute") is not None:
            row["absolute"] = f"{Decimal(row['absolute']).scaleb(-digits):f}"
        if (points := row.pop("basis_points", None)) is not None:
            row["percent"] = f"{Decimal(points).scaleb(-2):f}"
        if row["kind"] == Kind.GROUP:
            row.setdefault("absolute", f"{Decimal(0).scaleb(-digits):f}")
            row.setdefault("most", 200)
        rows.append(row)
    return rows


def changed_rows(
    post: QueryDict, change: str, currency: str
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows as typed, one more, one less or two changed over; nothing is checked.

    With them: the place of the row that was moved or added, or where one was removed.
    """
    typed = PassFormSet(post, form_kwargs={"currency": currency}).forms
    rows = [{name: form[name].value() for name in form.fields} for form in typed]
    verb, _dash, rest = change.partition("-")
    place = int(rest) if rest.isascii() and rest.isdecimal() and int(rest) < len(rows) else None
    if verb == "add":
        return _added(rows, str(post.get("new_kind")), currency)
    if place is None:
        return rows, 0
    if verb == "remove" and len(rows) > 1:
        del rows[place]
        return rows, min(place, len(rows) - 1)
    other = place + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        return rows, other
    return rows, place


def new_pass(kind: str) -> dict[str, Any]:
    """Return a pass of a kind with what it usually asks for."""
    usual = (step for step in DEFAULT_PASSES if step["kind"] == kind)
    return dict(next(usual))


def kinds_to_add() -> list[tuple[str, str, str]]:
    """Return the kinds as (value, label, heading): confirming ones first."""
    confirming, suggesting = _("They confirm by themselves"), _("They only suggest")
    return [
        (kind.value, str(label), suggesting if kind in SUGGESTIONS else confirming)
        for kind, label in ((Kind(name), label) for name, label in KINDS.items())
    ]


def _added(
    rows: list[dict[str, Any]], kind: str, currency: str
) -> tuple[list[dict[str, Any]], int]:
    """Add a pass of a kind: a confirming one before what only suggests."""
    if kind not in list(Kind) or len(rows) >= MOST_PASSES:
        return rows, len(rows) - 1
    firsts = [n for n, row in enumerate(rows) if row["kind"] in list(SUGGESTIONS)]
    place = len(rows) if kind in list(SUGGESTIONS) else min(firsts, default=len(rows))
    rows.insert(place, rows_of([new_pass(kind)], currency)[0])
    return rows, place
