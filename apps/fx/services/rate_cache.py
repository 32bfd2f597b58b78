"""The rates that this process found lately.

How stale an answer can be, at most:

    normally                    milliseconds: a NOTIFY arrives with the commit
    a notification got lost     5 s, when the listener asks for the version of all rates
    the listener is cut off     10 s, then every look-up asks the database
    whatever else goes wrong    5 minutes, the life of the whole store

The store is swapped, never emptied: a look-up that read the database before a change keeps
its answer in the store that was dropped, so an old rate cannot come back. Reads need no lock,
as a FIFO store does not change when it is read. What a transaction changed itself, or sees in
an older snapshot, is not kept.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from time import monotonic_ns
from typing import Generic, TypeVar

from cachetools import FIFOCache

from apps.core import notifications
from apps.core.notifications import hearing

TTL_SECONDS = 300
MOST_ENTRIES = 50_000
CHANNEL = "fx_rates"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CacheState:
    """What the page of rates says about the cache of the process that answers."""

    is_hearing: bool
    count: int
    most: int
    age_seconds: int


class _Store(FIFOCache[Hashable, Value]):
    """Answers until its time is over."""

    def __init__(self) -> None:
        super().__init__(MOST_ENTRIES)
        self.writing = threading.Lock()
        self.born_at_ns = monotonic_ns()
        self.lives_until_ns = self.born_at_ns + TTL_SECONDS * notifications.NANOSECONDS


class RateCache(Generic[Value]):
    """Finished answers by what was asked."""

    def __init__(self) -> None:
        """Begin empty."""
        self._store: _Store[Value] = _Store()

    def get(self, key: Hashable) -> Value | None:
        """Return what is known and still sure; None else."""
        store = self._store
        now_ns = monotonic_ns()
        if now_ns < store.lives_until_ns and now_ns < hearing.until_ns:
            try:
                return store[key]
            except KeyError:
                return None
        return None

    def begin(self) -> _Store[Value]:
        """Return where an answer that is looked up now may be kept; takes no time."""
        notifications.listen()
        if monotonic_ns() >= self._store.lives_until_ns:
            self.forget()
        return self._store

    def keep(self, store: _Store[Value], key: Hashable, value: Value) -> None:
        """Keep an answer in the store that `begin` gave before the database was asked."""
        with store.writing:
            store[key] = value

    def forget(self) -> None:
        """Drop everything, with the lock that another thread of a forked parent may hold."""
        self._store = _Store()

    def state(self) -> CacheState:
        """Return what people may want to know."""
        store = self._store
        age = (monotonic_ns() - store.born_at_ns) // notifications.NANOSECONDS
        return CacheState(notifications.is_hearing(), len(store), MOST_ENTRIES, age)
