"""What a check comes to: the bureau's score, an older one with its age, or nothing.

    live     the bureau answered just now
    cached   it did not; the last score of less than a day stands in, with its age
    none     it did not, and there is no such score

A person decides whenever the score is not good, whenever there is none, and whenever an older
one would stand in for an amount above the limit. Nothing here approves anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

OLDEST = timedelta(hours=24)


class Source(StrEnum):
    """Where a score comes from."""

    LIVE = "live"
    CACHED = "cached"
    NONE = "none"


class Outcome(StrEnum):
    """How the question to the bureau ended."""

    ANSWERED = "answered"
    NOT_CONFIGURED = "not_configured"
    FORCED_OPEN = "forced_open"
    BREAKER_OPEN = "breaker_open"
    TOO_MANY_PROBES = "too_many_probes"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    BUREAU_FAILED = "bureau_failed"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CreditResult:
    """What the approvals engine gets.

    `score` is None and `is_good` False where `source` is none; `age` is how old the score
    is, zero for a live one. `needs_person` tells that no rule may go on by itself.
    """

    score: int | None
    is_good: bool
    age: timedelta | None
    source: Source
    needs_person: bool = True
    outcome: Outcome = Outcome.ANSWERED
    check_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """From which score a counterparty is good, and up to which amount an older one serves.

    A currency without a limit has the limit zero.
    """

    good_score: int
    cached_limits: Mapping[str, Decimal]

    def judge(
        self, score: int | None, source: Source, amount: Decimal, currency: str
    ) -> tuple[bool, bool]:
        """Return whether the score is good, and whether a person has to decide."""
        is_good = score is not None and score >= self.good_score
        limit = self.cached_limits.get(currency, Decimal(0))
        is_certain = source == Source.LIVE or (source == Source.CACHED and abs(amount) <= limit)
        return is_good, not (is_good and is_certain)
