"""The posting path: every change of a balance goes through here, for one entry or many.

All Python work is done before the first statement; the rest is one call of a function in
the database (migrations/sql/posting.sql), which is one short transaction by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from apps.core.errors import StaleVersion
from apps.core.operation import operation_context
from apps.events.services.ringing import ring
from apps.ledgers.database_errors import retrying
from apps.ledgers.domain.checks import balance_problems
from apps.ledgers.domain.entries import LineInput, NewEntry
from apps.ledgers.errors import KeyWasUsed, MakerIsChecker
from apps.ledgers.services.statistics import count_what_looks_empty

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User

_POST_ONE = "SELECT ledgers_post_one(%s, %s, %s)"
_POST_NEW = "SELECT ledgers_post_new(%s, %s, %s)"
_POST_APPROVED = """
SELECT entry_id, entry_number FROM ledgers_post_approved(%s::bigint[], %s::int[], %s, %s)
"""


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """What posting gave: the row, its number, and whether it had been posted before."""

    entry_id: int
    number: int
    is_replay: bool


def post_entries(
    entries: Sequence[NewEntry], *, actor: User, base_currency: str, reason: str = ""
) -> list[PostedEntry]:
    """Make and post entries of a system, all or none, each once for its key.

    The result is in the order of `entries`. A key that was posted before with the same
    content gives the entry of then, marked as a replay.

    Raises:
        UnbalancedEntry, TooFewLines: debits and credits differ; nothing was posted.
        MakerIsChecker: an entry names one person for both.
        KeyWasUsed: a key came with another content, now or before.
        FinanceError: the database refused a line, a period or a balance.
    """
    _check_new_entries(entries, base_currency)
    context = operation_context("journal_entry.post", actor=actor, reason=reason)
    statement, given = _call_for(entries)
    parameters: list[Any] = [actor.pk, context, given]

    def post() -> list[PostedEntry]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            (facts,) = cursor.fetchone()
        triples = zip(facts[::3], facts[1::3], facts[2::3], strict=True)
        return [PostedEntry(key, number, bool(replay)) for key, number, replay in triples]

    posted = retrying(post)
    transaction.on_commit(ring)
    count_what_looks_empty(len(posted))
    return posted


def post_journal_entries(
    entries: Sequence[JournalEntry], *, actor: User, versions: Sequence[int] | None = None
) -> dict[int, int]:
    """Post approved entries, all or none; return the number of each by its key.

    `versions` are those that the actor saw; the entries' own unless given.

    Raises:
        IllegalStep: an entry is not approved.
        StaleVersion: an entry changed after it was seen.
        FinanceError: the database refused a line, a period or a balance.
    """
    seen = [entry.version for entry in entries] if versions is None else list(versions)
    ids = [entry.pk for entry in entries]
    context = operation_context("journal_entry.post", actor=actor)

    def post() -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(_POST_APPROVED, [ids, seen, actor.pk, context])
            return dict(cursor.fetchall())

    posted = retrying(post)
    transaction.on_commit(ring)
    count_what_looks_empty(len(posted))
    return posted


def post_journal_entry(entry: JournalEntry, *, version: int, actor: User) -> JournalEntry:
    """Post one approved entry at the version the actor saw, and return it with its number.

    Raises:
        IllegalStep, StaleVersion, FinanceError: see `post_journal_entries`.
    """
    if version != entry.version:
        raise StaleVersion(what=entry._meta.verbose_name)
    post_journal_entries([entry], actor=actor, versions=[version])
    entry.refresh_from_db()
    return entry


def _check_new_entries(entries: Sequence[NewEntry], base_currency: str) -> None:
    keys: set[tuple[int, str]] = set()
    for entry in entries:
        problems = balance_problems(entry.content, base_currency)
        if problems:
            raise problems[0]
        if entry.maker_id == entry.checker_id:
            raise MakerIsChecker
        if (entry.ledger_id, entry.key) in keys:
            raise KeyWasUsed(key=entry.key)
        keys.add((entry.ledger_id, entry.key))


def _call_for(entries: Sequence[NewEntry]) -> tuple[str, str]:
    """Return the statement and the JSON it reads; amounts as text, which keeps them exact.

    Many come in the order of ledgers and keys, in which they are written; each with its place
    in `entries`.
    """
    if len(entries) == 1:
        return _POST_ONE, json.dumps(_entry_as_json(1, entries[0]))
    ordered = sorted(
        enumerate(entries, start=1), key=lambda pair: (pair[1].ledger_id, pair[1].key)
    )
    return _POST_NEW, json.dumps([_entry_as_json(place, entry) for place, entry in ordered])


def _entry_as_json(place: int, entry: NewEntry) -> dict[str, Any]:
    content = entry.content
    return {
        "place": place,
        "ledger_id": entry.ledger_id,
        "key": entry.key,
        "payload_hash": entry.payload_hash,
        "word": content.word,
        "entry_date": content.entry_date.isoformat(),
        "kind": content.kind,
        "source": entry.source,
        "summary": content.summary,
        "total": str(content.total()),
        "maker_id": entry.maker_id,
        "checker_id": entry.checker_id,
        "lines": [
            _line_as_json(position, line)
            for position, line in enumerate(content.lines, start=1)
        ],
    }


def _line_as_json(position: int, line: LineInput) -> dict[str, Any]:
    facts = {
        "position": position,
        "account_id": line.account_id,
        "dimension_set_id": line.dimension_set_id,
        "side": line.side,
        "currency": line.currency,
        "amount": str(line.amount),
        "rate": str(line.rate),
        "base_amount": str(line.base_amount),
        "summary": line.summary,
    }
    if line.rate_per == 1 and not line.rate_type and line.rate_on is None:
        return facts  # as most lines: they stay short
    return facts | _rate_facts(line)


def _rate_facts(line: LineInput) -> dict[str, Any]:
    """Return what a foreign line says of its rate."""
    facts: dict[str, Any] = {}
    if line.rate_per != 1:
        facts["rate_per"] = line.rate_per
    if line.rate_type:
        facts |= {"rate_type": line.rate_type, "rate_source": line.rate_source}
        facts |= {"rate_ids": list(line.rate_ids) or None}
    if line.rate_on is not None:
        facts["rate_on"] = line.rate_on.isoformat()
    return facts
