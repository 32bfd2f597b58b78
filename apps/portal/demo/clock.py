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
