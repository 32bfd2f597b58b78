"""The queue of breaks: which ones, in which order, how old, and what is at risk.

Pages go on from the key of their last row, in the order of a day or an amount, so that the
thousandth page costs as much as the first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from apps.core.money import minor_digits
from apps.reconciliation.domain.ageing import BANDS, Band, band_of
from apps.reconciliation.models import Break
from apps.reconciliation.services.lines import Line, note_of, reference_of
from apps.reconciliation.services.row_parts import lines_and_parts
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet
    from django.http import QueryDict

    from apps.organizations.models import User
    from apps.reconciliation.models import RowPart

ROWS_PER_PAGE = 50
OPEN_STATES = "unresolved"
NOBODY, ME = "nobody", "me"
SORTS = {"day": "booked_on", "risk": "at_risk"}
_LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Row:
    """A break with what its own line says."""

    found: Break
    line: Line
    age: int
    part: RowPart | None = None

    @property
    def digits(self) -> int:
        """The decimals of the currency, which a script adds up in."""
        return minor_digits(self.found.currency)

    @property
    def url(self) -> str:
        """The page of the break."""
        return self.found.get_absolute_url()

    @property
    def reference(self) -> str:
        """What the line is called: its reference, or its text."""
        return reference_of(self.line)

    @property
    def note(self) -> str:
        """What else tells the row from others: which part, the counterparty, or the entry."""
        return note_of(self.line, self.part)


@dataclass(frozen=True, slots=True)
class Page:
    """A page by key; `after` and `before` go on from here, or are None at an end."""

    rows: list[Row]
    after: str | None
    before: str | None


@dataclass(slots=True)
class CurrencyAgeing:
    """How much of a currency is at risk, by band of age, and how many rows that is."""

    currency: str
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> Decimal:
        """What is at risk at any age."""
        return sum(self.amounts.values(), start=Decimal(0))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    def cells(self) -> list[tuple[Band, int, Decimal]]:
        """Return band, rows and amount in the order of the bands."""
        return [(band, self.counts[band.code], self.amounts[band.code]) for band in BANDS]


def filtered(rows: QuerySet[Break], chosen: Mapping[str, Any], user: User) -> QuerySet[Break]:
    """Narrow breaks by what a person chose; an empty value narrows nothing."""
    state = chosen.get("state") or OPEN_STATES
    rows = rows.exclude(state=BreakState.RESOLVED) if state == OPEN_STATES else (
        rows if state == "all" else rows.filter(state=state)
    )  # fmt: skip
    for name in ("channel", "category", "side"):
        if chosen.get(name):
            rows = rows.filter(**{name: chosen[name]})
    if chosen.get("above") is not None:
        rows = rows.filter(at_risk__gte=chosen["above"])
    return _of_owner(_of_band(rows, chosen.get("age") or ""), chosen.get("owner") or "", user)


def _of_owner(rows: QuerySet[Break], owner: str, user: User) -> QuerySet[Break]:
    if owner == NOBODY:
        return rows.filter(owner=None)
    if owner == ME:
        return rows.filter(owner=user)
    return rows.filter(owner=int(owner)) if owner else rows


def _of_band(rows: QuerySet[Break], code: str) -> QuerySet[Break]:
    band = next((band for band in BANDS if band.code == code), None)
    oldest, newest = band.days(timezone.localdate()) if band else (None, None)
    if oldest:
        rows = rows.filter(booked_on__gte=oldest)
    return rows.filter(booked_on__lte=newest) if newest else rows


def ageing(rows: QuerySet[Break]) -> list[CurrencyAgeing]:
    """Return what is at risk by currency and age, the most rows first."""
    today = timezone.localdate()
    found: dict[str, CurrencyAgeing] = {}
    days = rows.order_by().values("currency", "booked_on")
    for day in days.annotate(count=Count("pk"), sum=Sum("at_risk")):
        of_currency = found.setdefault(day["currency"], CurrencyAgeing(day["currency"]))
        code = band_of((today - day["booked_on"]).days).code
        of_currency.amounts[code] += day["sum"]
        of_currency.counts[code] += day["count"]
    return sorted(found.values(), key=lambda one: (-one.count, one.currency))


def page_of(rows: QuerySet[Break], sort: str, query: QueryDict) -> Page:
    """Return a page of breaks: `sort` is day, -day, risk or -risk, the oldest day first."""
    name, is_down = sort.removeprefix("-"), sort.startswith("-")
    column = SORTS.get(name, "booked_on")
    after, before = (_key(query.get(which), column) for which in ("after", "before"))
    is_back = after is None and before is not None
    key, is_down = before if is_back else after, is_down != is_back
    if key is not None:
        rows = rows.filter(_beyond(column, *key, is_down=is_down))
    order = [F(one).desc() if is_down else F(one).asc() for one in (column, "pk")]
    found = list(rows.order_by(*order)[: ROWS_PER_PAGE + 1])
    has_more, shown = len(found) > ROWS_PER_PAGE, found[:ROWS_PER_PAGE]
    if is_back:
        shown.reverse()
    if not shown:
        return Page([], None, None)
    return Page(
        rows_with_lines(shown),
        _text(shown[-1], column) if has_more or is_back else None,
        _text(shown[0], column) if after is not None or (is_back and has_more) else None,
    )


def _beyond(column: str, value: Any, pk: int, *, is_down: bool) -> Q:
    way = "lt" if is_down else "gt"
    return Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"pk__{way}": pk})


def _text(found: Break, column: str) -> str:
    return f"{getattr(found, column)}_{found.pk}"


def _key(text: str | None, column: str) -> tuple[Any, int] | None:
    """Read where to go on from; None for what is no key."""
    value, _sign, pk = (text or "").partition("_")
    if not (pk.isascii() and pk.isdecimal() and len(pk) <= _LONGEST_KEY):
        return None
    try:
        read = date.fromisoformat(value) if column == "booked_on" else Decimal(value)
    except (ValueError, InvalidOperation):
        return None
    if isinstance(read, Decimal) and not (read.is_finite() and abs(read) < Decimal(10) ** 16):
        return None
    return read, int(pk)


def rows_with_lines(found: Iterable[Break]) -> list[Row]:
    """Return breaks with their lines: few queries whatever their number."""
    found, today = list(found), timezone.localdate()
    keys = [(one.side, one.item_id) for one in found]
    lines, parts = lines_and_parts(keys)
    return [
        Row(one, lines.get(key), (today - one.booked_on).days, parts.get(key))
        for key, one in zip(keys, found, strict=True)
    ]
