"""Filters that a person keeps under a name, for the own eyes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.operation import operation
from apps.core.saved_queries import named_query
from apps.ledgers.models import SavedView

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from apps.organizations.models import User


def save_view(ledger: Ledger, page: str, *, name: str, query: str, actor: User) -> SavedView:
    """Keep a query string under a name; the same name again replaces it.

    Raises:
        InvalidInput, InvalidText: see `named_query`.
    """
    name, text = named_query(name, query)
    with operation("saved_view.save", actor=actor):
        view, _made = SavedView.objects.update_or_create(
            user=actor, ledger=ledger, page=page, name=name, defaults={"query": text}
        )
    return view


def delete_view(view: SavedView, *, actor: User) -> None:
    """Forget a saved view."""
    with operation("saved_view.delete", actor=actor):
        view.delete()
