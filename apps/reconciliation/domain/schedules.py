"""When a channel is due: a rhythm of days and a time of the day, by the local clock.

A time that the clock skips in spring is due when the clock has moved; one that comes twice in
autumn is due the first time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

_FRIDAY = 4
# The longest way from one due day to the next, in days.
_HORIZON = 62


class Rhythm(StrEnum):
    """On which days a channel is due."""

    DAILY = "daily"
    WORKDAYS = "workdays"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Span(StrEnum):
    """Which days a scheduled run covers."""

    STATEMENT = "statement"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"


@dataclass(frozen=True, slots=True)
class Plan:
    """A rhythm and a time; `weekday` is 0 for Monday, a month shorter than `month_day` ends."""

    rhythm: Rhythm
    at: time
    weekday: int | None = None
    month_day: int | None = None

    def last_due(self, now: datetime) -> datetime | None:
        """Return the last time that was due, in the time zone of `now`."""
        days = (now.date() - timedelta(days=count) for count in range(_HORIZON))
        return next((due for due in self._times(days, now) if due <= now), None)

    def next_due(self, now: datetime) -> datetime | None:
        """Return the next time that will be due, in the time zone of `now`."""
        days = (now.date() + timedelta(days=count) for count in range(_HORIZON))
        return next((due for due in self._times(days, now) if due > now), None)

    def _times(self, days: Iterator[date], now: datetime) -> Iterator[datetime]:
        for day in days:
            if self._is_due_on(day):
                yield datetime.combine(day, self.at, tzinfo=now.tzinfo)

    def _is_due_on(self, day: date) -> bool:
        match self.rhythm:
            case Rhythm.WORKDAYS:
                return day.weekday() <= _FRIDAY
            case Rhythm.WEEKLY:
                return day.weekday() == self.weekday
            case Rhythm.MONTHLY:
                last = monthrange(day.year, day.month)[1]
                return day.day == min(self.month_day or 1, last)
        return True


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def days_of(span: Span, *, newest: date | None, today: date) -> tuple[date, date]:
    """Return the days that a run covers; `newest` is the last day that statements tell of.

    No run covers today or later: the day is not over.
    """
    yesterday = today - timedelta(days=1)
    if span == Span.LAST_MONTH:
        return month_of(today.replace(day=1) - timedelta(days=1))
    day = min(newest or yesterday, yesterday) if span == Span.STATEMENT else yesterday
    first, last = month_of(day)
    return first, min(last, yesterday)
