"""HTTP with one deadline for the whole call, however slowly the other side trickles.

httpx counts its timeout anew for every read, so a server that sends a byte now and then holds
a caller for as long as it likes, already in the head of its answer. Here every read, write and
connect gets what is left of the deadline, and nothing more. Looking a name up is the
operating system's, with its own limit.

    with deadline(2.0):
        client.post(url, json=…)      # client = httpx.Client(transport=DeadlineTransport())
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_ends_at: ContextVar[Any] = ContextVar("deadline", default=None)
_LEAST_SECONDS = 0.001
MOST_CONNECTIONS = 20


@contextmanager
def deadline(seconds: Any) -> Iterator[None]:
    """Let every step of HTTP in the block end in time; the earlier of two deadlines counts."""
    ends_at, outer = time.monotonic() + seconds, _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(outer, ends_at))
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> Any:
    """Return what is left of the deadline, None without one.

    Raises:
        httpx.TimeoutException: nothing is left.
    """
    ends_at = _ends_at.get()
    if ends_at is None:
        return None
    left = ends_at - time.monotonic()
    if left < _LEAST_SECONDS:
        raise httpx.ReadTimeout("the deadline of the call has passed")
    return left


def _clamped(timeout: Any) -> Any:
    left = seconds_left()
    known = [seconds for seconds in (timeout, left) if seconds is not None]
    return min(known, default=None)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is bounded by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: Any = None) -> bytes:
        return self._inner.read(max_bytes, _clamped(timeout))

    def write(self, buffer: bytes, timeout: Any = None) -> None:
        self._inner.write(buffer, _clamped(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: Any = None,
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, _clamped(timeout))
        return _Stream(secured)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens such connections."""

    def __init__(self) -> None:
        """Connect as httpcore does."""
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Any = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection whose every step is bounded by the deadline."""
        stream = self._inner.connect_tcp(
            host, port, _clamped(timeout), local_address, socket_options
        )
        return _Stream(stream)


class DeadlineTransport(httpx.HTTPTransport):
    """The transport of httpx over a pool whose connections know the deadline."""

    def __init__(self, backend: httpcore.NetworkBackend | None = None) -> None:
        """Verify certificates as httpx does, and keep a bounded number of connections."""
        super().__init__()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_CONNECTIONS,
            keepalive_expiry=5.0,
            network_backend=backend or DeadlineBackend(),
        )
