"""The queries of `verify_books` about approvals: each returns what breaks its name.

They ask what PostgreSQL's guards ask when rows are written, but of the whole: the decisions,
not the state of the tasks, say what was approved. `%(ledger)s` narrows to the rounds of one
ledger's entries; what concerns no entry is always looked at.
"""

from __future__ import annotations

from apps.approvals.services.subjects import SUBJECTS
from apps.approvals.words import ENTRY_KINDS
from apps.organizations.permissions import MATRIX

# Longer than a revocation waits for a decision that holds the delegation.
_LAG = "interval '1 minute'"
_ENTRY_KINDS = ", ".join(f"'{kind.value}'" for kind in ENTRY_KINDS)
_ROUNDS = f"""
        rounds AS (
          SELECT r.*, approvals_weight(r) AS weight FROM approvals_approvalrequest r
          LEFT JOIN ledgers_journalentry e
            ON r.subject_kind IN ({_ENTRY_KINDS}) AND e.id = r.subject_id
          WHERE coalesce(e.ledger_id = %(ledger)s, true))"""
_VERDICTS = f"""
        WITH {_ROUNDS},
        verdicts AS (
          SELECT d.*, r.maker_id, r.organization_id, r.weight,
            -- Who hands over leaves a task to another person, and was asked by the seat's.
            coalesce(seat.person_id, t.person_id) AS person_id, t.request_id AS task_request_id
          FROM approvals_approvaldecision d JOIN rounds r ON r.id = d.request_id
          LEFT JOIN approvals_approvaltask t ON t.id = d.task_id
          LEFT JOIN approvals_approvaltask seat
            ON seat.id = t.escalated_for_id AND d.kind = 'delegate'
          WHERE d.kind IN ('approve', 'reject', 'return', 'ask', 'delegate'))"""
# Each subject that counts because somebody else said yes; every kind of entry is an entry.
_SUBJECTS = """
        subjects AS (
          SELECT 'entry' AS kind, id, content_hash, maker_id, checker_id, total
          FROM ledgers_journalentry
          WHERE state IN ('approved', 'posted') AND coalesce(ledger_id = %(ledger)s, true)
          UNION ALL
          SELECT 'period_reopen', id, NULL, NULL, NULL, NULL FROM ledgers_reopenrequest
          WHERE state IN ('approved', 'done')
          UNION ALL
          SELECT 'settlement', id, NULL, NULL, NULL, NULL FROM ledgers_settlementproposal
          WHERE state = 'settled'
          UNION ALL
          SELECT 'policy_change', id, NULL, NULL, NULL, NULL FROM policies_financepolicy
          WHERE state IN ('confirmed', 'superseded')
          UNION ALL
          SELECT 'manual_rate', id, NULL, NULL, NULL, NULL FROM fx_exchangerate
          WHERE state = 'confirmed' AND rate_import_id IS NULL)"""
# Who may approve which kind, as (kind, role).
_ABLE = ", ".join(
    f"('{kind}', '{role}')"
    for kind, service in SUBJECTS.items()
    for role in sorted(MATRIX[service.permission])
)

