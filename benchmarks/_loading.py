"""Loading rows without indexes and triggers, in one transaction that ends with a proof.

Everything here is for databases that are thrown away, or the demo's: it needs a superuser,
and switches off for its own transaction (`session_replication_role = replica`) what guards
the books. Killed half way, it leaves nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from apps.ledgers.services.verification_sql import QUERIES
from benchmarks._rows import HEADER, LINE

ENTRIES, LINES, LOG = "ledgers_journalentry", "ledgers_journalline", "audit_operationlog"
_PREPARE = """
SET LOCAL session_replication_role = replica;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '1GB';
LOCK TABLE ledgers_journalentry, ledgers_journalline, audit_operationlog
  IN ACCESS EXCLUSIVE MODE;
"""
# Everything but primary keys and what a foreign key needs.
_INDEXES = """
SELECT c.conname, pg_get_constraintdef(c.oid), i.indexrelid::regclass::text,
  pg_get_indexdef(i.indexrelid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
WHERE i.indrelid = %s::regclass AND NOT i.indisprimary AND NOT EXISTS (
  SELECT 1 FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f')
"""
_HASHES = """
SET LOCAL enable_nestloop = off;
UPDATE ledgers_journalentry e SET content_hash = h.content_hash
  FROM ledgers_content_hashes(array(SELECT id FROM ledgers_journalentry
    WHERE id >= {first} AND state IN ('submitted', 'approved', 'posted'))) h
  WHERE e.id = h.entry_id;
SET LOCAL enable_nestloop = on;
"""
_BALANCES = """
INSERT INTO ledgers_accountbalance AS b (ledger_id, period_id, account_id, dimension_set_id,
    currency_id, bucket, debit, credit, base_debit, base_credit, version)
  SELECT e.ledger_id, e.period_id, l.account_id, l.dimension_set_id, l.currency_id,
    ledgers_bucket(e.kind), coalesce(sum(l.amount) FILTER (WHERE l.side = 1), 0),
    coalesce(-sum(l.amount) FILTER (WHERE l.side = -1), 0), sum(l.debit), sum(l.credit),
    count(*)
  FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
  WHERE e.id >= {first} AND e.state = 'posted' GROUP BY 1, 2, 3, 4, 5, 6
  ON CONFLICT (ledger_id, period_id, account_id, dimension_set_id, currency_id, bucket)
  DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit,
    base_debit = b.base_debit + excluded.base_debit,
    base_credit = b.base_credit + excluded.base_credit, version = b.version + 1;
INSERT INTO ledgers_accounttotal AS t (ledger_id, period_id, account_id, bucket, debit, credit,
    line_count, version)
  SELECT e.ledger_id, e.period_id, l.account_id, ledgers_bucket(e.kind), sum(l.debit),
    sum(l.credit), count(*), count(*)
  FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
  WHERE e.id >= {first} AND e.state = 'posted' GROUP BY 1, 2, 3, 4
  ON CONFLICT (ledger_id, period_id, account_id, bucket)
  DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit,
    line_count = t.line_count + excluded.line_count, version = t.version + 1;
INSERT INTO ledgers_entrycounter AS c (ledger_id, period_id, word, last_number)
  SELECT ledger_id, period_id, word, max(number) FROM ledgers_journalentry
  WHERE id >= {first} AND state = 'posted' GROUP BY 1, 2, 3
  ON CONFLICT (ledger_id, period_id, word) DO UPDATE SET last_number = excluded.last_number;
"""
# What the audit triggers would have written: the new row, and what posting changed of it.
_LOG = """
INSERT INTO audit_operationlog (operation_id, kind, action, actor_id, actor_name,
    organization_id, resource_type, resource_id, before, after, reason, trace_id,
    database_user, at)
  SELECT e.operation, 'journal_entry.post', r.action, e.maker_id, u.username,
    u.organization_id, 'ledgers_journalentry', e.id::text, r.before, r.after, '',
    replace(e.operation::text, '-', ''), session_user, e.updated_at
  FROM (SELECT *, gen_random_uuid() AS operation FROM ledgers_journalentry
        WHERE id >= {first} ORDER BY id) e
  JOIN organizations_user u ON u.id = e.maker_id
  CROSS JOIN LATERAL (
    SELECT 'insert' AS action, NULL::jsonb AS before, to_jsonb(e) - 'operation'
      || '{{"state": "draft", "number": null, "posted_at": null, "version": 1}}' AS after
    UNION ALL
    SELECT 'update', jsonb_build_object('state', 'draft', 'number', NULL, 'posted_at', NULL,
        'version', 1), jsonb_build_object('state', e.state, 'number', e.number,
        'posted_at', e.posted_at, 'version', e.version)
      WHERE e.state <> 'draft') r;
"""


class Loading:
    """One load of new entries with keys from `first` on, inside a transaction."""

    def __init__(self, first: int) -> None:
        """Keep where the new entries begin."""
        self._first = first

    def run(self, chunks: Iterable[tuple[str, str]]) -> None:
        """Load the chunks, and write everything that follows from their rows."""
        with connection.cursor() as cursor:
            cursor.execute(_PREPARE)
            with _without_indexes(cursor, ENTRIES):
                with _without_indexes(cursor, LINES):
                    self._copy(cursor, chunks)
                cursor.execute(_HASHES.format(first=self._first))
            cursor.execute(_BALANCES.format(first=self._first))
            with _without_indexes(cursor, LOG):
                cursor.execute(_LOG.format(first=self._first))
            cursor.execute(_history_sql(cursor, self._first))
            for table in (ENTRIES, LINES):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id))"
                    f" FROM {table}"
                )

    def _copy(self, cursor: Any, chunks: Iterable[tuple[str, str]]) -> None:
        """Send rows while the next ones are made."""
        for headers, lines in _made_ahead(chunks):
            for table, columns, rows in ((ENTRIES, HEADER, headers), (LINES, LINE, lines)):
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    copy.write(rows)


def tidy_up() -> None:
    """Let the planner know the new rows, as autovacuum would after a while."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def prove(ledger_id: int) -> list[str]:
    """Return what `verify_books` has against the balances and numbers of the ledger."""
    names = (
        "balances are the sums of posted lines",
        "totals are the sums of balances and count every line",
        "numbers have no gap and the counter is the last",
        "posted entries balance",
    )
    found = []
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(QUERIES[name], {"ledger": ledger_id})
            found += [f"{name}: {row}" for row in cursor.fetchmany(5)]
    return found


def _made_ahead(chunks: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each chunk while another thread makes the next one."""
    source = iter(chunks)
    following: Callable[[], tuple[str, str] | None] = lambda: next(source, None)  # noqa: E731
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(following)
        while (chunk := future.result()) is not None:
            future = pool.submit(following)
            yield chunk


@contextlib.contextmanager
def _without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Drop the indexes of a table and make them again, which is faster than filling them."""
    cursor.execute(_INDEXES, [table])
    indexes = cursor.fetchall()
    for constraint, _definition, index, _sql in indexes:
        if constraint:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        else:
            cursor.execute(f"DROP INDEX {index}")
    yield
    for constraint, definition, _index, sql in indexes:
        if constraint:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {definition}')
        else:
            cursor.execute(sql)


def _history_sql(cursor: Any, first: int) -> str:
    """Return the SQL that writes the history of unposted entries: columns of both tables."""
    cursor.execute(
        """SELECT string_agg(quote_ident(h.column_name), ', ') FROM information_schema.columns h
        JOIN information_schema.columns e USING (table_schema, column_name)
        WHERE h.table_name = 'ledgers_historicaljournalentry' AND e.table_name = %s
          AND table_schema = 'public'""",
        [ENTRIES],
    )
    columns = cursor.fetchone()[0]
    return (
        f"INSERT INTO ledgers_historicaljournalentry ({columns}, history_date, history_type,"
        f" history_user_id) SELECT {columns}, updated_at, '+', maker_id FROM {ENTRIES}"
        f" WHERE id >= {first} AND state <> 'posted'"
    )
