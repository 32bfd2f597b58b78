"""Pages of long lists: of a known number of rows, or of a number nobody has counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
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
