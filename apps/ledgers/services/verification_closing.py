"""The queries of `verify_books` about closing: openings, runs, revaluations."""

from __future__ import annotations

CLOSING_QUERIES: dict[str, str] = {
    # Added up anew over all periods, however the closes came to them.
    "openings are the closings of all closed periods before": """
        WITH targets AS (
          SELECT t.* FROM ledgers_period t WHERE ledgers_is_handed_to(t.id)
            AND coalesce(t.ledger_id = %(ledger)s, true)),
        closings AS (
          SELECT t.ledger_id, t.id AS period_id, b.account_id, b.dimension_set_id,
            b.currency_id, sum(b.debit - b.credit) AS amount,
            sum(b.base_debit - b.base_credit) AS base_amount
          FROM targets t JOIN ledgers_period x ON x.ledger_id = t.ledger_id
            AND (x.fiscal_year, x.number) < (t.fiscal_year, t.number)
            AND x.state IN ('closed', 'locked')
          JOIN ledgers_accountbalance b ON b.ledger_id = x.ledger_id AND b.period_id = x.id
          GROUP BY 1, 2, 3, 4, 5),
        kept AS (SELECT * FROM ledgers_openingbalance o
          WHERE coalesce(o.ledger_id = %(ledger)s, true))
        SELECT 'ledger', coalesce(o.ledger_id, c.ledger_id), 'period',
          coalesce(o.period_id, c.period_id), 'account', coalesce(o.account_id, c.account_id),
          'kept', o.amount, o.base_amount, 'closings', c.amount, c.base_amount
        FROM kept o FULL JOIN closings c ON c.period_id = o.period_id
          AND c.account_id = o.account_id AND c.currency_id = o.currency_id
          AND coalesce(c.dimension_set_id, 0) = coalesce(o.dimension_set_id, 0)
        WHERE (coalesce(o.amount, 0), coalesce(o.base_amount, 0))
          <> (coalesce(c.amount, 0), coalesce(c.base_amount, 0))""",
    "what a reopened run posted is reversed": """
        SELECT 'run', r.id, 'entry', e.id FROM ledgers_closerun r
        JOIN ledgers_closingentry c ON c.run_id = r.id
        JOIN ledgers_journalentry e ON e.id = c.entry_id AND e.reversal_of_id IS NULL
        LEFT JOIN ledgers_journalentry v ON v.reversal_of_id = e.id AND v.state = 'posted'
        WHERE r.state = 'reopened' AND v.id IS NULL
          AND coalesce(e.ledger_id = %(ledger)s, true)""",
    "a revaluation moves no foreign amount": """
        SELECT 'entry', e.id, 'line', l.position FROM ledgers_journalentry e
        JOIN ledgers_ledger g ON g.id = e.ledger_id
        JOIN ledgers_journalline l ON l.entry_id = e.id
        WHERE e.kind = 'fx_revaluation' AND e.state = 'posted' AND l.amount <> 0
          AND l.currency_id <> g.base_currency_id
          AND coalesce(e.ledger_id = %(ledger)s, true)""",
    # All exchange postings of an item are its settlement less its original amount, so that
    # nothing is left of a settled item in either currency.
    "exchange differences of settled items are complete": """
        SELECT 'item', id, currency_id, base_amount, 'left', carrying_base
        FROM ledgers_openitem WHERE open_amount = 0 AND carrying_base <> 0
          AND coalesce(ledger_id = %(ledger)s, true)""",
    # What revaluations and settlements post to a control account without a foreign amount
    # is what they moved of its items.
    "exchange postings are those of their items": """
        WITH posted AS (
          SELECT e.ledger_id, l.account_id, coalesce(l.dimension_set_id, 0) AS dimensions,
            l.currency_id, sum(l.base_amount) AS base
          FROM ledgers_account a JOIN ledgers_journalline l ON l.account_id = a.id
          JOIN ledgers_journalentry e ON e.id = l.entry_id
          LEFT JOIN ledgers_journalentry o ON o.id = e.reversal_of_id
          WHERE a.control IN ('receivable', 'payable') AND e.state = 'posted'
            AND (l.amount = 0 OR coalesce(o.kind, e.kind) = 'settlement')
            AND coalesce(e.ledger_id = %(ledger)s, true)
          GROUP BY 1, 2, 3, 4),
        moved AS (
          SELECT i.ledger_id, i.account_id, coalesce(i.dimension_set_id, 0) AS dimensions,
            i.currency_id, sum(m.base_amount) AS base
          FROM ledgers_itemmovement m JOIN ledgers_openitem i ON i.id = m.item_id
          WHERE m.kind <> 'reversal' AND coalesce(i.ledger_id = %(ledger)s, true)
          GROUP BY 1, 2, 3, 4)
        SELECT 'ledger', coalesce(p.ledger_id, m.ledger_id), 'account',
          coalesce(p.account_id, m.account_id), coalesce(p.currency_id, m.currency_id),
          'posted', p.base, 'items', m.base
        FROM posted p FULL JOIN moved m USING (ledger_id, account_id, dimensions, currency_id)
        WHERE coalesce(p.base, 0) <> coalesce(m.base, 0)""",
    "closed periods have a closed run": """
        SELECT 'ledger', p.ledger_id, 'period', p.id FROM ledgers_period p
        WHERE p.state IN ('closed', 'locked') AND coalesce(p.ledger_id = %(ledger)s, true)
          AND NOT EXISTS (SELECT 1 FROM ledgers_closerun r
            WHERE r.period_id = p.id AND r.state = 'closed')""",
    "closed periods have nothing unposted": """
        SELECT 'entry', e.id, e.state FROM ledgers_journalentry e
        JOIN ledgers_period p ON p.id = e.period_id
        WHERE p.state IN ('closed', 'locked') AND e.state IN ('draft', 'submitted', 'approved')
          AND coalesce(e.ledger_id = %(ledger)s, true)""",
    "periods were reopened by two people": """
        SELECT 'request', r.id FROM ledgers_reopenrequest r
        JOIN ledgers_period p ON p.id = r.period_id
        WHERE r.state = 'done'
          AND (r.decided_by_id IS NULL OR r.decided_by_id = r.requested_by_id)
          AND coalesce(p.ledger_id = %(ledger)s, true)""",
}
