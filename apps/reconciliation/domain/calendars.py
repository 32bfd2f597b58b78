"""Days as numbers, so that "within three business days" is a difference of two numbers."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

_SATURDAY = 5
_MONDAY = date(1969, 12, 29).toordinal()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts all days, or only those on which banks work; holidays are sorted."""

    is_business: bool = False
    holidays: tuple[date, ...] = ()

    def ordinal(self, on: date) -> int:
        """Return the number of a day; a Saturday has the number of the day before it."""
        if not self.is_business:
            return on.toordinal()
        weeks, weekday = divmod(on.toordinal() - _MONDAY, 7)
        return weeks * 5 + min(weekday, 4) - bisect_right(self.holidays, on)

    def __post_init__(self) -> None:
        """Keep only holidays that would have been business days, in order."""
        kept = sorted({day for day in self.holidays if day.weekday() < _SATURDAY})
        object.__setattr__(self, "holidays", tuple(kept))
