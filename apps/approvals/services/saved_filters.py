"""Filters that a person keeps under a name, for the own eyes only.

A list includes "approvals/_saved_filters.html" with `list_name`, its URL name without the app,
and `saved_filters`, which `apps.approvals.access.saved_filters_for` returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.approvals.models import SavedFilter
from apps.core.operation import operation
from apps.core.saved_queries import named_query

if TYPE_CHECKING:
    from apps.organizations.models import User


def save_filter(page: str, *, name: str, query: str, actor: User) -> SavedFilter:
    """Keep a query string of a list under a name; the same name again replaces it.

    Raises:
        InvalidInput, InvalidText: see `named_query`.
    """
    name, text = named_query(name, query)
    with operation("saved_filter.save", actor=actor):
        kept, _made = SavedFilter.objects.update_or_create(
            user=actor, page=page, name=name, defaults={"query": text}
        )
    return kept


def delete_filter(kept: SavedFilter, *, actor: User) -> None:
    """Forget a saved filter."""
    with operation("saved_filter.delete", actor=actor):
        kept.delete()
