"""Numbers of checks and transitions in Redis, from which `metrics` tells Prometheus."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from redis.exceptions import RedisError

from apps.credit.clients.breakers import quick_redis

if TYPE_CHECKING:
    from apps.credit.models import CreditCheck


def count_check(check: CreditCheck) -> None:
    """Count a check that was stored."""
    _add({
        f"checks:{check.outcome}:{check.source}": 1,
        f"milliseconds:{check.source}": check.duration_ms,
    })  # fmt: skip


def count_transition(after: str) -> None:
    """Count a change of a breaker."""
    _add({f"transitions:{after}": 1})


def _key() -> str:
    return f"{settings.REDIS_PREFIX}:metrics:credit"


def _add(numbers: dict[str, int]) -> None:
    with suppress(RedisError, OSError):
        pipe = quick_redis().pipeline(transaction=False)
        for name, number in numbers.items():
            pipe.hincrby(_key(), name, number)
        pipe.execute()


def counts_so_far() -> dict[str, int]:
    """Return the numbers by name; none while Redis does not answer."""
    try:
        found = quick_redis().hgetall(_key())
    except (RedisError, OSError):
        return {}
    return {name.decode(): int(number) for name, number in found.items()}  # type: ignore[union-attr]
