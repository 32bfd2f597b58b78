"""Times of the demo that lie in the past, as services write them by themselves."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime, tzinfo


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let what is done meanwhile have happened at another moment.

    The day stays that of the seed: people decide today, which PostgreSQL watches. The
    operation log tells when the demo was really made.
    """
    ask = timezone.localdate
    today = ask()

    def day(value: datetime | None = None, zone: tzinfo | None = None) -> date:
        return today if value is None else ask(value, zone)

    with (
        patch.object(timezone, "now", lambda: moment),
        patch.object(timezone, "localdate", day),
    ):
        yield


def on_one_day(earlier: datetime, later: datetime) -> tuple[datetime, datetime]:
    """Return two moments of the day of the later one, whenever the demo is made."""
    midnight = timezone.localtime(later).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(earlier, midnight), later
