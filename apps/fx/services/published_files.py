"""The bytes of a published file as text: plain, or the one CSV of a ZIP, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib

from apps.fx.errors import RatesTooLarge, UnreadableRates

MEGABYTE = 1024 * 1024
# The history of 27 years takes 0.6 MB packed and 1.9 MB unpacked.
MAX_BYTES = 8 * MEGABYTE
MAX_UNPACKED_BYTES = 32 * MEGABYTE
_ZIP_MAGIC = b"PK"
_ENCRYPTED = 0x1


def text_of(content: bytes) -> str:
    """Return the text of a file.

    Raises:
        RatesTooLarge: it is larger than such a file can be, or would unpack to more.
        UnreadableRates: it is broken, locked, holds several files, or is no text.
    """
    if len(content) > MAX_BYTES:
        raise RatesTooLarge(field="file", limit=MAX_BYTES // MEGABYTE)
    if content.startswith(_ZIP_MAGIC):
        content = _unpacked(content)
    if b"\0" in content:
        raise UnreadableRates(field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRates(field="file") from error


def _unpacked(content: bytes) -> bytes:
    """Unpack at most the limit, whatever the directory of the ZIP promises."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) != 1 or members[0].flag_bits & _ENCRYPTED:
                raise UnreadableRates(field="file")
            with archive.open(members[0]) as member:
                unpacked = member.read(MAX_UNPACKED_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableRates(field="file") from error
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise RatesTooLarge(field="file", limit=MAX_UNPACKED_BYTES // MEGABYTE)
    return unpacked
