"""The policy of a day, from memory: what every process reads and none may change.

The versions of an organization are kept together in this process. They are forgotten when
a version changes anywhere (PostgreSQL tells every process) and read again at the latest
after `LONGEST_STALENESS_SECONDS`, also when nothing was told.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.policies.domain.facts import DEFAULT_POLICY, PolicyContent, PolicyFacts
from apps.policies.models import FinancePolicy
from apps.policies.words import PolicyState

__all__ = ["PolicyContent", "PolicyFacts", "forget_policies", "policy_on", "policy_version"]

LONGEST_STALENESS_SECONDS = 30
_LONGEST_STALENESS_NS = LONGEST_STALENESS_SECONDS * 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Versions:
    """The versions of an organization: those in force by their first day, all by key."""

    begins: tuple[date, ...]
    in_force: tuple[PolicyFacts, ...]
    by_id: dict[int, PolicyFacts]
    read_at_ns: int


_lock = threading.Lock()
_kept: dict[int, _Versions] = {}
_generation = 0


def policy_on(organization_id: int, day: date) -> PolicyFacts:
    """Return the policy in force on a day; the built-in defaults where none is confirmed."""
    versions = _versions_of(organization_id)
    place = bisect_right(versions.begins, day)
    return versions.in_force[place - 1] if place else DEFAULT_POLICY


def policy_version(organization_id: int, version_id: int | None) -> PolicyFacts:
    """Return the version that a document remembers; the built-in defaults for None.

    Raises:
        KeyError: the organization never confirmed such a version.
    """
    return (
        DEFAULT_POLICY
        if version_id is None
        else _versions_of(organization_id).by_id[version_id]
    )


def forget_policies() -> None:
    """Let the next read of this process ask the database again."""
    global _generation  # noqa: PLW0603  (one for the process, guarded by the lock)
    with _lock:
        _generation += 1
        _kept.clear()


def _versions_of(organization_id: int) -> _Versions:
    kept = _kept.get(organization_id)
    if kept is not None and time.monotonic_ns() - kept.read_at_ns < _LONGEST_STALENESS_NS:
        return kept
    generation = _generation
    read = _read(organization_id)
    # What this transaction has written may be rolled back: nobody else may see it here.
    if not _has_written():
        with _lock:
            # Told of a change while reading: what was read may be older than that.
            if generation == _generation:
                _kept[organization_id] = read
    return read


def _read(organization_id: int) -> _Versions:
    rows = FinancePolicy.objects.filter(organization=organization_id).confirmed_once()
    policies = list(rows.order_by("effective_from"))
    in_force = [row.facts() for row in policies if row.state == PolicyState.CONFIRMED]
    return _Versions(
        begins=tuple(
            row.effective_from for row in policies if row.state == PolicyState.CONFIRMED
        ),
        in_force=tuple(in_force),
        by_id={row.pk: row.facts() for row in policies},
        read_at_ns=time.monotonic_ns(),
    )


def _has_written() -> bool:
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])
