"""What `verify_books` proves of statements: rows that a query returns break it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apps.core.files import digest_of
from apps.ledgers.services.verification import CHECKS, Check, by_query
from apps.statements.models import StatedBalance, StatementFile
from apps.statements.services.reading import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_LEDGER = "coalesce(c.ledger_id = %(ledger)s, true)"
_IMPORTED = f"""statements_statementfile f JOIN statements_channel c ON c.id = f.channel_id
  AND {_OF_LEDGER} AND f.state = 'imported'"""

STATEMENT_QUERIES = {
    "statements have the lines and sums that they count": f"""
        SELECT 'statement', f.id, 'has', coalesce(l.count, 0), 'of', f.new_count
        FROM {_IMPORTED} LEFT JOIN (
          SELECT statement_id, count(*), sum(amount) AS total FROM statements_statementline
          GROUP BY 1) l ON l.statement_id = f.id
        LEFT JOIN (
          SELECT statement_id, sum(line_count) AS count, sum(total) AS total
          FROM statements_statementpart GROUP BY 1) p ON p.statement_id = f.id
        WHERE (coalesce(l.count, 0), coalesce(l.total, 0), p.count, p.total) IS DISTINCT FROM
            (f.new_count, f.new_total, f.line_count, f.total)
          OR f.new_count = f.line_count AND f.new_total <> f.total
          OR f.new_count > f.line_count""",
    "opening balance and lines are the closing balance": f"""
        SELECT 'statement', f.id, 'part', p.position
        FROM {_IMPORTED} JOIN statements_statementpart p ON p.statement_id = f.id
        WHERE p.opening_balance + p.total <> p.closing_balance
          OR (p.opening_balance IS NULL) <> (p.closing_balance IS NULL)""",
    "fingerprints are made of their lines": f"""
        SELECT 'line', l.id, 'of statement', f.id
        FROM {_IMPORTED} JOIN statements_statementline l ON l.statement_id = f.id
        WHERE l.channel_id <> f.channel_id OR l.currency_id <> f.currency_id
          OR l.fingerprint <> statements_fingerprint(f.external_account, l.booked_on, l.amount,
            l.currency_id, l.reference, l.text)""",
    "equal lines of a channel are numbered from one": f"""
        SELECT 'channel', c.id, l.fingerprint, 'has', count(*)
        FROM statements_statementline l JOIN statements_channel c ON c.id = l.channel_id
        WHERE {_OF_LEDGER} AND (c.id, l.fingerprint) IN (
          SELECT channel_id, fingerprint FROM statements_statementline WHERE occurrence > 1)
        GROUP BY c.id, l.fingerprint
        HAVING min(l.occurrence) <> 1 OR max(l.occurrence) <> count(DISTINCT l.occurrence)
          OR count(*) <> count(DISTINCT l.occurrence)""",
    "versions of stated balances have no gap": f"""
        SELECT 'channel', c.id, s.at_on, 'has', count(*)
        FROM statements_statedbalance s JOIN statements_channel c ON c.id = s.channel_id
        WHERE {_OF_LEDGER} GROUP BY c.id, s.at_on HAVING max(s.version) <> count(*)""",
}  # fmt: skip


def changed_bytes(ledger_id: int | None) -> list[str]:
    """Return the imported statements whose kept bytes are not those of their hash."""
    files = StatementFile.objects.filter(state=StatementFile.State.IMPORTED).order_by("pk")
    if ledger_id is not None:
        files = files.filter(channel__ledger=ledger_id)
    return list(_changed(files.iterator(chunk_size=100)))


def changed_evidence(ledger_id: int | None) -> list[str]:
    """Return the stated balances whose kept evidence is not that of its hash."""
    rows = StatedBalance.objects.exclude(sha256="").order_by("pk")
    if ledger_id is not None:
        rows = rows.filter(channel__ledger=ledger_id)
    found = ((one, digest_of(Path(one.file.path))) for one in rows.iterator(chunk_size=100))
    return [
        f"stated balance {one.pk}: {digest[:12]} is not {one.sha256[:12]}"
        for one, digest in found
        if digest != one.sha256
    ]


def register_checks() -> None:
    """Let `verify_books` prove statements too."""
    CHECKS.extend(Check(name, by_query(sql)) for name, sql in STATEMENT_QUERIES.items())
    CHECKS.append(Check("kept statements are the bytes of their hash", changed_bytes))
    CHECKS.append(Check("evidence of balances is the bytes of its hash", changed_evidence))


def _changed(files: Iterator[StatementFile]) -> Iterator[str]:
    for statement in files:
        try:
            found = hash_of(statement)
        except (OSError, ValueError):
            found = "missing"
        if found != statement.sha256:
            yield f"statement {statement.pk}: {found[:12]} is not {statement.sha256[:12]}"
