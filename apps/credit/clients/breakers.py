"""Where breakers are kept: in Redis for all processes, in this process while Redis is away.

Both keep the rules of `domain/breaker.py`. Without Redis each process counts for itself: a
bureau that is down is asked a little more often, and never without bounds.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from apps.credit.domain.breaker import Breaker, Change, Phase, Refusal, Rules

log = structlog.get_logger(__name__)

SCRIPT = (Path(__file__).parent / "breaker.lua").read_text(encoding="utf-8")
REDIS_SECONDS = 0.25
_AWAY_SECONDS = 2
_MILLISECONDS = 1_000_000
_WORDS = {"open": Refusal.OPEN, "too_many_probes": Refusal.TOO_MANY_PROBES}
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A call that asked to go; `is_shared` tells which store it was that answered."""

    token: str
    generation: int
    refusal: Refusal | None
    change: Change | None
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a breaker shows: its phase, the window's counts, and what comes next.

    `wait_ms` is left until it is half open; `successes` are of the probes.
    """

    phase: Phase
    failures: int
    calls: int
    wait_ms: int = 0
    successes: int = 0
    is_shared: bool = True


@dataclass(slots=True)
class RedisStore:
    """Breakers in Redis, each in one hash that one script changes at once."""

    redis: Any
    prefix: str
    # None: the clock of Redis, which is the same for all processes.
    clock: Clock | None = None

    def admit(self, name: str, rules: Rules) -> Ticket:
        """Ask whether a call may go."""
        token = secrets.token_hex(8)
        word, generation, change = self._run(name, "admit", rules, token)
        return Ticket(token, generation, _WORDS.get(word), change, is_shared=True)

    def settle(
        self, name: str, ticket: Ticket, rules: Rules, *, is_good: bool
    ) -> Change | None:
        """Tell how a call ended."""
        parts = (ticket.token, ticket.generation, int(is_good))
        return self._run(name, "settle", rules, *parts)[2]

    def reset(self, name: str, rules: Rules) -> None:
        """Close and forget."""
        self._run(name, "reset", rules)

    def look(self, name: str, rules: Rules) -> Look:
        """Look without touching anything."""
        word, _, _, phase, failures, calls = self._call(name, "look", rules)
        number = int(word) if word.isdecimal() else 0
        is_open = phase == Phase.OPEN
        return Look(
            Phase(phase),
            failures,
            calls,
            wait_ms=number if is_open else 0,
            successes=0 if is_open else number,
        )

    def _run(
        self, name: str, verb: str, rules: Rules, *parts: object
    ) -> tuple[str, int, Change | None]:
        word, generation, before, after, failures, calls = self._call(name, verb, rules, *parts)
        change = Change(Phase(before), Phase(after), failures, calls) if before else None
        return word, generation, change

    def _call(
        self, name: str, verb: str, rules: Rules, *parts: object
    ) -> tuple[str, int, str, str, int, int]:
        arguments = [
            verb,
            self.clock() if self.clock else "",
            rules.most_failures,
            rules.most_failed_percent,
            rules.window_ms,
            rules.bucket_ms,
            rules.open_ms,
            rules.probes,
            rules.lease_ms,
            *parts,
        ]
        key = f"{self.prefix}:breaker:{name}"
        told: Any = self.redis.register_script(SCRIPT)(keys=[key], args=arguments)
        word, generation, before, after = (_text(part) for part in told[:4])
        return word, int(generation), before, after, int(told[4]), int(told[5])


@dataclass(slots=True)
class LocalStore:
    """Breakers of this process alone."""

    clock: Clock = lambda: time.time_ns() // _MILLISECONDS
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, name: str, rules: Rules) -> Ticket:
        """Ask whether a call may go."""
        token = secrets.token_hex(8)
        with self._lock:
            told = self._of(name).admit(token, self.clock(), rules)
        return Ticket(token, told.generation, told.refusal, told.change, is_shared=False)

    def settle(
        self, name: str, ticket: Ticket, rules: Rules, *, is_good: bool
    ) -> Change | None:
        """Tell how a call ended."""
        with self._lock:
            return self._of(name).settle(
                ticket.token, ticket.generation, is_good=is_good, now=self.clock(), rules=rules
            )

    def reset(self, name: str, _rules: Rules) -> None:
        """Close and forget."""
        with self._lock:
            self._of(name).reset(self.clock())

    def look(self, name: str, rules: Rules) -> Look:
        """Look without touching anything but what is too old."""
        with self._lock:
            breaker, now = self._of(name), self.clock()
            failures, calls = breaker.counts(now, rules)
            left = max(breaker.opened_at + rules.open_ms - now, 0)
            return Look(
                breaker.phase,
                failures,
                calls,
                wait_ms=left if breaker.phase == Phase.OPEN else 0,
                successes=breaker.successes,
                is_shared=False,
            )

    def _of(self, name: str) -> Breaker:
        return self._breakers.setdefault(name, Breaker())


@dataclass(slots=True)
class Breakers:
    """The shared store, and the local one for as long as the shared one does not answer."""

    shared: RedisStore
    local: LocalStore
    rules: Rules = field(default_factory=Rules)
    _away_until: Any = 0

    def admit(self, name: str) -> Ticket:
        """Ask whether a call may go."""
        ticket: Ticket = self._either(lambda store: store.admit(name, self.rules))
        return ticket

    def settle(self, name: str, ticket: Ticket, *, is_good: bool) -> Change | None:
        """Tell the store that let the call go how it ended."""
        if not ticket.is_shared:
            return self.local.settle(name, ticket, self.rules, is_good=is_good)
        try:
            return self.shared.settle(name, ticket, self.rules, is_good=is_good)
        except (RedisError, OSError) as error:
            self._is_away(error)
            return None

    def reset(self, name: str) -> bool:
        """Close and forget, here and for all; return whether all were reached."""
        self.local.reset(name, self.rules)
        return not self._either(lambda store: _reset(store, name, self.rules))

    def look(self, name: str) -> Look:
        """Look without touching anything."""
        look: Look = self._either(lambda store: store.look(name, self.rules))
        return look

    def _either(self, ask: Callable[[Any], Any]) -> Any:
        """Ask Redis; for two seconds after it failed, do not even try."""
        if time.monotonic() >= self._away_until:
            try:
                return ask(self.shared)
            except (RedisError, OSError) as error:
                self._is_away(error)
        return ask(self.local)

    def _is_away(self, error: Exception) -> None:
        self._away_until = time.monotonic() + _AWAY_SECONDS
        log.warning("breaker without redis", error=str(error))


@cache
def breakers() -> Breakers:
    """Return the breakers of this process."""
    rules = Rules(lease_ms=max(Rules().lease_ms, 2 * settings.CREDIT_DEADLINE_MS))
    return Breakers(RedisStore(quick_redis(), settings.REDIS_PREFIX), LocalStore(), rules)


@cache
def quick_redis() -> Redis:
    """Return a client that gives up soon: a check waits for its answer."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _reset(store: Any, name: str, rules: Rules) -> bool:
    """Reset in a store; return whether it was this process alone."""
    store.reset(name, rules)
    return isinstance(store, LocalStore)


def _text(part: object) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)
