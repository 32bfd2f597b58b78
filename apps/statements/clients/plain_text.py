"""Is a text a CSV about which Python's reader and DuckDB's agree?

They differ about blank lines (which one counts and the other drops), about line ends that are
mixed, and about spaces outside quotation marks. Python's reader decides what such files say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_PIECE = 4 * 1024 * 1024


def is_plain(path: Path, delimiter: str, *, may_end_blank: bool) -> bool:
    """Say whether both read a UTF-8 text in the same way."""
    if len(delimiter) != 1 or not delimiter.isascii():
        return False
    space = b" " if delimiter == "\t" else rb"[ \t]"
    cut = re.escape(delimiter.encode())
    spaced = re.compile(rb'(?m)(?:^|%b)%b+"|"%b+(?:%b|\r?$)' % (cut, space, space, cut))
    line_end, ended = b"", False
    with path.open("rb") as stream:
        for piece in _whole_lines(stream):
            end = _line_end(piece)
            if end is None or (line_end and end and end != line_end):
                return False
            line_end = line_end or end
            if b"\0" in piece or (b'"' in piece and spaced.search(piece)):
                return False
            blank = _blank_line(piece)
            if (ended and piece.strip(b"\r\n")) or piece[blank:].strip(b"\r\n"):
                return False
            ended = ended or blank < len(piece)
    return may_end_blank or not ended


def _line_end(piece: bytes) -> bytes | None:
    """Return how lines end, b"" where none does, None where they differ."""
    ends, returns = piece.count(b"\n"), piece.count(b"\r")
    if not returns:
        return b"\n" if ends else b""
    return b"\r\n" if ends == returns == piece.count(b"\r\n") else None


def _blank_line(piece: bytes) -> int:
    """Return where the first blank line begins, the length where there is none."""
    if piece.startswith((b"\n", b"\r\n")):
        return 0
    found = [at for at in (piece.find(b"\n\n"), piece.find(b"\n\r\n")) if at >= 0]
    return min(found, default=len(piece) - 1) + 1


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_PIECE):
        # A line without an end is longer than either reader takes.
        cut = piece.rfind(b"\n") + 1 or len(piece)
        yield rest + piece[:cut]
        rest = piece[cut:]
    yield rest
