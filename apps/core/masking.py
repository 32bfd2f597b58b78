"""Hide numbers of cards, accounts and telephones in what is logged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LONG_NUMBER = re.compile(r"(?<!\d)\d{7,15}(\d{4})(?!\d)")
_SECRET_KEYS = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|csrf", re.IGNORECASE
)


def mask_text(text: str) -> str:
    """Keep the last four digits of every number of 11 to 19 digits."""
    return _LONG_NUMBER.sub(lambda match: f"***{match[1]}", text)


def mask(value: Any) -> Any:
    """Mask texts inside mappings and sequences; values under secret keys vanish."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {
            key: "***" if _SECRET_KEYS.search(str(key)) else mask(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value
