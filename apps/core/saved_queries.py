"""Query strings of lists that people keep under a name: what such a name and string may be."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput
from apps.core.text import clean_text

LONGEST_NAME = 60
LONGEST_QUERY = 1000
# Where one was in a list, as opposed to what it shows.
_PLACES = ("page", "before", "after")


def named_query(name: str, query: str) -> tuple[str, str]:
    """Return a name and a query string as they are kept, the place within the list left out.

    Raises:
        InvalidInput, InvalidText: the name is empty, too long or holds hidden characters, or
            the query is too long.
    """
    name = clean_text(name, field="name")
    if not name or len(name) > LONGEST_NAME:
        problem = _("between 1 and %(limit)s characters") % {"limit": LONGEST_NAME}
        raise InvalidInput(field="name", field_name=_("Name"), problem=problem)
    kept = QueryDict(query[: LONGEST_QUERY * 2].removeprefix("?"), mutable=True)
    for place in _PLACES:
        kept.pop(place, None)
    text = kept.urlencode()
    if len(text) > LONGEST_QUERY:
        problem = _("these filters are too long to keep")
        raise InvalidInput(field="name", field_name=_("Name"), problem=problem)
    return name, text
