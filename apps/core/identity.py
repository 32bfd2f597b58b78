"""Keys of things that leave the system: sortable by time, and not to be guessed."""

from __future__ import annotations

import secrets
import time
import uuid

_VERSION, _VARIANT = 0x7, 0b10


def uuid7() -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= _VERSION << 76 | secrets.randbits(12) << 64
    return uuid.UUID(int=value | _VARIANT << 62 | secrets.randbits(62))
