"""What a text of a person may hold."""

from __future__ import annotations

import pytest

from apps.core.errors import InvalidText
from apps.core.text import clean_text, has_hostile_characters


def test_it_trims_and_composes() -> None:
    assert clean_text("  Cafe\u0301 付款  ") == "Café 付款"


@pytest.mark.parametrize(
    "hidden", ["\x00", "\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\ud800", "\x85"]
)
def test_it_refuses_characters_that_hide_or_reorder(hidden: str) -> None:
    with pytest.raises(InvalidText) as caught:
        clean_text(f"pay{hidden}001", field="summary")

    assert caught.value.field == "summary"


@pytest.mark.parametrize("hostile", ["\x00", "a\x00b", "\udfff"])
def test_it_sees_what_postgresql_cannot_store(hostile: str) -> None:
    assert has_hostile_characters(hostile)


def test_it_leaves_ordinary_text_alone() -> None:
    assert not has_hostile_characters("报销 – lunch 🍜")
