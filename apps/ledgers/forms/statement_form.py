"""Filters of a statement, kept in the URL: periods, dimension value, closing entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models import DimensionValue, Ledger, Period
from apps.ledgers.services.statement_scope import StatementScope, default_period


class StatementForm(forms.Form):
    """A range of periods of one ledger, and what narrows it."""

    first = forms.ChoiceField(label=_("From period"), required=False)
    last = forms.ChoiceField(label=_("To period"), required=False)
    dimension = forms.CharField(label=_("Dimension value"), required=False, max_length=30)
    without_closing = forms.BooleanField(label=_("Without closing entries"), required=False)

    def __init__(
        self, data: Mapping[str, Any], *, ledger: Ledger, periods: Sequence[Period]
    ) -> None:
        """Offer the periods of the ledger; show the current one where none is chosen."""
        self.ledger = ledger
        self.periods = {str(period): period for period in periods}
        current = str(default_period(periods) or "")
        given = {name: value for name, value in data.items() if value}
        given.setdefault("last", given.get("first", current))
        given.setdefault("first", given["last"])
        super().__init__(given)
        for name in ("first", "last"):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [(name, name) for name in reversed(self.periods)]

    def clean_dimension(self) -> DimensionValue | None:
        """Return the value of the code that was typed."""
        code = self.cleaned_data["dimension"].strip()
        if not code:
            return None
        values = DimensionValue.objects.filter(organization_id=self.ledger.organization_id)
        found = values.select_related("type").filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("No dimension value has this code."))
        return found

    def clean(self) -> dict[str, Any]:
        """Check that there is a range, which does not end before it begins."""
        values = super().clean() or {}
        if not self.periods:
            raise forms.ValidationError(_("This ledger has no periods yet."))
        first, last = self._period("first"), self._period("last")
        if first and last and _place(last) < _place(first):
            self.add_error("last", _("The range ends before it begins."))
        return values

    def scope(self) -> StatementScope:
        """Return what a valid form chose."""
        return StatementScope(
            ledger=self.ledger,
            first=self.periods[self.cleaned_data["first"]],
            last=self.periods[self.cleaned_data["last"]],
            dimension=self.cleaned_data["dimension"],
            with_closing=not self.cleaned_data["without_closing"],
        )

    def scope_query(self) -> str:
        """Return the query string by which another statement shows the same scope."""
        names = ("first", "last", "dimension", "without_closing")
        return "?" + urlencode({name: self.data[name] for name in names if name in self.data})

    def _period(self, name: str) -> Period | None:
        return self.periods.get(self.cleaned_data.get(name, ""))


def _place(period: Period) -> tuple[int, int]:
    return period.fiscal_year, period.number
