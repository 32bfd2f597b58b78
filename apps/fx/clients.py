"""The address at which rates are published, fetched within bounds of time and size."""

from __future__ import annotations

import time

import httpx

from apps.fx.errors import CannotFetch, RatesTooLarge

MEGABYTE = 1024 * 1024
NANOSECONDS = 1_000_000_000
TOTAL_SECONDS = 30
_READ_SECONDS = 5
_MOST_REDIRECTS = 3


def fetch_published(url: str, *, limit: int, total_seconds: int = TOTAL_SECONDS) -> bytes:
    """Return what the address holds now, at most `limit` bytes.

    httpx counts its timeout anew for every read, so a server that trickles would hold the
    worker for ever: the deadline is looked at between reads, and is overrun by one at most.

    Raises:
        CannotFetch: no answer in time, or one that is not 200.
        RatesTooLarge: it is larger.
    """
    deadline_ns = time.monotonic_ns() + total_seconds * NANOSECONDS
    try:
        with (
            httpx.Client(
                timeout=_READ_SECONDS, follow_redirects=True, max_redirects=_MOST_REDIRECTS
            ) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            return _body(answer, limit, deadline_ns)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotFetch(reason=type(error).__name__) from error


def _body(answer: httpx.Response, limit: int, deadline_ns: int) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > limit:
            raise RatesTooLarge(limit=limit // MEGABYTE)
        if time.monotonic_ns() > deadline_ns:
            raise CannotFetch(reason="deadline")
    return bytes(body)
