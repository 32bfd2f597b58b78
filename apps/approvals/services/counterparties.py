"""With whom the business behind a subject is done: the suppliers and customers it names."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

# Each line names at most one value of a type.
_SQL = """
SELECT DISTINCT t.code || ':' || v.id, v.name
FROM ledgers_journalline l
JOIN ledgers_dimensionset d ON d.id = l.dimension_set_id
JOIN ledgers_dimensionvalue v ON v.id = ANY (d.value_ids)
JOIN ledgers_dimensiontype t ON t.id = v.type_id AND t.code IN ('supplier', 'customer')
WHERE l.entry_id IN ({entries})
ORDER BY 1
"""
_OF_ENTRY = _SQL.format(entries="SELECT %s")
_OF_IMPORT = _SQL.format(entries="SELECT approvals_import_entries(%s)")


@dataclass(frozen=True, slots=True)
class Counterparty:
    """One of them; `key` stays the same in every ledger of the organization."""

    key: str
    name: str


def counterparties_of_entry(entry_id: int) -> list[Counterparty]:
    """Return whom the lines of an entry name, each once, in a fixed order."""
    return _found(_OF_ENTRY, entry_id)


def counterparties_of_import(import_id: int) -> list[Counterparty]:
    """Return whom the entries of an import that wait with it name, each once."""
    return _found(_OF_IMPORT, import_id)


def _found(statement: str, key: int) -> list[Counterparty]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        return [Counterparty(key, name) for key, name in cursor]
