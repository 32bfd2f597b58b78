"""The rules of the circuit breaker, as one process alone would keep them.

    closed ──more than 3 failures and more than 60 % in 30 s──→ open
    open ──30 s later, by the first call──→ half open
    half open ──5 successes──→ closed        half open ──1 failure──→ open

The semantics are those of sony/gobreaker: a failure is what opens it, half open admits five
calls in all, and a result that belongs to an earlier phase counts for nothing. Times are
whole milliseconds. `clients/breaker.lua` is the same in Redis; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PERCENT = 100


class Phase(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Refusal(StrEnum):
    """Why a call was not let through."""

    OPEN = "open"
    TOO_MANY_PROBES = "too_many_probes"


@dataclass(frozen=True, slots=True)
class Rules:
    """When a breaker opens and closes.

    `lease_ms` is how long a probe may take: one whose process died frees its place then.
    """

    most_failures: int = 3
    most_failed_percent: int = 60
    window_ms: int = 30_000
    bucket_ms: int = 1_000
    open_ms: int = 30_000
    probes: int = 5
    lease_ms: int = 10_000

    def opens(self, failures: int, calls: int) -> bool:
        """Tell whether so many failures among so many calls are too many."""
        too_often = failures * PERCENT > self.most_failed_percent * calls
        return failures > self.most_failures and too_often


@dataclass(frozen=True, slots=True)
class Change:
    """A breaker went from one phase to another; the counts are those of that moment."""

    before: Phase
    after: Phase
    failures: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may go, in which generation, and what changed by asking."""

    refusal: Refusal | None
    generation: int
    change: Change | None = None


@dataclass(slots=True)
class Breaker:
    """The state of one breaker.

    `buckets` holds (failures, calls) by number of bucket; `leases` the probes that are out,
    by token, with the moment at which each is given up.
    """

    phase: Phase = Phase.CLOSED
    generation: int = 0
    opened_at: int = 0
    successes: int = 0
    buckets: dict[int, tuple[int, int]] = field(default_factory=dict)
    leases: dict[str, int] = field(default_factory=dict)

    def admit(self, token: str, now: int, rules: Rules) -> Admission:
        """Ask whether the call `token` may go."""
        change = None
        if self.phase == Phase.OPEN and now >= self.opened_at + rules.open_ms:
            change = self._go(Phase.HALF_OPEN, now)
        if self.phase == Phase.OPEN:
            return Admission(Refusal.OPEN, self.generation)
        if self.phase == Phase.HALF_OPEN:
            self.leases = {t: until for t, until in self.leases.items() if until > now}
            if self.successes + len(self.leases) >= rules.probes:
                return Admission(Refusal.TOO_MANY_PROBES, self.generation, change)
            self.leases[token] = now + rules.lease_ms
        return Admission(None, self.generation, change)

    def settle(
        self, token: str, generation: int, *, is_good: bool, now: int, rules: Rules
    ) -> Change | None:
        """Tell how a call that was let through ended; return the change it made, if any."""
        if generation != self.generation:
            return None
        if self.phase == Phase.HALF_OPEN:
            return self._settle_probe(token, is_good=is_good, now=now, rules=rules)
        number = now // rules.bucket_ms
        failures, calls = self.buckets.get(number, (0, 0))
        self.buckets[number] = (failures + (not is_good), calls + 1)
        failures, calls = self.counts(now, rules)
        if not is_good and rules.opens(failures, calls):
            return self._go(Phase.OPEN, now, failures, calls)
        return None

    def counts(self, now: int, rules: Rules) -> tuple[int, int]:
        """Return failures and calls in the window that ends now; older ones are forgotten."""
        oldest = now // rules.bucket_ms - rules.window_ms // rules.bucket_ms
        self.buckets = {n: pair for n, pair in self.buckets.items() if n > oldest}
        pairs = self.buckets.values()
        return sum(failed for failed, _ in pairs), sum(calls for _, calls in pairs)

    def reset(self, now: int) -> None:
        """Close and forget; results that are still out count for nothing."""
        self._go(Phase.CLOSED, now)

    def _settle_probe(
        self, token: str, *, is_good: bool, now: int, rules: Rules
    ) -> Change | None:
        if self.leases.pop(token, None) is None:
            return None
        if not is_good:
            return self._go(Phase.OPEN, now, 1, self.successes + 1)
        self.successes += 1
        if self.successes >= rules.probes:
            return self._go(Phase.CLOSED, now, 0, self.successes)
        return None

    def _go(self, phase: Phase, now: int, failures: int = 0, calls: int = 0) -> Change:
        change = Change(self.phase, phase, failures, calls)
        self.phase = phase
        # The clock makes it another one than before also after the state was lost.
        self.generation = max(now, self.generation + 1)
        self.opened_at = now if phase == Phase.OPEN else 0
        self.successes = 0
        self.buckets, self.leases = {}, {}
        return change
