"""Filters of reports, kept in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.forms.statement_form import StatementForm
from apps.ledgers.models import AccountClass, Ledger, Period
from apps.reports.domain.trial_balance import RowFilter

_LEVELS = (("", _("All levels")), ("1", _("Level 1")), ("2", _("Level 2")),
           ("3", _("Level 3")), ("4", _("Level 4")))  # fmt: skip


class TrialBalanceForm(StatementForm):
    """The scope of a trial balance, and which of its rows to show."""

    q = forms.CharField(label=_("Account code or name"), required=False, max_length=60)
    account_class = forms.ChoiceField(
        label=_("Class"),
        required=False,
        choices=[("", _("All classes")), *AccountClass.choices],
    )
    level = forms.ChoiceField(label=_("Level"), required=False, choices=_LEVELS)
    with_zero = forms.BooleanField(label=_("Show zero rows"), required=False)

    field_order = (
        "q", "first", "last", "account_class", "level", "dimension", "without_closing",
        "with_zero",
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any], *, ledger: Ledger, periods: Sequence[Period]
    ) -> None:
        """Offer the periods of the ledger."""
        super().__init__(data, ledger=ledger, periods=periods)
        self.fields["q"].widget = forms.TextInput({"type": "search"})

    def row_filter(self) -> RowFilter:
        """Return which rows a valid form shows."""
        return RowFilter(
            text=self.cleaned_data["q"].strip(),
            account_class=self.cleaned_data["account_class"],
            level=int(self.cleaned_data["level"] or 0),
            with_zero=self.cleaned_data["with_zero"],
        )
