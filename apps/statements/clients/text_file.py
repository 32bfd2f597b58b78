"""Bytes of a file as UTF-8 text on disk, a piece at a time: a file is never whole in memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.core.tabular.errors import BrokenRow, NulInFile, UnknownEncoding
from apps.core.tabular.text import is_plausible_chinese, sniff_delimiter
from apps.statements.errors import WrongEncoding

_PIECE = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKED = {name for _bom, name in _BOMS}
# As people know them.
NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GBK / GB18030",
    "cp1252": "Windows-1252",
}  # fmt: skip
# Characters beyond ASCII by which a text in GB18030 is judged; apps/core/tabular/text.py.
_JUDGED = 2_000


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text in UTF-8 without a mark at its beginning, and the encoding that it came in."""

    path: Path
    encoding: str

    def head(self) -> str:
        """Return its beginning."""
        with self.path.open(encoding="utf-8", newline="") as stream:
            return stream.read(_PIECE)

    def text(self) -> str:
        """Return all of it."""
        with self.path.open(encoding="utf-8", newline="") as stream:
            return stream.read()


def text_file(source: Path, target: Path, named: str = "") -> TextFile:
    """Write the text of a file in UTF-8; `named` is its encoding, "" finds it out.

    Raises:
        WrongEncoding: it is evidently in another encoding than the named one.
        UnknownEncoding: it is not in the named encoding, or in none that is recognised.
        NulInFile: the text holds a NUL.
    """
    if named:
        return _named_text(source, target, named)
    return _found_text(source, target)


def _named_text(source: Path, target: Path, named: str) -> TextFile:
    """Trust a named encoding, unless the bytes say that it is another one.

    UTF-8 reads as GB18030 nearly without an error, only not as what was written.
    """
    try:
        found = _found_text(source, target).encoding
    except (UnknownEncoding, NulInFile):
        found = ""
    if _family(found) == _family(named):
        return TextFile(target, named)
    is_certain = found in _MARKED or (found == "utf-8" and not _is_ascii(source))
    if is_certain or (found and _family(named) == "utf8"):
        raise WrongEncoding(named=NAMES.get(named, named), found=NAMES.get(found, found))
    try:
        _transcode(source, target, named)
    except (UnicodeError, LookupError) as error:
        raise UnknownEncoding from error
    _judge(target, named, is_guessed=False)
    return TextFile(target, named)


def _found_text(source: Path, target: Path) -> TextFile:
    with source.open("rb") as stream:
        begin = stream.read(4)
    marked = next((name for bom, name in _BOMS if begin.startswith(bom)), "")
    encoding = _first_that_fits(source, target, (marked,) if marked else ("utf-8", "gb18030"))
    _judge(target, encoding)
    return TextFile(target, encoding)


def delimiter_of(file: TextFile, named: str = "") -> str:
    """Return the delimiter of a table."""
    return named or sniff_delimiter(file.head())[0]


def records(file: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row of a CSV with its number, from 1.

    Raises:
        BrokenRow: quotation marks do not fit together, or one is never closed.
    """
    number = 0
    with file.path.open(encoding="utf-8", newline="") as stream:
        try:
            for number, record in enumerate(
                csv.reader(stream, delimiter=delimiter, strict=True), start=1
            ):
                yield number, record
        except csv.Error as error:
            raise BrokenRow(row=number + 1) from error


def _first_that_fits(source: Path, target: Path, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            _transcode(source, target, encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnknownEncoding


def cut_off_row(file: TextFile, delimiter: str, width: int) -> tuple[int, str]:
    """Return the last line, and its text, where the file stops before the last cell; else 0.

    Only a file whose last line has no end can have been cut off.
    """
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.path.stat().st_size - _PIECE))
        last = stream.read().rpartition(b"\n")[2].decode(errors="replace")
    if not last.strip() or '"' in last or last.count(delimiter) + 1 >= width:
        return 0, ""
    with file.path.open("rb") as stream:
        ends = sum(piece.count(b"\n") for piece in iter(lambda: stream.read(_PIECE), b""))
    return ends + 1, last.strip()


def _family(encoding: str) -> str:
    return "utf8" if encoding.startswith("utf-8") else encoding


def _is_ascii(source: Path) -> bool:
    with source.open("rb") as stream:
        return all(piece.isascii() for piece in iter(lambda: stream.read(_PIECE), b""))


def _transcode(source: Path, target: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with source.open("rb") as bytes_in, target.open("wb") as text_out:
        while piece := bytes_in.read(_PIECE):
            text_out.write(decoder.decode(piece).encode())
        text_out.write(decoder.decode(b"", final=True).encode())


def _judge(target: Path, encoding: str, *, is_guessed: bool = True) -> None:
    """Refuse a NUL, and what is valid GB18030 by chance."""
    line, beyond = 1, ""
    with target.open("rb") as stream:
        while piece := stream.read(_PIECE):
            nul = piece.find(b"\0")
            if nul >= 0:
                raise NulInFile(line=line + piece.count(b"\n", 0, nul))
            line += piece.count(b"\n")
            if is_guessed and encoding == "gb18030" and len(beyond) < _JUDGED:
                text = piece.decode(errors="ignore")
                beyond += "".join(char for char in text if char > "\x7f")
    if not is_plausible_chinese(beyond):
        raise UnknownEncoding
