"""The months that the demo covers, and the days on which people work."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

MONTHS = 12
_FRIDAY = 4
_HOLIDAYS = {(1, 1), (5, 1), (10, 1)}


@dataclass(frozen=True, slots=True)
class Month:
    """A month, known up to `until`: its last day, or today in the current month.

    `age` counts from 0, the first month of the demo.
    """

    first: date
    last: date
    until: date
    age: int

    @property
    def is_complete(self) -> bool:
        """Whether the month is over."""
        return self.until == self.last

    @property
    def is_quarter_end(self) -> bool:
        """Whether a calendar quarter ends with it."""
        return self.first.month % 3 == 0

    @property
    def is_year_end(self) -> bool:
        """Whether the year ends with it."""
        return self.first.month == MONTHS

    @property
    def label(self) -> str:
        """The month as people write it: 2026-11."""
        return f"{self.first:%Y-%m}"

    def workdays(self) -> list[date]:
        """Return the days on which people worked so far."""
        span = (self.until - self.first).days + 1
        days = [self.first + timedelta(days=offset) for offset in range(span)]
        return [day for day in days if is_workday(day)]

    def share(self, count: int) -> int:
        """Return what part of a month's `count` falls on the days so far."""
        whole = replace(self, until=self.last)
        return count * len(self.workdays()) // len(whole.workdays())

    def on(self, day: int) -> date | None:
        """Return the workday on or after a day of the month, None if it is still to come."""
        wanted = next_workday(self.first.replace(day=day))
        return wanted if wanted <= self.until else None

    def pick(self, rng: random.Random) -> date | None:
        """Return one of the workdays so far, None if there was none."""
        days = self.workdays()
        return rng.choice(days) if days else None


def is_workday(day: date) -> bool:
    """Say whether people work on a day."""
    return day.weekday() <= _FRIDAY and (day.month, day.day) not in _HOLIDAYS


def last_day(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def months_until(today: date) -> list[Month]:
    """Return the twelve months that end with today's, oldest first."""
    months = []
    for age in range(MONTHS):
        index = today.year * 12 + today.month - MONTHS + age
        year, month = index // 12, index % 12 + 1
        last = last_day(year, month)
        months.append(Month(date(year, month, 1), last, min(last, today), age))
    return months


def next_workday(day: date) -> date:
    """Return the day, or the first workday after it."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day
