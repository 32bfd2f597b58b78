"""The queries of `verify_books` about finance policies and the entries that remember them.

The policy of a day, as it was known at a moment, is among the versions confirmed by then
and begun by that day the one that begins last; of two that begin together, the one confirmed
later. An entry remembers the policy of its date, as it was known when it was submitted.
"""

from __future__ import annotations

# Longer than a process may go on with what it read before a change.
_LAG = "interval '1 minute'"

POLICY_QUERIES: dict[str, str] = {
    "policy versions do not overlap and leave no gap": """
        SELECT 'policy', p.id, p.effective_from, p.effective_to, n.effective_from
        FROM (SELECT *, lead(id) OVER (PARTITION BY organization_id ORDER BY effective_from)
              AS next_id FROM policies_financepolicy WHERE state = 'confirmed') p
        LEFT JOIN policies_financepolicy n ON n.id = p.next_id
        WHERE p.effective_to IS DISTINCT FROM n.effective_from - 1""",
    "nobody confirmed the own policy": """
        SELECT 'policy', id FROM policies_financepolicy
        WHERE state IN ('confirmed', 'superseded')
          AND (decided_by_id IS NULL OR decided_by_id = proposed_by_id)""",
    "entries remember the policy of their date": f"""
        WITH used AS (
          SELECT g.organization_id, e.ledger_id, e.entry_date, e.policy_id, count(*) AS entries,
            min(e.submitted_at) AS first_at, max(e.submitted_at) AS last_at
          FROM ledgers_journalentry e JOIN ledgers_ledger g ON g.id = e.ledger_id
          WHERE e.state IN ('submitted', 'approved', 'posted')
            AND coalesce(e.ledger_id = %(ledger)s, true)
          GROUP BY 1, 2, 3, 4),
        once AS (SELECT * FROM policies_financepolicy
          WHERE state IN ('confirmed', 'superseded'))
        SELECT 'ledger', u.ledger_id, u.entry_date, 'policy', u.policy_id, u.entries
        FROM used u LEFT JOIN once p
          ON p.id = u.policy_id AND p.organization_id = u.organization_id
        CROSS JOIN LATERAL (
          SELECT min(q.decided_at) AS at FROM once q
          WHERE q.organization_id = u.organization_id AND q.effective_from <= u.entry_date
            AND (p.id IS NULL
              OR (q.effective_from, q.decided_at) > (p.effective_from, p.decided_at))) replaced
        WHERE (u.policy_id IS NOT NULL AND (p.id IS NULL OR u.entry_date < p.effective_from
            OR u.first_at < p.decided_at - {_LAG}))
          OR u.last_at > replaced.at + {_LAG}""",
}
