"""Whether what the system stands on answers: database, Redis, a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_PING_SECONDS = 1
_REMEMBERED_SECONDS = 3
_WORKER_KEY = "health:worker"


@dataclass(frozen=True)
class Health:
    """What answers; a silent worker delays jobs, but pages work without one."""

    database: bool
    redis: bool
    worker: bool

    @property
    def status(self) -> Literal["ok", "degraded", "down"]:
        """Say it in one word; only "down" means that no page can be served."""
        if not (self.database and self.redis):
            return "down"
        return "ok" if self.worker else "degraded"


def check_health() -> Health:
    """Ask each part once; the worker's answer is remembered for three seconds."""
    redis = _redis_answers()
    return Health(_database_answers(), redis, redis and _worker_answers())


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.warning("health: database does not answer", exc_info=True)
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get(_WORKER_KEY)
    except (RedisError, OSError):
        log.warning("health: redis does not answer", exc_info=True)
        return False
    return True


def _worker_answers() -> bool:
    known = cache.get(_WORKER_KEY)
    if known is None:
        known = _ping()
        cache.set(_WORKER_KEY, known, _REMEMBERED_SECONDS)
    return bool(known)


def _ping() -> bool:
    try:
        return bool(current_app.control.ping(timeout=_PING_SECONDS, limit=1))
    except (OperationalError, RedisError, OSError):
        log.warning("health: broker does not answer", exc_info=True)
        return False
