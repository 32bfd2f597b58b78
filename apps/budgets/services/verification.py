"""What `verify_books` proves of budgets; registered when the app starts."""

from __future__ import annotations

from apps.ledgers.services.verification import CHECKS, Check, by_query
from apps.ledgers.services.verification_sql import history_differs

_QUERIES = {
    "totals of budgets are the sums of their uses": """
SELECT 'budget', b.id, 'spent', t.spent, 'reserved', t.reserved,
  'uses spent', u.spent, 'reserved', u.reserved
FROM budgets_budget b LEFT JOIN budgets_budgettotal t ON t.budget_id = b.id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount) FILTER (WHERE phase = 'spent'), 0) AS spent,
    coalesce(sum(greatest(amount, 0)) FILTER (WHERE phase = 'reserved'), 0) AS reserved
  FROM budgets_budgetuse WHERE budget_id = b.id) u
WHERE coalesce(b.ledger_id = %(ledger)s, true)
  AND (t.budget_id IS NULL OR t.spent <> u.spent OR t.reserved <> u.reserved)
""",
    "uses of budgets are what the lines of entries say": """
WITH entries AS (
  SELECT array_agg(e.id) AS ids FROM ledgers_journalentry e
  WHERE e.state IN ('submitted', 'approved', 'posted')
    AND coalesce(e.ledger_id = %(ledger)s, true)
    AND EXISTS (SELECT 1 FROM budgets_budget b WHERE b.ledger_id = e.ledger_id
      AND e.entry_date BETWEEN b.starts_on AND b.ends_on)
), wanted AS (
  SELECT w.* FROM entries CROSS JOIN LATERAL budgets_wanted(entries.ids) w
), used AS (
  SELECT u.* FROM budgets_budgetuse u JOIN budgets_budget b ON b.id = u.budget_id
  WHERE u.phase <> 'released' AND coalesce(b.ledger_id = %(ledger)s, true)
)
SELECT 'budget', budget_id, 'entry', entry_id, 'is', used.phase, used.amount,
  'and should be', wanted.phase, wanted.amount
FROM wanted FULL JOIN used USING (budget_id, entry_id)
WHERE (wanted.phase, wanted.amount) IS DISTINCT FROM (used.phase, used.amount)
""",
    "what follows entries for budgets is present and enabled": """
SELECT 'trigger', wanted.name FROM unnest(ARRAY[
  'ledgers_journalentry.entry_takes_of_budgets', 'ledgers_journalentry.entry_moves_budgets',
  'budgets_budget.budget_begin', 'budgets_budget.budget_guard', 'budgets_budget.budget_keep',
  'budgets_budgetuse.use_keep', 'budgets_budgettotal.total_keep']) AS wanted (name)
WHERE NOT EXISTS (
  SELECT 1 FROM pg_trigger t WHERE t.tgrelid::regclass::text || '.' || t.tgname = wanted.name
    AND t.tgenabled IN ('O', 'A'))
""",
}
_KEPT = ("name", "amount", "is_hard", "is_active", "ledger_id", "starts_on", "ends_on")


def register_checks() -> None:
    """Let `verify_books` look at budgets too; once, however often it is called."""
    known = {check.name for check in CHECKS}
    queries = _QUERIES | {
        "history of budgets ends with the live row": history_differs(
            "budgets_budget", "budgets_historicalbudget", _KEPT
        )
    }
    CHECKS.extend(
        Check(name, by_query(sql)) for name, sql in queries.items() if name not in known
    )
