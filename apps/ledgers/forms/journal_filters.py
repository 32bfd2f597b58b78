"""The filters of the journal, kept in the URL, and the sums of everything they find.

    q=rent&state=posted&period=17&account=6602&amount_from=100&sort=-total

Every key is optional. Sort keys are names of a closed list, never columns from the URL.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.money import parse_amount
from apps.ledgers.models import EntryKind, EntryState, JournalEntry, Word
from apps.ledgers.services.journal_search import UNPOSTED, JournalSearch, JournalTotals

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.ledgers.models import Ledger, Period
    from apps.organizations.models import User

SORTS: dict[str, tuple[str, ...]] = {
    "entry_date": ("entry_date", "id"),
    "-entry_date": ("-entry_date", "-id"),
    "number": ("period_id", "word", "number", "id"),
    "-number": ("-period_id", "-word", "-number", "-id"),
    "total": ("total", "id"),
    "-total": ("-total", "-id"),
    "summary": ("summary", "id"),
    "-summary": ("-summary", "-id"),
}
DEFAULT_SORT = "-entry_date"
MAIN_FILTERS = ("q", "state", "period", "account")


class JournalFilters(forms.Form):
    """A bound form over the query string; unreadable fields show an error and find nothing."""

    q = forms.CharField(label=_("Find"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    period = forms.ChoiceField(label=_("Period"), required=False)
    account = forms.CharField(label=_("Account code"), required=False, max_length=20)
    word = forms.ChoiceField(label=_("Type"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    maker = forms.CharField(label=_("Made by"), required=False, max_length=80)
    dimension = forms.CharField(label=_("Dimension code"), required=False, max_length=30)
    date_from = forms.DateField(label=_("From"), required=False)
    date_to = forms.DateField(label=_("Until"), required=False)
    amount_from = forms.CharField(label=_("Total from"), required=False, max_length=24)
    amount_to = forms.CharField(label=_("Total up to"), required=False, max_length=24)
    number = forms.IntegerField(
        label=_("Number"), required=False, min_value=1, max_value=999_999_999
    )
    sort = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, ledger: Ledger, user: User) -> None:
        """Bind the query string; choices are those of the ledger and its organization."""
        super().__init__(data, auto_id="filter-%s")
        self.ledger = ledger
        self.user = user
        self._choose("state", [*EntryState.choices, (UNPOSTED, _("not posted yet"))])
        self._choose("word", Word.choices)
        self._choose("kind", EntryKind.choices)
        self._periods = {str(period.pk): period for period in ledger.periods.all()}
        self._choose("period", [(key, str(p)) for key, p in reversed(self._periods.items())])
        self._choose("sort", [(key, key) for key in SORTS])
        for name in ("date_from", "date_to"):
            self.fields[name].widget = forms.DateInput(
                format="%Y-%m-%d", attrs={"type": "date"}
            )

    def clean_amount_from(self) -> Decimal | None:
        """Read the lower end of the total."""
        return self._amount("amount_from")

    def clean_amount_to(self) -> Decimal | None:
        """Read the upper end of the total."""
        return self._amount("amount_to")

    def clean_period(self) -> Period | None:
        """Return the period of the key that was chosen."""
        return self._periods.get(self.cleaned_data["period"])

    def entries(self) -> QuerySet[JournalEntry]:
        """Return the entries found, unsorted; none when a field cannot be read."""
        return self._search.entries() if self.is_valid() else JournalEntry.objects.none()

    def ordering(self) -> tuple[str, ...]:
        """Return the order that was asked for, complete so that pages never overlap."""
        return SORTS[self.cleaned_data.get("sort") or DEFAULT_SORT]

    def totals(self) -> JournalTotals:
        """Return count and sum of the whole result, exact."""
        return self._search.totals() if self.is_valid() else JournalTotals(0, Decimal(0))

    def is_quick(self) -> bool:
        """Say whether a page may wait for the sums."""
        return not self.is_valid() or self._search.is_quick()

    @cached_property
    def _search(self) -> JournalSearch:
        given = {name: self.cleaned_data[name] for name in self.active()}
        return JournalSearch(self.ledger, self.user, given)

    def active(self) -> set[str]:
        """Return the names of the filters in use."""
        values = self.cleaned_data.items()
        return {key for key, value in values if value not in {"", None}} - {"sort"}

    def more_is_used(self) -> bool:
        """Say whether a filter beside the main ones is in use or in error."""
        return bool((self.active() | set(self.errors)) - set(MAIN_FILTERS))

    def main_fields(self) -> list[forms.BoundField]:
        """Return the filters that are always shown."""
        return [self[name] for name in MAIN_FILTERS]

    def more_fields(self) -> list[forms.BoundField]:
        """Return the filters behind “more”."""
        return [field for field in self.visible_fields() if field.name not in MAIN_FILTERS]

    def _choose(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        field.choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    def _amount(self, name: str) -> Decimal | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        try:
            return parse_amount(text, self.ledger.base_currency_id)
        except FinanceError as error:
            raise forms.ValidationError(str(error)) from error
