"""Filters that a person keeps under a name, for the own eyes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.models import SavedView

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

LONGEST_NAME = 60
LONGEST_QUERY = 1000


def save_view(ledger: Ledger, page: str, *, name: str, query: str, actor: User) -> SavedView:
    """Keep a query string under a name; the same name again replaces it.

    The page number is left out: a view is about what is shown, not where one was.

    Raises:
        InvalidInput, InvalidText: the name is empty, too long or holds hidden characters.
    """
    name = clean_text(name, field="name")
    if not name or len(name) > LONGEST_NAME:
        problem = _("between 1 and %(limit)s characters") % {"limit": LONGEST_NAME}
        raise InvalidInput(field="name", field_name=_("Name"), problem=problem)
    kept = QueryDict(query[: LONGEST_QUERY * 2].removeprefix("?"), mutable=True)
    kept.pop("page", None)
    text = kept.urlencode()
    if len(text) > LONGEST_QUERY:
        problem = _("these filters are too long to keep")
        raise InvalidInput(field="name", field_name=_("Name"), problem=problem)
    with operation("saved_view.save", actor=actor):
        view, _made = SavedView.objects.update_or_create(
            user=actor, ledger=ledger, page=page, name=name, defaults={"query": text}
        )
    return view


def delete_view(view: SavedView, *, actor: User) -> None:
    """Forget a saved view."""
    with operation("saved_view.delete", actor=actor):
        view.delete()
