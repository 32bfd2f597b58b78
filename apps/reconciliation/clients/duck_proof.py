"""The proof of exact pairs: none is in two, and both rows are what was written of them.

Ranges of keys are looked at one after the other: each takes little memory.
"""

from __future__ import annotations

from apps.reconciliation.clients.duck_load import Connection
from apps.reconciliation.clients.duck_results import keys_within, ranges

_TWICE = "SELECT 1 FROM pairs WHERE {} GROUP BY %s HAVING count(*) > 1"
_UNEQUAL = """
SELECT 1 FROM (SELECT * FROM pairs WHERE {}) p
JOIN book b ON b.pk = p.b JOIN statement s ON s.pk = p.r
WHERE (b.ref, b.cur, b.amount, b."on") IS DISTINCT FROM (s.ref, s.cur, s.amount, s."on")
  OR (b.cur, b.amount) IS DISTINCT FROM (p.cur, p.amount)
"""
# What is wrong, the key by which pairs are taken, and which pairs of a range show it.
_CHECKS = (
    ("a row in two pairs", "b", _TWICE % "b"),
    ("a row in two pairs", "r", _TWICE % "r"),
    ("an exact pair that is not equal", "b", _UNEQUAL),
)


def wrong_pairs(duck: Connection) -> list[str]:
    """Return what is wrong with exact pairs; nothing is a proof."""
    found = (problem for problem, key, sql in _CHECKS if _is_found(duck, key, sql))
    return list(dict.fromkeys(found))


def _is_found(duck: Connection, key: str, sql: str) -> bool:
    looks = (keys_within(key, between) for between in ranges(duck, "pairs", key))
    return any(duck.execute(sql.format(within)).fetchone() for within in looks)
