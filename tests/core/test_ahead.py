"""What is made while the one before is used."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from apps.core.ahead import one_ahead

_PATIENCE_SECONDS = 10


def test_the_next_item_is_made_while_the_one_before_is_used() -> None:
    is_made = Event()

    def items() -> Iterator[int]:
        yield 1
        is_made.set()
        yield 2

    found = []
    for item in one_ahead(items()):
        found.append(item)
        assert is_made.wait(_PATIENCE_SECONDS)

    assert found == [1, 2]


def test_what_a_maker_raises_comes_where_its_item_would_have() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    found = one_ahead(items())

    assert next(found) == 1
    with pytest.raises(OSError, match="gone"):
        next(found)


def test_no_items_are_none() -> None:
    assert list(one_ahead(iter(()))) == []
