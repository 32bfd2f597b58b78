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


class IncomeStatementForm(StatementForm):
    """The scope of an income statement, and what it is compared with."""

    compare = forms.ChoiceField(
        label=_("Compared with"),
        required=False,
        choices=[("", _("the periods before")), ("year", _("the same periods last year"))],
    )
    with_accounts = forms.BooleanField(label=_("Show accounts"), required=False)

    field_order = ("first", "last", "compare", "dimension", "with_accounts")

    def __init__(
        self, data: Mapping[str, Any], *, ledger: Ledger, periods: Sequence[Period]
    ) -> None:
        """Leave out what an income statement never counts."""
        super().__init__(data, ledger=ledger, periods=periods)
        self.fields["without_closing"].widget = forms.HiddenInput()

    def by_year(self) -> bool:
        """Say whether a valid form compares with the year before."""
        return bool(self.cleaned_data["compare"] == "year")


class BalanceSheetForm(StatementForm):
    """The day of a balance sheet, the end of a period, and how deep its rows go."""

    level = forms.ChoiceField(label=_("Level"), required=False, choices=_LEVELS[1:])

    field_order = ("last", "level", "dimension")

    def __init__(
        self, data: Mapping[str, Any], *, ledger: Ledger, periods: Sequence[Period]
    ) -> None:
        """Take the end of a range alone."""
        last = {"first": data["last"]} if data.get("last") else {}
        super().__init__({**data, **last}, ledger=ledger, periods=periods)
        for name in ("first", "without_closing"):
            self.fields[name].widget = forms.HiddenInput()
        self.fields["last"].label = _("At the end of")

    def depth(self) -> int:
        """Return how many levels of accounts to show; one unless asked for more."""
        return int(self.cleaned_data["level"] or 1)
