"""After a run, live matching begins anew with what the run left open."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from apps.core.money import minor_digits
from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.domain.references import reference_in
from apps.reconciliation.models import LiveItem
from apps.reconciliation.services.live import (
    LiveRow,
    hold_channel,
    keep_rows,
    live_key,
    match_references,
)
from apps.reconciliation.services.loading import reference_of_books
from apps.reconciliation.services.row_parts import has_splits
from apps.reconciliation.services.rules import rules_of

if TYPE_CHECKING:
    from apps.reconciliation.domain.rules import Rules
    from apps.reconciliation.models import ReconciliationRun

_CHUNK = 5_000
# That no exact pair is wanted is said twice: an index has the others alone.
_OPEN = {
    Side.BOOK: """
SELECT m.item_id, {reference}, m.currency, m.amount, l.entry_date
FROM reconciliation_matcheditem m {part} JOIN ledgers_journalline l ON l.id = {line}
JOIN ledgers_journalentry e ON e.id = l.entry_id
WHERE m.channel_id = %s AND m.side = 'book' AND m.bucket <> ALL (%s)
  AND m.bucket <> 'exact'
""",
    Side.STATEMENT: """
SELECT m.item_id, coalesce(nullif(l.reference, ''), l.text), m.currency, m.amount, l.booked_on
FROM reconciliation_matcheditem m {part} JOIN statements_statementline l ON l.id = {line}
WHERE m.channel_id = %s AND m.side = 'statement' AND m.bucket <> ALL (%s)
  AND m.bucket <> 'exact'
""",
}
# Lines, and the lines of parts: apart, so that the many are joined by their own keys.
_LINES = {"part": "", "line": "m.item_id"}
_PARTS = {
    "part": "JOIN reconciliation_rowpart p ON p.side = m.side AND p.item_id = m.item_id",
    "line": "p.line_id",
}


def begin_anew(run: ReconciliationRun) -> None:
    """Let go of what the run has seen, keep what it left open, and match what came since."""
    channel, rules = run.channel, rules_of(run.rule_version)
    hold_channel(channel.pk)
    live = LiveItem.objects.filter(channel=channel.pk)
    live.filter(happened_at__lte=run.marked_at).delete()
    came_since = set(live.values_list("reference", flat=True))
    rows = _open_rows(run, rules)
    while chunk := list(islice(rows, _CHUNK)):
        keep_rows(channel.pk, rules, chunk)
    match_references(channel.pk, rules, came_since)


def _open_rows(run: ReconciliationRun, rules: Rules) -> Iterator[LiveRow]:
    now = run.marked_at or timezone.now()
    for side in Side:
        for pk, text, currency, amount, on in _read(run, rules, side):
            reference = reference_in(text, rules.prefixes)
            minor = int(amount.scaleb(minor_digits(currency)))
            key = live_key(run.channel, side, pk)
            yield LiveRow(side, key, reference, currency, minor, on, now)


def _read(run: ReconciliationRun, rules: Rules, side: Side) -> Iterator[Any]:
    reference = reference_of_books(rules)
    for joined in (_LINES, _PARTS) if has_splits(run.channel_id) else (_LINES,):
        sql = _OPEN[side].format(reference=reference, **joined)
        with connection.cursor() as cursor:
            cursor.execute(sql, [run.channel_id, sorted(MATCHED)])
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows
