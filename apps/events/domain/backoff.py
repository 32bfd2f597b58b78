"""When a delivery that failed is tried again, and when not any more."""

from __future__ import annotations

from datetime import timedelta

MOST_ATTEMPTS = 10
_LONGEST = timedelta(minutes=5)


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failures, None when it was the last one.

    One second, then twice as long each time, at most five minutes: ten attempts in about
    twelve minutes.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(timedelta(seconds=2 ** (attempts - 1)), _LONGEST)
