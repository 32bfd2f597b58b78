"""Read XLSX: look at the zip directory first, then let a limited process read the cells."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from apps.core.tabular import errors

ZIP_MAGIC = b"PK\x03\x04"
# The container of .xls and of encrypted workbooks (Compound File Binary Format).
OLD_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 200
_CHILD = Path(__file__).with_name("workbook_child.py")
_PROBLEMS: dict[str, type[errors.UnreadableFile]] = {
    kind.code: kind
    for kind in (
        errors.TooManyColumns,
        errors.TooManyRows,
        errors.LostDigits,
        errors.NulInFile,
        errors.CellTooLong,
    )
}


def check_archive(data: bytes) -> None:
    """Refuse a workbook by its zip directory, before anything is unpacked.

    Raises:
        UnreadableFile: it is no workbook, or promises more than a table of rows needs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise errors.UnreadableFile from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise errors.UnreadableFile
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MAX_ENTRIES
        or len(names) < len(entries)
        or unpacked > MAX_RATIO * len(data)
    ):
        raise errors.SuspiciousArchive
    if unpacked > MAX_UNPACKED_BYTES:
        raise errors.WorkbookTooLarge(limit=MAX_UNPACKED_BYTES // 1024**2)


def iter_workbook(data: bytes, limits: tuple[int, int, int]) -> Iterator[Any]:
    """Yield the head `{"sheet": name}`, then a list of texts for each row.

    `limits` are rows, columns, and characters in a cell. The reading process ends with
    this generator, however that ends.

    Raises:
        UnreadableFile: the process gave up, or a cell cannot be taken over exactly.
    """
    check_archive(data)
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        child = subprocess.Popen(  # noqa: S603  (our own script, limits are numbers)
            [sys.executable, "-I", str(_CHILD), *map(str, limits)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with child:
            try:
                yield from map(_answer, _lines(child.stdout))
                if child.wait():
                    raise errors.UnreadableFile
            finally:
                # Also when nobody reads on: the process must not wait for a reader.
                child.kill()


def _lines(stream: IO[bytes] | None) -> Iterator[Any]:
    """Yield the JSON values of a process that writes one for each line."""
    for line in stream or ():
        try:
            yield json.loads(line)
        except ValueError as error:
            # The process was ended in the middle of a line.
            raise errors.UnreadableFile from error


def _answer(answer: Any) -> Any:
    """Return a head or a row; raise the problem that the process found."""
    if isinstance(answer, dict) and "code" in answer:
        raise _PROBLEMS[answer.pop("code")](**answer)
    return answer
