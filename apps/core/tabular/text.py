"""Read CSV: find out encoding and delimiter, then yield the cells of each row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from apps.core.tabular.errors import BrokenRow, NulInFile, UnknownEncoding

DELIMITERS = ",;\t|"
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Rows that are looked at to find the delimiter, and characters to judge an encoding by.
_SAMPLE_ROWS = 20
_SAMPLE_CHARACTERS = 2000


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding.

    Raises:
        UnknownEncoding: it is neither UTF-8, nor marked UTF-16, nor plausible GB18030.
        NulInFile: the text holds a NUL.
    """
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    text, encoding = _decoded(data, (encoding,) if encoding else ("utf-8", "gb18030"))
    nul = text.find("\0")
    if nul >= 0:
        raise NulInFile(line=text.count("\n", 0, nul) + 1)
    if encoding == "gb18030" and not is_plausible_chinese(text):
        raise UnknownEncoding
    return text, encoding


def sniff_delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter and the text to read, without Excel's `sep=;` line.

    The delimiter is the one that cuts most rows of the beginning into as many cells as the
    headings, and among those the one that gives most columns; a comma when none does.
    """
    first, _, rest = text.partition("\n")
    if (
        first.startswith("sep=")
        and first[4:5] in DELIMITERS
        and len(first.rstrip()) <= len("sep=;")
    ):
        return first[4:5], rest
    return max(DELIMITERS, key=lambda delimiter: _fitness(text, delimiter)), text


def iter_records(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row with its number; the first has the number `first`.

    Raises:
        BrokenRow: quotation marks do not fit together, or one is never closed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = first - 1
    try:
        for number, record in enumerate(reader, start=first):
            yield number, record
    except csv.Error as error:
        raise BrokenRow(row=number + 1) from error


def _decoded(data: bytes, encodings: tuple[str, ...]) -> tuple[str, str]:
    """Return the text in the first encoding that it is valid in."""
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnknownEncoding


def is_plausible_chinese(text: str) -> bool:
    """Say whether most characters beyond ASCII are common Chinese ones.

    Nearly any bytes are valid GB18030: “Müller” in Windows-1252 reads “M黮ler”.
    """
    beyond = list(islice((char for char in text if char > "\x7f"), _SAMPLE_CHARACTERS))
    common = sum(map(_is_common, beyond))
    return common * 10 >= len(beyond) * 7


def _is_common(char: str) -> bool:
    """Say whether a character is in GB 2312 or in the frequent part of Big5."""
    if char.encode("gb2312", "ignore"):
        return True
    traditional = char.encode("big5", "ignore")
    return bool(traditional) and traditional[0] <= 0xC6  # noqa: PLR2004  (end of Big5 level 1)


def _fitness(text: str, delimiter: str) -> tuple[int, int]:
    """Return how many rows agree with the headings, and how many columns there are."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        records = [record for record in islice(reader, _SAMPLE_ROWS) if any(record)]
    except csv.Error:
        return 0, 0
    if not records or len(records[0]) == 1:
        return 0, 0
    widths = Counter(map(len, records))
    return widths[len(records[0])], len(records[0])
