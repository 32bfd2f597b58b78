"""Proving the books: what must hold of the data is looked for, and nothing is repaired.

Each check is one query over a single snapshot that returns the rows which break it; no
row is a proof. Apps above add checks of their own to `CHECKS` when they start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.core.files import digest_of
from apps.ledgers.services.verification_closing import CLOSING_QUERIES
from apps.ledgers.services.verification_events import (
    EVENT_QUERIES,
    badly_signed_events,
    missed_events,
)
from apps.ledgers.services.verification_policies import POLICY_QUERIES
from apps.ledgers.services.verification_sql import QUERIES

MAX_SHOWN = 20
Findings = list[str]


@dataclass(frozen=True, slots=True)
class Check:
    """A name, and how to find what breaks it; the function gets the ledger's key or None."""

    name: str
    find: Callable[[int | None], Findings]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found, and how long it took in milliseconds."""

    name: str
    count: int
    milliseconds: int
    findings: Findings = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


def verify_books(ledger_id: int | None = None) -> list[Outcome]:
    """Run every check over one snapshot of the database, read only."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Every check reads whole tables. Just after a large import there are no statistics
        # yet, and the planner would take nested loops that need minutes instead of seconds.
        cursor.execute("SET LOCAL enable_nestloop = off")
        return [_outcome_of(check, ledger_id) for check in CHECKS]


def verify_inside_a_transaction(ledger_id: int | None = None) -> list[Outcome]:
    """Run every check where a transaction is running already, which has its own snapshot."""
    return [_outcome_of(check, ledger_id) for check in CHECKS]


def _outcome_of(check: Check, ledger_id: int | None) -> Outcome:
    started = time.monotonic_ns()
    found = check.find(ledger_id)
    spent = (time.monotonic_ns() - started) // 1_000_000
    return Outcome(check.name, len(found), spent, found[:MAX_SHOWN])


def by_query(sql: str) -> Callable[[int | None], Findings]:
    """Return how to find the rows of a query, which gets `%(ledger)s`."""

    def find(ledger_id: int | None) -> Findings:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ledger": ledger_id})
            return [" ".join(str(value) for value in row) for row in cursor]

    return find


def _attachments_differ(ledger_id: int | None) -> Findings:
    """Compare each stored file with its digest; a file in chunks, whatever its size."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, a.file, a.sha256 FROM ledgers_attachment a"
            " JOIN ledgers_journalentry e ON e.id = a.entry_id"
            " WHERE coalesce(e.ledger_id = %(ledger)s, true) ORDER BY a.id",
            {"ledger": ledger_id},
        )
        rows = cursor.fetchall()
    return [
        f"attachment {pk}: the stored file is not the one of its digest"
        for pk, name, digest in rows
        if digest_of(Path(settings.MEDIA_ROOT) / name) != digest
    ]


_ALL_QUERIES = QUERIES | POLICY_QUERIES | CLOSING_QUERIES | EVENT_QUERIES
CHECKS: list[Check] = [
    *(Check(name, by_query(sql)) for name, sql in _ALL_QUERIES.items()),
    Check("attachments are the files of their digests", _attachments_differ),
    Check("events are signed by us", badly_signed_events),
    Check("a consumer had every event that it passed", missed_events),
]
