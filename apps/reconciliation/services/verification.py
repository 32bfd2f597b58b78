"""What `verify_books` proves of reconciliation: rows that a query returns break it."""

from __future__ import annotations

from apps.ledgers.services.verification import CHECKS, Check, by_query
from apps.reconciliation.services.rule_verification import RULE_QUERIES, changed_trials
from apps.reconciliation.services.sign_off_verification import (
    beyond_tolerance,
    untrue_sign_offs,
)

_OF_LEDGER = "coalesce(c.ledger_id = %(ledger)s, true)"
# Ended because other rows stand in the place of theirs.
_NO_ROW = "('split', 'rejoined')"
_MATCHED = "('exact', 'date', 'group', 'tolerance', 'textref', 'reversal', 'manual')"

RECONCILIATION_QUERIES = {
    "a break is about a row that is there and says the same": f"""
        SELECT 'break', b.id, b.side, b.item_id, b.state
        FROM reconciliation_break b JOIN statements_channel c ON c.id = b.channel_id
        LEFT JOIN reconciliation_matcheditem m ON m.channel_id = b.channel_id
          AND m.side = b.side AND m.item_id = b.item_id
        WHERE {_OF_LEDGER} AND (b.organization_id <> c.organization_id
          OR (m.item_id IS NULL) <> (b.resolution IN {_NO_ROW})
          OR (m.amount, m.currency) <> (b.amount, b.currency)
          OR (m.bucket IN {_MATCHED}) <> (b.resolution NOT IN ('', 'duplicate')))""",
    "a row that is left has a break": f"""
        SELECT 'channel', m.channel_id, m.side, m.item_id, m.bucket
        FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
        WHERE {_OF_LEDGER} AND m.bucket NOT IN {_MATCHED}
          AND EXISTS (SELECT 1 FROM reconciliation_breakrollforward f WHERE f.run_id = m.run_id)
          AND NOT EXISTS (SELECT 1 FROM reconciliation_break b
            WHERE b.channel_id = m.channel_id AND b.side = m.side AND b.item_id = m.item_id)""",
    "a row of a finished run is in one bucket": f"""
        SELECT 'run', r.id, s.side, 'has', count(m.item_id), 'of', s.wanted
        FROM reconciliation_reconciliationrun r
        JOIN statements_channel c ON c.id = r.channel_id
        CROSS JOIN LATERAL (VALUES ('book', r.book_count), ('statement', r.statement_count))
          AS n(side, loaded)
        CROSS JOIN LATERAL (SELECT n.side, n.loaded + coalesce(sum((x.part_count - 1)
            * ((x.run_id = r.id)::int - coalesce(x.undone_run_id = r.id, false)::int)), 0)
            AS wanted
          FROM reconciliation_rowsplit x WHERE x.side = n.side
            AND r.id IN (x.run_id, x.undone_run_id)) s
        LEFT JOIN reconciliation_matcheditem m ON m.channel_id = r.channel_id
          AND m.run_id = r.id AND m.side = s.side AND m.pass_name <> 'write_off'
        WHERE r.state IN ('review', 'signed_off') AND {_OF_LEDGER}
          AND NOT EXISTS (SELECT 1 FROM reconciliation_reconciliationrun later
            WHERE later.channel_id = r.channel_id AND later.id > r.id)
        GROUP BY r.id, s.side, s.wanted HAVING count(m.item_id) <> s.wanted""",
    "outcomes of a run are its rows": f"""
        SELECT 'run', o.run_id, o.side, o.bucket, o.count, 'has', count(m.item_id)
        FROM reconciliation_runoutcome o
        JOIN reconciliation_reconciliationrun r ON r.id = o.run_id
        JOIN statements_channel c ON c.id = r.channel_id
        LEFT JOIN reconciliation_matcheditem m ON m.channel_id = r.channel_id
          AND m.run_id = r.id AND m.side = o.side AND m.bucket = o.bucket
          AND m.currency = o.currency
        WHERE o.bucket IN {_MATCHED} AND {_OF_LEDGER}
        GROUP BY o.id HAVING count(m.item_id) <> o.count
          OR coalesce(sum(abs(m.amount)), 0) <> o.value""",
    "matched rows are rows of their channel": f"""
        SELECT 'channel', m.channel_id, m.side, m.item_id
        FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
        LEFT JOIN reconciliation_rowpart p ON p.channel_id = m.channel_id
          AND p.side = m.side AND p.item_id = m.item_id
        LEFT JOIN ledgers_journalline l ON m.side = 'book'
          AND l.id = coalesce(p.line_id, m.item_id)
          AND l.account_id = c.account_id AND l.ledger_id = c.ledger_id
        LEFT JOIN statements_statementline s ON m.side = 'statement'
          AND s.id = coalesce(p.line_id, m.item_id) AND s.channel_id = c.id
        LEFT JOIN reconciliation_reconciliationrun r ON r.id = m.run_id
          AND r.channel_id = m.channel_id
        WHERE {_OF_LEDGER} AND (r.id IS NULL
          OR m.side = 'book' AND (l.id IS NULL
            OR p.id IS NULL AND m.amount NOT IN (l.amount, l.base_amount))
          OR m.side = 'statement' AND (s.id IS NULL
            OR p.id IS NULL AND m.bucket <> 'invalid' AND s.amount <> m.amount)
          OR p.amount <> m.amount)""",
    "a row is in one bucket, or split into parts that add up to it": f"""
        SELECT 'split', s.id, s.side, s.item_id
        FROM reconciliation_rowsplit s JOIN statements_channel c ON c.id = s.channel_id
        LEFT JOIN reconciliation_rowpart p ON p.split_id = s.id
        LEFT JOIN reconciliation_matcheditem m ON m.channel_id = p.channel_id
          AND m.side = p.side AND m.item_id = p.item_id
        LEFT JOIN reconciliation_rowsplit again ON again.channel_id = p.channel_id
          AND again.side = p.side AND again.item_id = p.item_id AND NOT again.is_undone
        LEFT JOIN reconciliation_matcheditem w ON w.channel_id = s.channel_id
          AND w.side = s.side AND w.item_id = s.item_id
        WHERE {_OF_LEDGER}
        GROUP BY s.id HAVING count(p.id) <> s.part_count
          OR coalesce(sum(p.amount), 0) <> s.amount
          OR NOT s.is_undone AND (count(w.item_id) > 0
            OR bool_or((m.item_id IS NULL) = (again.id IS NULL)))
          OR s.is_undone AND (count(m.item_id) > 0 OR count(again.id) > 0)""",
    "matched groups have two sides that differ as they say": f"""
        SELECT 'channel', m.channel_id, 'group', m.group_id
        FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
        WHERE m.bucket IN {_MATCHED} AND {_OF_LEDGER}
        GROUP BY m.channel_id, m.group_id
        HAVING sum(m.amount * CASE m.side WHEN 'book' THEN -1 ELSE 1 END) <> sum(m.delta)
          OR min(m.side) = max(m.side) AND bool_or(m.bucket NOT IN ('reversal', 'manual'))
          OR count(DISTINCT m.bucket) > 1
          OR min(m.bucket) IN ('exact', 'date', 'textref') AND sum(m.delta) <> 0""",
    "a row and its reversal are two of one side that come to zero": f"""
        SELECT 'channel', m.channel_id, 'group', m.group_id
        FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
        WHERE m.bucket = 'reversal' AND {_OF_LEDGER}
        GROUP BY m.channel_id, m.group_id
        HAVING count(*) <> 2 OR sum(m.amount) <> 0 OR bool_or(m.delta <> 0)
          OR min(m.side) <> max(m.side) OR min(m.currency) <> max(m.currency)
          OR (m.group_id > 0) <> (min(m.side) = 'book')""",
}


def register_checks() -> None:
    """Let `verify_books` prove matches too."""
    queries = RECONCILIATION_QUERIES | RULE_QUERIES
    CHECKS.extend(Check(name, by_query(sql)) for name, sql in queries.items())
    CHECKS.append(Check("trials are of the rules that were written", changed_trials))
    CHECKS.append(Check("matches differ by what their rules allow", beyond_tolerance))
    CHECKS.append(Check("sign-offs follow from lines and results", untrue_sign_offs))
