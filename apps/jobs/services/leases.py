"""Claims of workers on rows that stand for long work.

A claim is a lease with an attempt number. Between steps a worker renews the lease; while it
writes, it holds the row itself, which ends when its connection does. A late worker finds
another attempt number and stops without having changed anything.

Any table can be claimed that has `state`, `attempt`, `lease_until` and `version`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.cache import cache
from django.db.models import F, Model, Q
from django.utils import timezone
from redis.exceptions import RedisError

from apps.core.operation import operation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.core.errors import FinanceError
    from apps.organizations.models import User

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
_PROGRESS_SECONDS = 900
Row = TypeVar("Row", bound=Model)


class ClaimLost(Exception):
    """Another worker has taken over, or somebody ended the work."""


@dataclass(frozen=True, slots=True)
class Leases(Generic[Row]):
    """How the rows of one table are claimed.

    `name` begins the names of operations; `running` are the states in which a worker works;
    `worker_of` says in whose name; `claimed` is what a claim writes beside the lease.
    """

    model: type[Row]
    name: str
    running: Sequence[str]
    worker_of: Callable[[Row], User]
    related: tuple[str, ...] = ()
    claimed: Callable[[], dict[str, Any]] = field(default=dict)

    def claim(self, pk: int) -> Row | None:
        """Take a row for one lease, unless a living worker has it."""
        rows = self.model._default_manager.select_related(*self.related)
        waiting = rows.filter(pk=pk, state__in=self.running).filter(_is_free())
        found = waiting.first()
        if found is None:
            return None
        with operation(f"{self.name}.claim", actor=self.worker_of(found)):
            row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return None
            changes = self.claimed() | {"lease_until": timezone.now() + LEASE}
            rows.filter(pk=pk).update(attempt=F("attempt") + 1, **changes)
            row.refresh_from_db(fields=["attempt", *changes])
        return row

    def gave_up(self, row: Row) -> bool:
        """Say whether workers have begun the row too often."""
        return bool(row.attempt > MAX_ATTEMPTS)  # type: ignore[attr-defined]  # any such table

    def unfinished(self) -> list[int]:
        """Return the rows whose worker shows no life."""
        rows = self.model._default_manager.filter(state__in=self.running).filter(_is_free())
        return list(rows.values_list("pk", flat=True))

    def free(self, **which: Any) -> QuerySet[Row]:
        """Return those rows, in whatever state, that no living worker has claimed."""
        return self.model._default_manager.filter(_is_free(), **which)

    def is_settled(self, pk: int) -> bool:
        """Say whether nothing is left to do for a row."""
        rows = self.model._default_manager.filter(pk=pk, state__in=self.running)
        return not rows.exists()

    def hold(self, row: Row) -> None:
        """Lock the row for the transaction, if the claim still stands.

        Raises:
            ClaimLost: another worker has taken over.
        """
        if self._mine(row).select_for_update(no_key=True).first() is None:
            raise ClaimLost

    def renew(self, row: Row, **changes: Any) -> None:
        """Prolong the lease.

        Raises:
            ClaimLost: another worker has taken over.
        """
        until = timezone.now() + LEASE
        with operation(f"{self.name}.lease", actor=self.worker_of(row)):
            if not self._mine(row).update(lease_until=until, **changes):
                raise ClaimLost

    def prolong(self, row: Row) -> None:
        """Prolong the lease from beside the worker, in whatever of its states; never wait."""
        rows = self.model._default_manager.filter(
            pk=row.pk,
            state__in=self.running,
            attempt=row.attempt,  # type: ignore[attr-defined]  # any such table
        )
        with operation(f"{self.name}.lease", actor=self.worker_of(row)):
            free = rows.select_for_update(skip_locked=True, no_key=True)
            if free.values_list("pk", flat=True).first() is not None:
                rows.update(lease_until=timezone.now() + LEASE)

    def finish(self, row: Row, **changes: Any) -> None:
        """Move on from the claimed step.

        Raises:
            ClaimLost: another worker has taken over.
        """
        with operation(f"{self.name}.finish", actor=self.worker_of(row)):
            moved = self._mine(row).update(
                lease_until=None, version=F("version") + 1, **changes
            )
            if not moved:
                raise ClaimLost
        with suppress(RedisError):
            cache.delete(self._key(row))

    def tell(self, row: Row, count: int) -> None:
        """Show progress to other processes while nothing is committed."""
        with suppress(RedisError):
            cache.set(self._key(row), count, _PROGRESS_SECONDS)

    def progress_of(self, row: Row) -> int:
        """Return how much is done, as far as anybody knows."""
        with suppress(RedisError):
            return int(cache.get(self._key(row)) or 0)
        return 0

    def _mine(self, row: Row) -> QuerySet[Row]:
        facts = {"attempt": row.attempt, "state": row.state}  # type: ignore[attr-defined]
        return self.model._default_manager.filter(pk=row.pk, **facts)

    def _key(self, row: Row) -> str:
        return f"{self.name}:{row.pk}"


def failure_of(error: FinanceError) -> str:
    """Return an error as the JSON by which each reader gets it in the own language."""
    values = {name: str(value) for name, value in error.values.items()}
    return json.dumps({"code": error.code, "values": values, "text": str(error)})


def _is_free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())
