"""The proofs of open items for `verify_books` and the checklist of a close.

Sub-ledger = control account: what is left of all items is what stands on the accounts that
they are of, for each combination of dimensions and each currency, in both amounts.
"""

from __future__ import annotations

ITEM_GUARDS = (
    "openitem_insert_guard",
    "openitem_update_guard",
    "openitem_keep",
    "openitem_no_truncate",
    "itemmovement_insert_guard",
    "ledgers_itemmovement_append_only",
    "ledgers_itemmovement_no_truncate",
    "settlement_update_guard",
    "settlement_keep",
    "settlement_no_truncate",
    "settlement_moved",
    "settlement_is_approved",
    "settlementproposal_guard",
    "settlementproposal_keep",
    "settlementproposal_no_truncate",
    "settlement_entry_has_settlement",
    "settlement_entry_born_has_settlement",
    "ledgers_openitem_audit_update",
    "ledgers_settlement_audit_insert",
    "ledgers_itemmovement_audit_insert",
)

# Ledger, account, dimensions, currency, then both sides of what differs.
CONTROL_DIFFERENCES = """
    WITH kept AS (
      SELECT b.ledger_id, b.account_id, coalesce(b.dimension_set_id, 0) AS dimensions,
        b.currency_id, sum(b.debit - b.credit) AS amount,
        sum(b.base_debit - b.base_credit) AS base
      FROM ledgers_accountbalance b JOIN ledgers_account a ON a.id = b.account_id
      WHERE a.control IN ('receivable', 'payable')
        AND coalesce(b.ledger_id = %(ledger)s, true) GROUP BY 1, 2, 3, 4),
    items AS (
      SELECT i.ledger_id, i.account_id, coalesce(i.dimension_set_id, 0) AS dimensions,
        i.currency_id, sum(i.open_amount) AS amount, sum(i.carrying_base) AS base
      FROM ledgers_openitem i WHERE coalesce(i.ledger_id = %(ledger)s, true)
      GROUP BY 1, 2, 3, 4)
    SELECT 'ledger', coalesce(k.ledger_id, i.ledger_id), 'account',
      coalesce(k.account_id, i.account_id), 'dimensions', coalesce(k.dimensions, i.dimensions),
      coalesce(k.currency_id, i.currency_id), 'account', k.amount, k.base, 'items', i.amount,
      i.base
    FROM kept k FULL JOIN items i USING (ledger_id, account_id, dimensions, currency_id)
    WHERE (coalesce(k.amount, 0), coalesce(k.base, 0))
      <> (coalesce(i.amount, 0), coalesce(i.base, 0))"""

ITEM_QUERIES: dict[str, str] = {
    "open items add up to their control accounts": CONTROL_DIFFERENCES,
    "open items are what their movements left": """
        SELECT 'item', i.id, i.open_amount, i.carrying_base FROM ledgers_openitem i
        LEFT JOIN ledgers_itemmovement m ON m.item_id = i.id
        WHERE coalesce(i.ledger_id = %(ledger)s, true)
        GROUP BY i.id
        HAVING i.amount + coalesce(sum(m.amount), 0) <> i.open_amount
          OR i.base_amount + coalesce(sum(m.base_amount), 0) <> i.carrying_base""",
    "every posted line on a control account has its item": """
        SELECT 'line', l.id FROM ledgers_account a
        JOIN ledgers_journalline l ON l.account_id = a.id
        JOIN ledgers_journalentry e ON e.id = l.entry_id
        LEFT JOIN ledgers_openitem i ON i.line_id = l.id
          AND (i.amount, i.base_amount) = (l.amount, l.base_amount)
        WHERE a.control IN ('receivable', 'payable') AND e.state = 'posted'
          AND coalesce(e.ledger_id = %(ledger)s, true) AND l.amount <> 0
          AND e.kind <> 'settlement' AND e.reversal_of_id IS NULL AND i.id IS NULL""",
    "settlements moved their items, and their entries moved the accounts": """
        SELECT 'settlement', s.id FROM ledgers_settlement s
        LEFT JOIN ledgers_itemmovement m ON m.settlement_id = s.id
        WHERE coalesce(s.ledger_id = %(ledger)s, true)
        GROUP BY s.id
        HAVING count(m.id) < 2 OR sum(m.amount) <> 0
          OR sum(m.base_amount) FILTER (WHERE m.kind = 'settlement') <> s.gain
          OR (s.state = 'undone') <> (count(*) FILTER (WHERE m.kind = 'undo') > 0)""",
    "nothing is settled twice": """
        SELECT 'item', m.item_id, sum(m.amount) FROM ledgers_itemmovement m
        JOIN ledgers_openitem i ON i.id = m.item_id
        WHERE m.kind IN ('settlement', 'undo') AND coalesce(i.ledger_id = %(ledger)s, true)
        GROUP BY m.item_id, i.amount
        HAVING abs(sum(m.amount)) > abs(i.amount) OR sign(sum(m.amount)) = sign(i.amount)
        UNION ALL
        SELECT 'settlement', m.settlement_id, count(*) FROM ledgers_itemmovement m
        JOIN ledgers_settlement s ON s.id = m.settlement_id
        WHERE coalesce(s.ledger_id = %(ledger)s, true)
        GROUP BY m.settlement_id, m.item_id, m.kind HAVING count(*) > 1
        UNION ALL
        SELECT 'line', i.line_id, count(*) FROM ledgers_openitem i
        WHERE coalesce(i.ledger_id = %(ledger)s, true)
        GROUP BY i.line_id HAVING count(*) > 1""",
    "exchange differences are what their settlements gained": """
        SELECT 'settlement', s.id, s.gain FROM ledgers_settlement s
        LEFT JOIN ledgers_journalline l ON l.entry_id = s.entry_id
        LEFT JOIN ledgers_account a ON a.id = l.account_id
          AND a.control IN ('receivable', 'payable')
        WHERE coalesce(s.ledger_id = %(ledger)s, true)
        GROUP BY s.id
        HAVING coalesce(sum(l.base_amount) FILTER (WHERE a.id IS NULL), 0) <> -s.gain
        UNION ALL
        SELECT 'undone', s.id, s.gain FROM ledgers_settlement s
        LEFT JOIN ledgers_journalentry r ON r.reversal_of_id = s.entry_id AND r.state = 'posted'
        WHERE coalesce(s.ledger_id = %(ledger)s, true)
          AND (s.state = 'undone') <> (r.id IS NOT NULL) AND s.entry_id IS NOT NULL
        UNION ALL
        SELECT 'entry', e.id, e.total FROM ledgers_journalentry e
        LEFT JOIN ledgers_settlement s ON s.entry_id = e.id
        WHERE e.kind = 'settlement' AND e.state = 'posted' AND s.id IS NULL
          AND coalesce(e.ledger_id = %(ledger)s, true)""",
}