APPROVAL_QUERIES: dict[str, str] = {
    # A seat is a person asked at submission, filled by the own task or by the one added for it.
    "rounds were approved by as many people as every step takes": f"""
        WITH {_ROUNDS},
        said AS (
          SELECT t.request_id, t.step_id, coalesce(t.escalated_for_id, t.id) AS seat,
            d.actor_id
          FROM approvals_approvaltask t JOIN approvals_approvaldecision d ON d.task_id = t.id
          WHERE d.kind = 'approve'
          UNION
          SELECT t.request_id, t.step_id, coalesce(t.escalated_for_id, t.id), d.actor_id
          FROM approvals_approvaltask t JOIN approvals_flowstep s ON s.id = t.step_id
          JOIN approvals_approvaldecision d ON d.request_id = t.request_id
            AND d.kind = 'approve' AND d.actor_id = t.person_id
          WHERE s.skip = 'same_person' AND t.state = 'approved'),
        approved AS (
          SELECT request_id, step_id,
            least(count(DISTINCT seat), count(DISTINCT actor_id)) AS by
          FROM said GROUP BY 1, 2),
        seats AS (
          SELECT request_id, step_id, count(DISTINCT coalesce(escalated_for_id, id)) AS asked
          FROM approvals_approvaltask GROUP BY 1, 2),
        credit AS (
          SELECT request_id, count(*) AS found, bool_and(NOT needs_person) AS is_good
          FROM approvals_creditfinding GROUP BY 1)
        SELECT 'request', r.id, 'step', s.number, 'asked', coalesce(q.asked, 0),
          'approved by', coalesce(a.by, 0)
        FROM rounds r JOIN approvals_flowstep s ON s.flow_id = r.flow_id
        LEFT JOIN seats q ON q.request_id = r.id AND q.step_id = s.id
        LEFT JOIN approved a ON a.request_id = r.id AND a.step_id = s.id
        LEFT JOIN credit c ON c.request_id = r.id
        WHERE r.state IN ('approved', 'undone')
          AND (q.asked IS NOT NULL OR (s.above IS NULL OR r.weight > s.above)
            AND (s.up_to IS NULL OR r.weight <= s.up_to))
          AND NOT (s.checks_credit AND c.is_good IS TRUE
            AND c.found >= cardinality(r.counterparties))
          AND coalesce(a.by, 0) < greatest(1, CASE s.rule WHEN 'all' THEN q.asked
            WHEN 'n_of_m' THEN s.needed ELSE 1 END)""",
    "rounds met a step": f"""
        WITH {_ROUNDS}
        SELECT 'request', r.id FROM rounds r
        WHERE r.state IN ('approved', 'undone') AND NOT EXISTS (
          SELECT 1 FROM approvals_approvaltask t WHERE t.request_id = r.id)""",
    "what counts was approved by its last round": f"""
        WITH {_SUBJECTS},
        last AS (
          SELECT DISTINCT ON (kind, subject_id) r.* FROM (
            SELECT *, CASE WHEN subject_kind IN ({_ENTRY_KINDS}) THEN 'entry'
              ELSE subject_kind END AS kind FROM approvals_approvalrequest) r
          ORDER BY kind, subject_id, id DESC)
        SELECT s.kind, s.id, 'request', r.id, r.state
        FROM subjects s JOIN last r ON r.kind = s.kind AND r.subject_id = s.id
        WHERE r.state <> 'approved' OR (s.kind = 'entry' AND (
          (r.content_hash, r.maker_id, r.amount)
            IS DISTINCT FROM (s.content_hash, s.maker_id, s.total)
          OR NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = r.id
            AND d.kind = 'approve' AND d.actor_id = s.checker_id)))""",
    # An entry of an import has no round of its own as long as it stays in it.
    "what was imported was approved by a round of its import": f"""
        SELECT 'entry', e.id, 'import', e.journal_import_id FROM ledgers_journalentry e
        WHERE e.state IN ('approved', 'posted') AND coalesce(e.ledger_id = %(ledger)s, true)
          AND EXISTS (SELECT 1 FROM approvals_approvalrequest r
            WHERE r.subject_kind = 'journal_import' AND r.subject_id = e.journal_import_id
              AND r.created_at <= e.approved_at)
          AND NOT EXISTS (SELECT 1 FROM approvals_approvalrequest r
            WHERE r.subject_kind IN ({_ENTRY_KINDS}) AND r.subject_id = e.id)
          AND NOT approvals_import_approves(e)""",
    "makers decided nothing": f"""
        {_VERDICTS}
        SELECT 'decision', id, kind, actor_id FROM verdicts
        WHERE maker_id IN (actor_id, person_id) OR maker_id = ANY (way)""",
    "decisions lead from who was asked to who decided": f"""
        {_VERDICTS}
        SELECT 'decision', v.id, v.kind, v.way FROM verdicts v
        WHERE (v.task_request_id, v.way[1], v.way[cardinality(v.way)])
            IS DISTINCT FROM (v.request_id, v.person_id, v.actor_id)
          OR cardinality(v.way) > 4 OR v.decided_on IS NULL OR EXISTS (
            SELECT 1 FROM generate_series(1, cardinality(v.way) - 1) AS hop
            WHERE NOT EXISTS (SELECT 1 FROM approvals_delegation d
              WHERE d.giver_id = v.way[hop] AND d.taker_id = v.way[hop + 1]
                AND d.organization_id = v.organization_id
                AND v.decided_on BETWEEN d.starts_on AND d.ends_on
                AND (d."limit" IS NULL OR d."limit" >= v.weight)
                AND d.created_at::date <= v.decided_on + 1
                AND (d.revoked_at IS NULL OR d.revoked_at > v.at - {_LAG})))""",
    "approvals are within the limits of their time": f"""
        {_VERDICTS}
        SELECT 'decision', id, 'limit', "limit", 'amount', weight FROM verdicts
        WHERE kind = 'approve' AND "limit" < weight""",
    "whoever approved held a role that may": f"""
        {_VERDICTS}
        SELECT 'decision', v.id, v.actor_id FROM verdicts v
        JOIN approvals_approvalrequest r ON r.id = v.request_id
        WHERE v.kind = 'approve' AND NOT EXISTS (
          SELECT 1 FROM organizations_roleassignment a
          JOIN (VALUES {_ABLE}) AS able (kind, role) ON able.role = a.role
          WHERE a.user_id = v.actor_id AND able.kind = r.subject_kind
            AND a.created_at::date <= v.decided_on + 1
            AND (a.revoked_at IS NULL OR a.revoked_at > v.at - {_LAG}))""",
    "decisions have their row in the operation log, of their day": f"""
        WITH {_ROUNDS}
        SELECT 'decision', d.id, d.decided_on, o.at FROM approvals_approvaldecision d
        JOIN rounds r ON r.id = d.request_id
        LEFT JOIN audit_operationlog o ON o.resource_type = 'approvals_approvaldecision'
          AND o.resource_id = d.id::text AND o.action = 'insert'
        WHERE o.id IS NULL OR d.decided_on NOT BETWEEN (o.at - interval '26 hours')::date
          AND (o.at + interval '26 hours')::date""",
    "findings about credit are what their checks came to": f"""
        WITH {_ROUNDS}
        SELECT 'finding', f.id, 'request', r.id FROM approvals_creditfinding f
        JOIN rounds r ON r.id = f.request_id
        JOIN credit_creditcheck c ON c.id = f.credit_check_id
        WHERE c.needs_person AND NOT f.needs_person
          OR (c.organization_id, c.currency_id, c.amount)
            <> (r.organization_id, r.currency_id, r.weight)""",
    "rounds ended as somebody decided": f"""
        WITH {_ROUNDS}
        SELECT 'request', r.id, r.state FROM rounds r
        LEFT JOIN (SELECT request_id, array_agg(kind::text) AS kinds
          FROM approvals_approvaldecision GROUP BY 1) d ON d.request_id = r.id
        WHERE NOT coalesce('submit' = ANY (kinds) AND CASE r.state
            WHEN 'approved' THEN 'approve' = ANY (kinds) AND NOT 'unapprove' = ANY (kinds)
            WHEN 'undone' THEN kinds @> '{{approve,unapprove}}'
            WHEN 'rejected' THEN 'reject' = ANY (kinds)
            WHEN 'returned' THEN 'return' = ANY (kinds)
            WHEN 'withdrawn' THEN 'withdraw' = ANY (kinds)
            WHEN 'void' THEN 'void' = ANY (kinds)
            ELSE NOT kinds && '{{reject,return,withdraw,void,unapprove}}' END, false)
          OR r.state IN ('approved', 'undone')
            AND kinds && '{{reject,return,withdraw,void}}'""",
    "nothing of a round is missing that the operation log holds": """
        WITH kept AS (
          SELECT 'approvals_approvalrequest' AS name, id FROM approvals_approvalrequest
          UNION ALL SELECT 'approvals_approvaltask', id FROM approvals_approvaltask
          UNION ALL SELECT 'approvals_approvaldecision', id FROM approvals_approvaldecision)
        SELECT o.resource_type, o.resource_id, 'at', o.at FROM audit_operationlog o
        LEFT JOIN kept k ON k.name = o.resource_type AND k.id::text = o.resource_id
        WHERE o.action = 'insert' AND k.id IS NULL AND o.resource_type IN
          ('approvals_approvalrequest', 'approvals_approvaltask', 'approvals_approvaldecision')
        """,
}
