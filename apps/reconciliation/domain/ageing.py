"""How old breaks are, in days since the day of their own row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Band:
    """Ages from `first` to `last` days, both included; without a `last`, all that are older."""

    code: str
    first: int
    last: int | None

    def days(self, today: date) -> tuple[date | None, date | None]:
        """Return the oldest and the newest day of the band; None is without bound."""
        oldest = None if self.last is None else today - timedelta(self.last)
        newest = None if self.first == 0 else today - timedelta(self.first)
        return oldest, newest


# As nostro departments count: T+1 is timing, beyond 90 days a candidate to write off.
BANDS = (
    Band("0-1", 0, 1),
    Band("2-5", 2, 5),
    Band("6-30", 6, 30),
    Band("31-60", 31, 60),
    Band("61-90", 61, 90),
    Band("91+", 91, None),
)


def band_of(age: int) -> Band:
    """Return the band of an age in days; what is dated ahead counts as new."""
    return next(band for band in BANDS if band.last is None or age <= band.last)
