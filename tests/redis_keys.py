"""The keys of one test process in a Redis that several of them share."""

from __future__ import annotations

from django.conf import settings
from redis import Redis


def forget_keys() -> None:
    """Delete this process's keys alone: to flush Redis would take other tests' keys away."""
    redis = Redis.from_url(settings.REDIS_URL)
    keys = list(redis.scan_iter(f"{settings.REDIS_PREFIX}:*"))
    if keys:
        redis.delete(*keys)
    redis.close()
