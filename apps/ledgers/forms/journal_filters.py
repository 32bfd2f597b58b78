"""The filters of the journal, kept in the URL, and the sums of everything they find.

    q=rent&state=posted&period=17&account=6602&amount_from=100&sort=-total

Every key is optional. Sort keys are names of a closed list, never columns from the URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.money import parse_amount
from apps.ledgers.access import entries_for
from apps.ledgers.models import (
    DimensionSet,
    DimensionValue,
    EntryKind,
    EntryState,
    JournalEntry,
    JournalLine,
    Word,
)
from apps.organizations.access import people_for

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
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
# Posted entries by their counters and roll-ups, the others by a small partial index:
# the sums of a whole ledger or period without reading its entries.
_QUICK_TOTALS = """
SELECT (SELECT coalesce(sum(last_number), 0) FROM ledgers_entrycounter
        WHERE ledger_id = %(ledger)s AND period_id = coalesce(%(period)s, period_id)
          AND coalesce(%(state)s, 'posted') = 'posted')
     + count(u.id),
       (SELECT coalesce(sum(debit), 0) FROM ledgers_accounttotal
        WHERE ledger_id = %(ledger)s AND period_id = coalesce(%(period)s, period_id)
          AND coalesce(%(state)s, 'posted') = 'posted')
     + coalesce(sum(u.total), 0)
FROM ledgers_journalentry u
WHERE u.ledger_id = %(ledger)s AND u.state <> 'posted'
  AND u.period_id = coalesce(%(period)s, u.period_id)
  AND u.state = coalesce(%(state)s, u.state)
"""
_WHOLE_NUMBER = re.compile(
    r"^\D+-(?P<year>\d{4})-(?P<period>\d{2})-0*(?P<number>\d{1,9})$", re.ASCII
)
_LAST_NUMBER = re.compile(r"^(?:#(?P<key>\d{1,18})|(?:.*-)?0*(?P<number>\d{1,9}))$", re.ASCII)


@dataclass(frozen=True, slots=True)
class JournalTotals:
    """How many entries a filter finds and what they add up to, in base currency."""

    count: int
    total: Decimal


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
        self._choose("state", EntryState.choices)
        self._choose("word", Word.choices)
        self._choose("kind", EntryKind.choices)
        self._choose("period", [(p.pk, str(p)) for p in reversed(ledger.periods.all())])
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

    def entries(self) -> QuerySet[JournalEntry]:
        """Return the entries found, unsorted; none when a field cannot be read."""
        return self._found.all()

    @cached_property
    def _found(self) -> QuerySet[JournalEntry]:
        entries = entries_for(self.ledger)
        if not self.is_valid():
            return entries.none()
        given = {
            key: value for key, value in self.cleaned_data.items() if value not in {"", None}
        }
        for key, value in given.items():
            entries = self._narrowed(entries, key, value)
        return entries

    def ordering(self) -> tuple[str, ...]:
        """Return the order that was asked for, complete so that pages never overlap."""
        return SORTS[self.cleaned_data.get("sort") or DEFAULT_SORT]

    def totals(self) -> JournalTotals:
        """Return count and sum of the whole result, exact."""
        if not self.is_valid():
            return JournalTotals(0, Decimal(0))
        if not self.active() - {"period", "state"}:
            return self._quick_totals()
        found = self.entries().select_related(None).aggregate(n=Count("id"), sum=Sum("total"))
        return JournalTotals(found["n"], found["sum"] or Decimal(0))

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

    def _quick_totals(self) -> JournalTotals:
        period = self.cleaned_data.get("period") or None
        parameters = {
            "ledger": self.ledger.pk,
            "period": int(period) if period else None,
            "state": self.cleaned_data.get("state") or None,
        }
        with connection.cursor() as cursor:
            cursor.execute(_QUICK_TOTALS, parameters)
            return JournalTotals(*cursor.fetchone())

    def _narrowed(
        self, entries: QuerySet[JournalEntry], key: str, value: Any
    ) -> QuerySet[JournalEntry]:
        if key in _LOOKUPS:
            return entries.filter(**{_LOOKUPS[key]: value})
        if key == "q":
            return entries.filter(_text(value))
        if key == "maker":
            return entries.filter(maker__in=self._people(value))
        if key == "account":
            # As a list, so that the planner knows how many lines to expect.
            accounts = list(
                self.ledger.chart.accounts.filter(code__startswith=value).values_list(
                    "pk", flat=True
                )
            )
            return entries.filter(
                pk__in=self._lines().filter(account__in=accounts).values("entry")
            )
        if key == "dimension":
            return entries.filter(
                pk__in=self._lines().filter(self._dimension(value)).values("entry")
            )
        return entries

    def _people(self, text: str) -> QuerySet[User]:
        """Return the people whose name holds the text; “me” is the reader."""
        people: QuerySet[User] = people_for(self.user)
        if text.lower() == "me":
            return people.filter(pk=self.user.pk)
        fields = ("username", "first_name", "last_name", "name_zh")
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": text})
        return people.filter(found)

    def _lines(self) -> QuerySet[JournalLine]:
        """Return lines of the ledger, on the days that the entries may have."""
        lines = JournalLine.objects.filter(ledger=self.ledger).order_by()
        for key, lookup in (("date_from", "entry_date__gte"), ("date_to", "entry_date__lte")):
            day: date | None = self.cleaned_data.get(key)
            if day:
                lines = lines.filter(**{lookup: day})
        return lines

    def _dimension(self, code: str) -> Q:
        values = DimensionValue.objects.filter(
            organization=self.ledger.organization_id, code=code
        )
        # Overlap: an unknown code is an empty array, which every set would contain.
        ids = ArraySubquery(values.values("pk"))
        return Q(dimension_set__in=DimensionSet.objects.filter(value_ids__overlap=ids))


_LOOKUPS = {
    "state": "state",
    "word": "word",
    "kind": "kind",
    "period": "period_id",
    "date_from": "entry_date__gte",
    "date_to": "entry_date__lte",
    "amount_from": "total__gte",
    "amount_to": "total__lte",
    "number": "number",
}


def _text(text: str) -> Q:
    """Return what a search for a text means: part of the summary, a number, or a #draft."""
    whole = _WHOLE_NUMBER.match(text.strip())
    if whole:
        return Q(
            number=int(whole["number"]),
            period__fiscal_year=int(whole["year"]),
            period__number=int(whole["period"]),
        )
    found = Q(summary__icontains=text)
    match = _LAST_NUMBER.match(text.strip())
    if match and match["key"]:
        return Q(pk=int(match["key"]))
    if match:
        found |= Q(number=int(match["number"]))
    return found
