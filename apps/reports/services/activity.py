"""What happened in the last thirty days, as cards of a dashboard: from the read model alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from apps.core.charts import sparkline
from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.reports.models import DailyFigure, Measure

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

DAYS = 30
_CURRENCIES_SHOWN = 2
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Card:
    """One figure with its thirty days as a small line; `notes` say the rest."""

    label: str
    count: int
    notes: tuple[str, ...]
    path: str


@dataclass(slots=True)
class _Sums:
    """The sums of one measure: by day, and count, amount and seconds by detail."""

    by_day: defaultdict[date, int]
    by_detail: defaultdict[str, tuple[int, Decimal, int]]

    def add(self, row: Mapping[str, Any]) -> None:
        self.by_day[row["day"]] += row["n"]
        count, amount, seconds = self.by_detail[row["detail"]]
        self.by_detail[row["detail"]] = (
            count + row["n"],
            amount + row["volume"],
            seconds + row["took"],
        )

    @property
    def count(self) -> int:
        return sum(self.by_day.values())

    @property
    def seconds(self) -> int:
        return sum(seconds for _count, _amount, seconds in self.by_detail.values())


def activity_of(ledgers: Sequence[Ledger], *, until: date) -> list[Card]:
    """Return the cards of some ledgers of one organization, none where nothing happened."""
    first = until - timedelta(days=DAYS - 1)
    sums = _read(ledgers, first, until)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    notes = {
        Measure.POSTED: _volumes,
        Measure.DECIDED: _decisions,
        Measure.REVERSED: _nothing,
        Measure.RECONCILED: _nothing,
        Measure.RATES: _nothing,
    }
    return [
        Card(
            str(measure.label).capitalize(),
            sums[measure].count,
            tuple(say(sums[measure])),
            sparkline([Decimal(sums[measure].by_day[day]) for day in days]),
        )
        for measure, say in notes.items()
        if measure in sums
    ]


def _read(ledgers: Sequence[Ledger], first: date, until: date) -> dict[str, _Sums]:
    organizations = {ledger.organization_id for ledger in ledgers}
    mine = Q(ledger__in=[ledger.pk for ledger in ledgers]) | Q(
        ledger=None, organization__in=organizations
    )
    everybody = Q(ledger=None, organization=None)
    rows = (
        DailyFigure.objects.filter(mine | everybody, day__gte=first, day__lte=until)
        .values("measure", "day", "detail")
        .annotate(n=Sum("count"), volume=Sum("amount"), took=Sum("seconds"))
    )
    sums: dict[str, _Sums] = {}
    for row in rows.order_by():
        empty = _Sums(defaultdict(int), defaultdict(lambda: (0, Decimal(0), 0)))
        sums.setdefault(row["measure"], empty).add(row)
    return sums


def _volumes(sums: _Sums) -> Iterable[str]:
    """Say what was posted in the currencies with the most entries."""
    ranked = sorted(sums.by_detail.items(), key=lambda item: (-item[1][0], item[0]))
    for code, (_count, amount, _seconds) in ranked[:_CURRENCIES_SHOWN]:
        yield f"{code} {format_amount(amount, minor_digits(code))}"


def _decisions(sums: _Sums) -> Iterable[str]:
    approved = sums.by_detail["approved"][0]
    yield _("%(percent)s %% approved") % {"percent": 100 * approved // sums.count}
    hours = Decimal(sums.seconds) / sums.count / _HOUR
    yield _("%(hours)s h on average") % {"hours": f"{hours:,.1f}"}


def _nothing(_sums: _Sums) -> Iterable[str]:
    return ()
