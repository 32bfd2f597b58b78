"""The queries of `verify_books`: each returns the rows that break what its name says.

`%(ledger)s` narrows to one ledger; null takes all of them.
"""

from __future__ import annotations

from apps.ledgers.services.verification_items import ITEM_GUARDS, ITEM_QUERIES

# Statement-level guards that must be there and enabled: switched off, anything could pass.
GUARDS = (
    "audit_operationlog_append_only",
    "audit_operationlog_no_truncate",
    "journalentry_insert_guard",
    "journalentry_update_guard",
    "journalentry_delete_guard",
    "journalentry_no_truncate",
    "journalline_insert_guard",
    "journalline_update_guard",
    "journalline_delete_guard",
    "journalline_no_truncate",
    "period_insert_guard",
    "period_update_guard",
    "period_delete_guard",
    "period_openings",
    "period_update_reopen_guard",
    "opening_guard",
    "opening_no_truncate",
    "reopenrequest_insert_guard",
    "reopenrequest_update_guard",
    "account_guard",
    "roleassignment_guard",
    "user_keep",
    "policy_insert_guard",
    "policy_update_guard",
    "policy_delete_guard",
    "policy_no_truncate",
    "policies_financepolicy_audit_insert",
    "policies_financepolicy_audit_update",
    "ledgers_journalentry_audit_insert",
    "ledgers_journalentry_audit_update",
    "ledgers_account_audit_update",
    "ledgers_period_audit_update",
    "organizations_roleassignment_audit_insert",
    "organizations_roleassignment_audit_update",
    *ITEM_GUARDS,
)
_GUARD_LIST = ", ".join(f"('{name}')" for name in GUARDS)
_POSTED = "e.state = 'posted' AND coalesce(e.ledger_id = %(ledger)s, true)"


def history_differs(table: str, history: str, columns: tuple[str, ...]) -> str:
    """Return the query of rows that are not as their history ends."""
    live = ", ".join(f"t.{column}" for column in ("version", *columns))
    kept = ", ".join(f"h.{column}" for column in ("version", *columns))
    return f"""
        SELECT '{table}', t.id FROM {table} t
        LEFT JOIN LATERAL (SELECT * FROM {history} h WHERE h.id = t.id
          ORDER BY h.history_id DESC LIMIT 1) h ON true
        WHERE ({live}) IS DISTINCT FROM ({kept})"""


_HISTORIES = " UNION ALL ".join(
    history_differs(f"{app}_{name}", f"{app}_historical{name}", columns)
    for app, name, columns in (
        ("ledgers", "account", ("name", "name_zh", "is_leaf", "is_active", "parent_id")),
        ("ledgers", "ledger", ("name", "base_currency_id", "reversal_style")),
        ("ledgers", "period", ("state", "starts_on", "ends_on")),
        ("ledgers", "dimensionvalue", ("name", "code", "is_active", "owner_id")),
        ("policies", "financepolicy", ("state", "effective_to", "decided_by_id", "tax_rate")),
        ("organizations", "roleassignment", ("role", "approval_limit", "revoked_at")),
        ("organizations", "department", ("name", "head_id")),
        ("organizations", "legalentity", ("name", "functional_currency_id")),
    )
)
_DRAFTS = history_differs(
    "ledgers_journalentry",
    "ledgers_historicaljournalentry",
    ("state", "entry_date", "summary", "total", "maker_id", "checker_id"),
)

