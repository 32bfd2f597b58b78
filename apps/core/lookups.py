"""A lookup for texts that people search: `summary__holds="rent"`.

Django's `icontains` compares upper-case copies, for which PostgreSQL keeps no statistics; it
then takes every text for a rare one and sorts a whole table for a page of a common one.
"""

from __future__ import annotations

from typing import Any

from django.db.models.lookups import Contains


class Holds(Contains):
    """Whether a text holds another one, whatever the case."""

    lookup_name = "holds"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:  # noqa: ARG002  (Django's signature)
        """Return the operator; the pattern is escaped as for `contains`."""
        return f"ILIKE {rhs}"
