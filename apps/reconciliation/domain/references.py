"""References and texts in one spelling, so that equal ones are equal.

    "txn 2026-0001" → TXN20260001        "ＴＸＮ０００１" → TXN0001

Full-width characters become ASCII, letters capitals, and ASCII that is neither letter nor digit
goes. Other scripts stay as they are. DuckDB does the same (engines/duck_load.py): only what
every engine does alike is allowed here.
"""

from __future__ import annotations

import re
import string

# U+FF01 to U+FF5E are the ASCII characters in full width; U+3000 is the wide space.
WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
FROM = WIDE + string.ascii_lowercase
TO = NARROW.upper() + string.ascii_uppercase
DROPPED = r"[\x00-\x2F\x3A-\x40\x5B-\x60\x7B-\x7F\x{A0}\x{200B}\x{FEFF}]+"

_TABLE = str.maketrans(FROM, TO)
_DROPPED = re.compile("[\\x00-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7F\xa0\u200b\ufeff]+")


def normalise(text: str) -> str:
    """Return a reference or a text without what people spell differently."""
    return _DROPPED.sub("", capitals(text))


def capitals(text: str) -> str:
    """Return a text in narrow capitals; nearly all texts of banks take the short way."""
    return text.upper() if text.isascii() else text.translate(_TABLE)


def prefix_pattern(prefixes: tuple[str, ...]) -> str:
    """Return the pattern of a reference inside a text: a prefix, then a digit and more.

    It is made of letters and digits alone, so that it means the same in every engine.
    """
    longest_first = sorted(set(prefixes), key=lambda prefix: (-len(prefix), prefix))
    return f"(?:{'|'.join(longest_first)})[-_/ ]*[0-9][0-9A-Z_/-]*"


def reference_in(text: str, prefixes: tuple[str, ...]) -> str:
    """Return the normalised reference: the first with such a prefix, or the whole text."""
    if not prefixes:
        return normalise(text)
    found = re.search(prefix_pattern(prefixes), capitals(text))
    return normalise(found[0]) if found else ""
