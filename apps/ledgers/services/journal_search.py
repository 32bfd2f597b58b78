"""Searching the journal: what filters find, newest first or in another order, and its sums.

Everything that a filter asks of an entry alone stands in the index `entry_by_date`, which is
in the order of the list: a page reads it until it is full, and the table only for the rows
shown. What is asked of lines is found from the lines where there are few; where there are
many, entries are tried one after another, for the page is soon full.

The sums of a whole ledger or period come from its roll-ups. Other sums read everything that
was found: `is_quick` says whether a page may wait for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.utils.functional import cached_property

from apps.ledgers.access import entries_for
from apps.ledgers.models import (
    UNPOSTED_STATES,
    Account,
    DimensionSet,
    DimensionValue,
    JournalEntry,
    JournalLine,
    Period,
)
from apps.organizations.access import people_for

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

# A state of the filter that is three of an entry: whatever keeps a period open.
UNPOSTED = "unposted"
FEW_LINES = 1_000
FEW_ENTRIES = 20_000
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
_LOOKUPS = {
    "state": "state",
    "word": "word",
    "kind": "kind",
    "amount_from": "total__gte",
    "amount_to": "total__lte",
    "number": "number",
}
_OF_LINES = {"account", "dimension"}


@dataclass(frozen=True, slots=True)
class JournalTotals:
    """How many entries a filter finds and what they add up to, in base currency."""

    count: int
    total: Decimal


class JournalSearch:
    """The entries of a ledger that fit all filters given; the keys are those of the form."""

    def __init__(self, ledger: Ledger, user: User, given: Mapping[str, Any]) -> None:
        """Keep what is asked for; empty filters are left out."""
        self._ledger = ledger
        self._user = user
        self._given = given

    def entries(self) -> QuerySet[JournalEntry]:
        """Return the entries found, unsorted."""
        return self._found.all()

    def totals(self) -> JournalTotals:
        """Return count and sum of the whole result, exact however long it takes."""
        if self._given.keys() <= {"period", "state"} and not self._is_unposted:
            return self._totals_by_roll_ups()
        found = self.entries().select_related(None).aggregate(n=Count("id"), sum=Sum("total"))
        return JournalTotals(found["n"], found["sum"] or Decimal(0))

    def is_quick(self) -> bool:
        """Say whether the sums come from roll-ups or from few entries."""
        if self._given.keys() <= {"period", "state"}:
            return True
        if self._given.keys() & _OF_LINES:
            return self._entries_of_few_lines is not None
        some = JournalEntry.objects.filter(self._days(), ledger=self._ledger)
        return some[: FEW_ENTRIES + 1].count() <= FEW_ENTRIES

    @cached_property
    def _found(self) -> QuerySet[JournalEntry]:
        entries = entries_for(self._ledger).filter(self._days())
        for key, value in self._given.items():
            if key in _LOOKUPS and (key, value) != ("state", UNPOSTED):
                entries = entries.filter(**{_LOOKUPS[key]: value})
        if self._is_unposted:
            entries = entries.filter(state__in=UNPOSTED_STATES)
        if "period" in self._given:
            entries = entries.filter(period=self._given["period"])
        if "q" in self._given:
            entries = entries.filter(_text(self._given["q"]))
        if "maker" in self._given:
            entries = entries.filter(maker__in=self._people(self._given["maker"]))
        if self._given.keys() & _OF_LINES:
            entries = self._with_lines(entries)
        return entries

    @property
    def _is_unposted(self) -> bool:
        return self._given.get("state") == UNPOSTED

    def _with_lines(self, entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """Return entries with such a line, by the way that reads least."""
        few = self._entries_of_few_lines
        if few is not None:
            return entries.filter(pk__in=few)
        # The accounts as a list: they would be looked up again for every entry.
        lines = self._lines(list(self._accounts.values_list("pk", flat=True)))
        own = lines.filter(entry=OuterRef("pk"), entry_date=OuterRef("entry_date"))
        # A scalar subquery is asked entry by entry, never turned into a join of all lines.
        return entries.alias(fits=Subquery(own.values(one=Value(1))[:1])).filter(fits=1)

    @cached_property
    def _entries_of_few_lines(self) -> set[int] | None:
        """The entries of the lines that fit, None where there are many lines."""
        lines = self._lines(self._accounts.values("pk"))
        keys = list(lines.values_list("entry_id", flat=True)[: FEW_LINES + 1])
        return set(keys) if len(keys) <= FEW_LINES else None

    @property
    def _accounts(self) -> QuerySet[Account]:
        code = self._given.get("account", "")
        accounts = Account.objects.filter(chart=self._ledger.chart_id, code__startswith=code)
        return accounts.order_by()

    def _lines(self, accounts: Any) -> QuerySet[JournalLine]:
        """Return lines on the accounts and with the dimension, on the days asked for."""
        lines = JournalLine.objects.filter(self._days(), ledger=self._ledger).order_by()
        if "account" in self._given:
            lines = lines.filter(account__in=accounts)
        if "dimension" in self._given:
            lines = lines.filter(self._dimension(self._given["dimension"]))
        return lines

    def _days(self) -> Q:
        """Return the days that entries and lines may have."""
        first: date | None = self._given.get("date_from")
        last: date | None = self._given.get("date_to")
        period: Period | None = self._given.get("period")
        if period is not None:
            first = max(first or period.starts_on, period.starts_on)
            last = min(last or period.ends_on, period.ends_on)
        from_first = Q(entry_date__gte=first) if first else Q()
        return from_first & Q(entry_date__lte=last) if last else from_first

    def _people(self, text: str) -> QuerySet[User]:
        """Return the people whose name holds the text; “me” is the reader."""
        people: QuerySet[User] = people_for(self._user)
        if text.lower() == "me":
            return people.filter(pk=self._user.pk)
        fields = ("username", "first_name", "last_name", "name_zh")
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": text})
        return people.filter(found)

    def _dimension(self, code: str) -> Q:
        values = DimensionValue.objects.filter(
            organization=self._ledger.organization_id, code=code
        )
        # Overlap: an unknown code is an empty array, which every set would contain.
        ids = ArraySubquery(values.values("pk"))
        return Q(dimension_set__in=DimensionSet.objects.filter(value_ids__overlap=ids))

    def _totals_by_roll_ups(self) -> JournalTotals:
        period: Period | None = self._given.get("period")
        parameters = {
            "ledger": self._ledger.pk,
            "period": period.pk if period else None,
            "state": self._given.get("state"),
        }
        with connection.cursor() as cursor:
            cursor.execute(_QUICK_TOTALS, parameters)
            return JournalTotals(*cursor.fetchone())


def _text(text: str) -> Q:
    """Return what a search for a text means: part of the summary, a number, or a #draft."""
    whole = _WHOLE_NUMBER.match(text.strip())
    if whole:
        return Q(
            number=int(whole["number"]),
            period__fiscal_year=int(whole["year"]),
            period__number=int(whole["period"]),
        )
    found = Q(summary__holds=text)
    match = _LAST_NUMBER.match(text.strip())
    if match and match["key"]:
        return Q(pk=int(match["key"]))
    if match:
        found |= Q(number=int(match["number"]))
    return found
