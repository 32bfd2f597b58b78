"""The policy of a day, from memory: what every process reads and none may change.

The versions of an organization are kept together in this process, and forgotten when one of
them changes anywhere. How old what is kept can be (`apps/core/notifications.py`):

    a notification arrives       milliseconds
    a notification got lost      5 s, when the listener asks for the version of all policies
    the listener is cut off      10 s, then every look-up asks the database
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.core import notifications
from apps.policies.domain.facts import DEFAULT_POLICY, PolicyContent, PolicyFacts
from apps.policies.models import FinancePolicy
from apps.policies.words import PolicyState

__all__ = ["PolicyContent", "PolicyFacts", "forget_policies", "policy_on", "policy_version"]

CHANNEL = "finance_policies"


@dataclass(frozen=True, slots=True)
class _Versions:
    """The versions of an organization: those in force by their first day, all by key."""

    begins: tuple[date, ...]
    in_force: tuple[PolicyFacts, ...]
    by_id: dict[int, PolicyFacts]


_kept: dict[int, _Versions] = {}


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
    # A new store instead of an emptied one: who is reading now writes into the old one.
    global _kept  # noqa: PLW0603  (one for each process)
    _kept = {}


notifications.subscribe(
    CHANNEL,
    forget_policies,
    version_sql="SELECT sum(version) FROM policies_financepolicy WHERE state <> 'proposed'",
)


def _versions_of(organization_id: int) -> _Versions:
    store = _kept
    kept = store.get(organization_id)
    if kept is not None and time.monotonic_ns() < notifications.hears_until_ns():
        return kept
    notifications.listen()
    read = _read(organization_id)
    # What this transaction has written may be rolled back: nobody else may see it here.
    if not _has_written():
        store[organization_id] = read
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
    )


def _has_written() -> bool:
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])
