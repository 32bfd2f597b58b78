"""Pages of long lists: of a known number of rows, of a number nobody has counted, or by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    _AnyPaginator = Paginator[Any]
else:
    _AnyPaginator = Paginator

_LAST_NUMBER = 1_000_000


class CountedPaginator(_AnyPaginator):
    """A paginator that is told how many rows there are."""

    def __init__(self, rows: Any, per_page: int, *, count: int) -> None:
        """Keep the count."""
        super().__init__(rows, per_page)
        self._known_count = count

    @cached_property
    def count(self) -> int:
        """The number of rows."""
        return self._known_count


@dataclass(frozen=True, slots=True)
class UncountedPage:
    """A page of a list whose end was not looked for; it knows whether there is more."""

    object_list: list[Any]
    number: int
    per_page: int
    has_more: bool

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        return iter(self.object_list)

    def start_index(self) -> int:
        """Return the place of the first row, from 1; 0 without any."""
        return (self.number - 1) * self.per_page + 1 if self.object_list else 0

    def end_index(self) -> int:
        """Return the place of the last row."""
        return max(self.start_index() + len(self.object_list) - 1, 0)

    def previous_number(self) -> int | None:
        """Return the number of the page before this one."""
        return self.number - 1 if self.number > 1 else None

    def next_number(self) -> int | None:
        """Return the number of the page after this one."""
        return self.number + 1 if self.has_more else None


def page_number(text: str | None) -> int:
    """Read a page number from a URL; 1 where it is none."""
    is_number = text is not None and text.isascii() and text.isdecimal()
    return min(max(int(text[:9]), 1), _LAST_NUMBER) if is_number and text else 1


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """A page by key, newest first; `newer` and `older` are the keys to go on from, or None."""

    object_list: list[Any]
    newer: int | None = None
    older: int | None = None

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        return iter(self.object_list)


def keyset_page(rows: QuerySet[Any], query: QueryDict, size: int) -> KeysetPage:
    """Return the rows before or after the key of the query, newest first, not by offset.

    A million rows ago costs as much as the first page.
    """
    after, before = _key(query.get("after")), _key(query.get("before"))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        has_newer, has_older = len(found) > size, True
        shown = found[:size][::-1]
    else:
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: size + 1])
        has_newer, has_older = before is not None, len(found) > size
        shown = found[:size]
    if not shown:
        return KeysetPage([])
    newer = shown[0].pk if has_newer else None
    return KeysetPage(shown, newer, shown[-1].pk if has_older else None)


def _key(text: str | None) -> int | None:
    is_key = bool(text) and text is not None and text.isascii() and text.isdecimal()
    return int(text) if is_key and text and len(text) < len(str(2**63)) else None
