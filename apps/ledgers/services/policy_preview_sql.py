"""The statements of the preview: one month of one organization, added up by the database.

A limit of null is without limit. Rounding goes by the names of policies.
"""

from __future__ import annotations

_ENTRIES = """
    entries AS (
      SELECT e.id, e.checker_id, abs(e.total) AS total, e.kind,
        g.base_currency_id AS base, c.minor_digits AS base_digits
      FROM ledgers_journalentry e
      JOIN ledgers_ledger g ON g.id = e.ledger_id
      JOIN organizations_currency c ON c.code = g.base_currency_id
      WHERE g.organization_id = %(organization)s AND e.state IN
          ('submitted', 'approved', 'posted')
        AND e.entry_date BETWEEN %(first)s AND %(last)s)"""
_ROLES = """
    roles AS (
      SELECT * FROM unnest(%(roles)s::text[], %(old_limits)s::numeric[],
        %(new_limits)s::numeric[]) AS r (role, old_limit, new_limit))"""


def _rounded(amount: str, digits: str, mode: str) -> str:
    """Return SQL that rounds as `apps.core.rounding` does, by a mode given as a parameter."""
    unit = f"power(10::numeric, {digits})"
    return f"""CASE %({mode})s::text
      WHEN 'down' THEN trunc({amount}, {digits})
      WHEN 'up' THEN sign({amount}) * ceil(abs({amount}) * {unit}) / {unit}
      WHEN 'half_even' THEN
        CASE WHEN abs({amount} * {unit} - trunc({amount} * {unit})) = 0.5
          THEN 2 * round({amount} * {unit} / 2) / {unit} ELSE round({amount}, {digits}) END
      ELSE round({amount}, {digits}) END"""


def _tax(rate: str, mode: str) -> str:
    # Widened first: a quotient of numerics has as many decimals as its operands ask for.
    net = f"(i.gross * 1.00000000000000000000 / (1 + %({rate})s::numeric))"
    return f"coalesce(sum(i.gross - {_rounded(net, 'i.digits', mode)}), 0)"


LIMITS = f"""
  WITH {_ENTRIES}, {_ROLES}
  SELECT r.role, e.base,
    count(*) FILTER (WHERE m.was AND NOT m.will),
    coalesce(sum(e.total) FILTER (WHERE m.was AND NOT m.will), 0),
    count(*) FILTER (WHERE m.will AND NOT m.was),
    coalesce(sum(e.total) FILTER (WHERE m.will AND NOT m.was), 0),
    (SELECT count(*) FROM entries)
  FROM entries e CROSS JOIN roles r CROSS JOIN LATERAL (
    SELECT r.old_limit IS NULL OR e.total <= r.old_limit AS was,
      r.new_limit IS NULL OR e.total <= r.new_limit AS will) m
  GROUP BY r.role, e.base ORDER BY e.base, r.role DESC"""

# Of the roles that a person holds the widest limit counts; an own one beats the role's.
PEOPLE = f"""
  WITH {_ENTRIES}, {_ROLES}, limits AS (
    SELECT a.user_id,
      bool_or(coalesce(a.approval_limit, r.old_limit) IS NULL) AS was_free,
      bool_or(coalesce(a.approval_limit, r.new_limit) IS NULL) AS is_free,
      max(coalesce(a.approval_limit, r.old_limit)) AS old_limit,
      max(coalesce(a.approval_limit, r.new_limit)) AS new_limit
    FROM organizations_roleassignment a JOIN roles r ON r.role = a.role
    WHERE a.revoked_at IS NULL GROUP BY a.user_id)
  SELECT e.checker_id, e.base, count(*), sum(e.total), max(e.total)
  FROM entries e JOIN limits l ON l.user_id = e.checker_id
  WHERE NOT l.is_free AND e.total > l.new_limit AND (l.was_free OR e.total <= l.old_limit)
  GROUP BY e.checker_id, e.base ORDER BY count(*) DESC, e.checker_id LIMIT %(most_people)s"""

# An invoice is an ordinary line that adds to receivables or payables.
TAXES = f"""
  WITH {_ENTRIES}, invoices AS (
    SELECT l.currency_id AS currency, abs(l.amount) AS gross, c.minor_digits AS digits
    FROM entries e JOIN ledgers_journalline l ON l.entry_id = e.id
    JOIN ledgers_account a ON a.id = l.account_id
    JOIN organizations_currency c ON c.code = l.currency_id
    WHERE e.kind = 'ordinary'
      AND ((a.control = 'receivable' AND l.amount > 0)
        OR (a.control = 'payable' AND l.amount < 0)))
  SELECT i.currency, count(*), sum(i.gross), {_tax("old_rate", "old_mode")},
    {_tax("new_rate", "new_mode")}
  FROM invoices i GROUP BY i.currency ORDER BY i.currency"""

# Exact: a division would round a first time.
_EXACT = "(l.amount * l.rate * CASE l.rate_per WHEN 100 THEN 0.01 ELSE 1 END)"
CONVERSIONS = f"""
  WITH {_ENTRIES}, converted AS (
    SELECT l.currency_id AS currency, e.base,
      {_rounded(_EXACT, "e.base_digits", "old_mode")} AS was,
      {_rounded(_EXACT, "e.base_digits", "new_mode")} AS will
    FROM entries e JOIN ledgers_journalline l ON l.entry_id = e.id
    WHERE l.currency_id <> e.base AND l.amount <> 0)
  SELECT currency, base, count(*), count(*) FILTER (WHERE was <> will),
    coalesce(sum(will - was), 0)
  FROM converted GROUP BY currency, base ORDER BY currency, base"""
