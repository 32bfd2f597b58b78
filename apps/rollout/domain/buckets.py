"""Buckets: where a department stands in line for a flag.

A bucket is one of 10,000 places, a basis point each. A flag at 15 % is on for the places
0 to 1499. The place depends on nothing but the names, so it never moves: a department that
has the new flow keeps it while the percentage grows, and another flag has another line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.rollout.words import Reason

BUCKETS = 10_000
_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class FlagFacts:
    """A flag of an organization as processes keep it; `overrides` by department."""

    flag_id: int
    name: str
    version: int
    percent: Decimal
    is_killed: bool
    overrides: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a department gets, and why.

    `flag_id` and `flag_version` say which state of which flag decided; None and 0 where
    there is no flag.
    """

    is_on: bool
    bucket: int | None
    percent: Decimal
    reason: str
    flag_id: int | None = None
    flag_version: int = 0


def bucket_of(flag_name: str, department_id: int) -> int:
    """Return the place of a department in the line of a flag, 0 to 9,999."""
    digest = hashlib.sha256(f"{flag_name}:{department_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def is_within(bucket: int, percent: Decimal) -> bool:
    """Say whether a percentage, with at most two decimals, reaches a bucket."""
    return bucket < percent * _HUNDREDTHS


def decide(facts: FlagFacts, department_id: int) -> Choice:
    """Return what a department gets: stopped beats pinned, pinned beats the bucket."""
    bucket = bucket_of(facts.name, department_id)
    pinned = facts.overrides.get(department_id)
    if facts.is_killed:
        is_on, why = False, Reason.KILLED
    elif pinned is not None:
        is_on, why = pinned, Reason.OVERRIDE
    else:
        is_on, why = is_within(bucket, facts.percent), Reason.BUCKET
    return Choice(is_on, bucket, facts.percent, why, facts.flag_id, facts.version)
