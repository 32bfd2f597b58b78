"""What a text of a person may hold."""

from __future__ import annotations

import re
import unicodedata

from apps.core.errors import InvalidText

# Control characters but tab and line ends, and the direction marks that let a text read
# differently from what it is (CVE-2021-42574).
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def clean_text(text: str, *, field: str = "") -> str:
    """Return the text normalised (NFC, single spaces at line level, trimmed).

    Raises:
        InvalidText: it holds control or direction characters.
    """
    if _HIDDEN.search(text):
        raise InvalidText(field=field)
    return unicodedata.normalize("NFC", text).strip()


def has_hostile_characters(text: str) -> bool:
    """Say whether the text holds NUL or a lone surrogate, which PostgreSQL cannot store."""
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)
