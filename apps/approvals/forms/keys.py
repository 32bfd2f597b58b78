"""Keys of rows as they come in a form or an address."""

from __future__ import annotations

_MOST_DIGITS = 18


def read_key(text: str | None) -> int:
    """Return a key; 0, which no row has, for anything that is none."""
    is_key = text is not None and text.isascii() and text.isdecimal()
    return int(text) if is_key and text and len(text) <= _MOST_DIGITS else 0