QUERIES: dict[str, str] = {
    "balances are the sums of posted lines": f"""
        WITH lines AS (
          SELECT e.ledger_id, e.period_id, l.account_id, l.dimension_set_id, l.currency_id,
            ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket,
            coalesce(sum(l.amount) FILTER (WHERE l.side = 1), 0) AS debit,
            coalesce(-sum(l.amount) FILTER (WHERE l.side = -1), 0) AS credit,
            sum(l.debit) AS base_debit, sum(l.credit) AS base_credit
          FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
          LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
          WHERE {_POSTED} GROUP BY 1, 2, 3, 4, 5, 6),
        kept AS (SELECT * FROM ledgers_accountbalance b
          WHERE coalesce(b.ledger_id = %(ledger)s, true))
        SELECT 'ledger', coalesce(b.ledger_id, l.ledger_id), 'period',
          coalesce(b.period_id, l.period_id), 'account', coalesce(b.account_id, l.account_id),
          'kept', b.base_debit, b.base_credit, 'lines', l.base_debit, l.base_credit
        FROM kept b FULL JOIN lines l ON l.ledger_id = b.ledger_id
          AND l.period_id = b.period_id AND l.account_id = b.account_id
          AND coalesce(l.dimension_set_id, 0) = coalesce(b.dimension_set_id, 0)
          AND l.currency_id = b.currency_id AND l.bucket = b.bucket
        WHERE (b.debit, b.credit, b.base_debit, b.base_credit)
          IS DISTINCT FROM (l.debit, l.credit, l.base_debit, l.base_credit)""",
    "totals are the sums of balances and count every line": f"""
        WITH balances AS (
          SELECT ledger_id, period_id, account_id, bucket, sum(base_debit) AS debit,
            sum(base_credit) AS credit FROM ledgers_accountbalance b
          WHERE coalesce(b.ledger_id = %(ledger)s, true) GROUP BY 1, 2, 3, 4),
        counts AS (
          SELECT e.ledger_id, e.period_id, l.account_id,
            ledgers_bucket(coalesce(o.kind, e.kind)) AS bucket, count(*) AS line_count
          FROM ledgers_journalentry e JOIN ledgers_journalline l ON l.entry_id = e.id
          LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
          WHERE {_POSTED} GROUP BY 1, 2, 3, 4),
        kept AS (SELECT * FROM ledgers_accounttotal t
          WHERE coalesce(t.ledger_id = %(ledger)s, true))
        SELECT 'period', coalesce(t.period_id, b.period_id), 'account',
          coalesce(t.account_id, b.account_id), t.debit, t.credit, t.line_count
        FROM kept t FULL JOIN balances b USING (ledger_id, period_id, account_id, bucket)
          FULL JOIN counts c USING (ledger_id, period_id, account_id, bucket)
        WHERE (t.debit, t.credit, t.line_count)
          IS DISTINCT FROM (b.debit, b.credit, c.line_count)""",
    "numbers have no gap and the counter is the last": f"""
        SELECT 'period', e.period_id, e.word, count(*), max(e.number), max(c.last_number)
        FROM ledgers_journalentry e LEFT JOIN ledgers_entrycounter c
          USING (ledger_id, period_id, word)
        WHERE {_POSTED} GROUP BY e.ledger_id, e.period_id, e.word
        HAVING count(*) <> max(e.number) OR min(e.number) <> 1
          OR max(c.last_number) IS DISTINCT FROM max(e.number)""",
    "posted entries balance": f"""
        SELECT 'entry', e.id, count(l.id), sum(l.base_amount) FROM ledgers_journalentry e
        LEFT JOIN ledgers_journalline l ON l.entry_id = e.id WHERE {_POSTED} GROUP BY e.id
        HAVING count(l.id) < 2 OR sum(l.base_amount) <> 0 OR sum(l.debit) <> e.total
          OR (min(l.currency_id) = max(l.currency_id) AND sum(l.amount) <> 0)""",
    "posted entries lie in their period": f"""
        SELECT 'entry', e.id, e.entry_date FROM ledgers_journalentry e
        JOIN ledgers_period p ON p.id = e.period_id
        WHERE {_POSTED} AND e.entry_date NOT BETWEEN p.starts_on AND p.ends_on""",
    "nobody checked the own entry": f"""
        SELECT 'entry', e.id FROM ledgers_journalentry e
        WHERE {_POSTED} AND (e.checker_id IS NULL OR e.checker_id = e.maker_id)""",
    "a reversal undoes its original": f"""
        SELECT 'reversal', e.id FROM ledgers_journalentry e
        JOIN ledgers_journalline l ON l.entry_id IN (e.id, e.reversal_of_id)
        WHERE {_POSTED} AND e.reversal_of_id IS NOT NULL
        GROUP BY e.id, l.account_id, l.dimension_set_id, l.currency_id
        HAVING sum(l.amount) <> 0 OR sum(l.base_amount) <> 0""",
    "lines stay in their ledger, chart and organization": """
        SELECT 'line', l.id FROM ledgers_journalline l
        JOIN ledgers_journalentry e ON e.id = l.entry_id
        JOIN ledgers_ledger g ON g.id = e.ledger_id
        JOIN ledgers_account a ON a.id = l.account_id
        LEFT JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
        WHERE coalesce(e.ledger_id = %(ledger)s, true) AND (l.ledger_id <> e.ledger_id
          OR l.entry_date <> e.entry_date OR a.chart_id <> g.chart_id
          OR d.organization_id <> g.organization_id)""",
    "content is what was submitted": f"""
        SELECT 'entry', e.id FROM ledgers_journalentry e
        JOIN ledgers_content_hashes(array(SELECT e.id FROM ledgers_journalentry e
          WHERE e.state IN ('submitted', 'approved') OR ({_POSTED}))) h ON h.entry_id = e.id
        WHERE coalesce(e.ledger_id = %(ledger)s, true) AND h.content_hash <> e.content_hash""",
    "every posted entry has its row in the operation log": f"""
        SELECT 'entry', e.id FROM ledgers_journalentry e WHERE {_POSTED} AND NOT EXISTS (
          SELECT 1 FROM audit_operationlog o WHERE o.resource_type = 'ledgers_journalentry'
            AND o.resource_id = e.id::text AND o.after->>'state' = 'posted')""",
    "history ends with the live row": _HISTORIES,
    "history of unposted entries ends with the live row": (
        f"{_DRAFTS} AND t.state <> 'posted' AND coalesce(t.ledger_id = %(ledger)s, true)"
    ),
    "nobody holds roles that exclude each other": """
        SELECT 'user', a.user_id, a.role, b.role FROM organizations_roleassignment a
        JOIN organizations_roleassignment b ON b.user_id = a.user_id AND b.role > a.role
        WHERE a.revoked_at IS NULL AND b.revoked_at IS NULL
          AND (a.role IN ('admin', 'auditor') OR b.role IN ('admin', 'auditor'))""",
    **ITEM_QUERIES,
    "guards are present and enabled": f"""
        SELECT 'trigger', wanted.name FROM (VALUES {_GUARD_LIST}) AS wanted (name)
        LEFT JOIN pg_trigger t ON t.tgname = wanted.name AND t.tgenabled IN ('O', 'A')
        WHERE t.oid IS NULL""",
    "constraints are validated": """
        SELECT 'constraint', conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND NOT convalidated""",
}
