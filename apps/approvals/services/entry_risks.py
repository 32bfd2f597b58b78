"""Risks that the books tell of an entry: new suppliers, and budgets that it goes over.

A supplier is new if the books know it for less than thirty days, or not at all. One statement
finds both for all entries of a page.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import get_language

NEW_FOR = timedelta(days=30)

# A supplier is known by a posted line before the first of those days. Only of the others
# the first line is looked for: they have few.
_SQL = """
WITH used AS (
  SELECT DISTINCT l.entry_id, v.id, v.code, v.name, v.name_zh
  FROM ledgers_journalline l
  JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
  JOIN ledgers_dimensionvalue v ON v.id = ANY (d.value_ids)
  JOIN ledgers_dimensiontype t ON t.id = v.type_id AND t.code = 'supplier'
  WHERE l.entry_id = ANY (%(entries)s)
), suppliers AS MATERIALIZED (
  SELECT DISTINCT u.id FROM used u WHERE NOT EXISTS (
    SELECT 1 FROM ledgers_dimensionset d
    JOIN ledgers_journalline l ON l.dimension_set_id = d.id AND l.entry_date < %(since)s
    JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.state = 'posted'
    WHERE d.value_ids @> ARRAY[u.id])
), firsts AS (
  SELECT s.id, (
    SELECT min(l.entry_date) FROM ledgers_dimensionset d
    JOIN ledgers_journalline l ON l.dimension_set_id = d.id
    JOIN ledgers_journalentry e ON e.id = l.entry_id AND e.state = 'posted'
    WHERE d.value_ids @> ARRAY[s.id]) AS first_used_on
  FROM suppliers s
)
SELECT u.entry_id, true AS is_supplier, json_build_object('code', u.code, 'name', u.name,
  'name_zh', u.name_zh, 'first', f.first_used_on)::text AS facts
FROM used u JOIN firsts f ON f.id = u.id
UNION ALL
SELECT u.entry_id, false, json_build_object('name', b.name, 'currency', b.currency_id,
  'amount', b.amount::text, 'taken', (t.spent + t.reserved)::text, 'part', u.amount::text)::text
FROM budgets_budgetuse u
JOIN budgets_budget b ON b.id = u.budget_id AND b.is_active
JOIN budgets_budgettotal t ON t.budget_id = b.id AND t.spent + t.reserved > b.amount
WHERE u.entry_id = ANY (%(entries)s) AND u.phase = 'reserved' AND u.amount > 0
ORDER BY 1, 3
"""


@dataclass(frozen=True, slots=True)
class NewSupplier:
    """A supplier of an entry; `first_used_on` is None if no entry with it was ever posted."""

    entry_id: int
    name: str
    first_used_on: date | None


@dataclass(frozen=True, slots=True)
class OverBudget:
    """A budget of which more is spent and reserved than there is, a part by the entry."""

    entry_id: int
    budget: str
    currency: str
    amount: Decimal
    taken: Decimal
    part: Decimal


def entry_risks(entry_ids: Collection[int], today: date) -> list[NewSupplier | OverBudget]:
    """Return what the books tell of entries, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"entries": list(entry_ids), "since": today - NEW_FOR})
        return [
            (_supplier if is_supplier else _budget)(entry_id, json.loads(facts))
            for entry_id, is_supplier, facts in cursor
        ]


def _supplier(entry_id: int, facts: dict[str, Any]) -> NewSupplier | OverBudget:
    is_chinese = (get_language() or "").startswith("zh")
    name = (facts["name_zh"] if is_chinese else "") or facts["name"]
    first = facts["first"]
    day = date.fromisoformat(first) if first else None
    return NewSupplier(entry_id, f"{facts['code']} {name}", day)


def _budget(entry_id: int, facts: dict[str, Any]) -> NewSupplier | OverBudget:
    amount, taken, part = (Decimal(facts[key]) for key in ("amount", "taken", "part"))
    return OverBudget(entry_id, facts["name"], facts["currency"], amount, taken, part)
