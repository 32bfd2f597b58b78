"""Have the file of a statement read by a process of its own; in a worker only.

The bytes are compared with their hash on the way: what is read is what was brought.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apps.statements.clients.readers import FILE, MEGABYTE, Request
from apps.statements.clients.reading_process import reading_process
from apps.statements.errors import StatementBytesChanged

if TYPE_CHECKING:
    from apps.statements.clients.readers import ReadFile
    from apps.statements.models import StatementFile


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says; `lines` are files with all its lines, as COPY takes them.

    A file of lines is there when it is come to: the next one is written meanwhile.
    """

    found: ReadFile
    lines: Iterable[Path]


@contextmanager
def reading_of(statement: StatementFile) -> Iterator[Reading]:
    """Read a file, and prove what can be proved without the lines that are there already.

    Raises:
        FinanceError: why it is refused, with the line where there is one.
        StatementBytesChanged: the kept bytes are not those that were brought.
    """
    with tempfile.TemporaryDirectory(prefix="statement-") as name:
        folder = Path(name)
        _fetch(statement, folder / FILE)
        with reading_process(folder, request_of(statement)) as child:
            yield Reading(child.found, child)


def request_of(statement: StatementFile) -> Request:
    """Return what is known of a file when it is read."""
    channel = statement.channel
    return Request(
        format=statement.format,
        rules=statement.rules,
        # The channel may have changed since; the file is of the one it came to.
        account=statement.external_account,
        code=channel.code,
        currency=channel.currency_id,
        digits=channel.currency.minor_digits,
        statement=statement.pk,
        channel=channel.pk,
    )


def hash_of(statement: StatementFile, target: Path | None = None) -> str:
    """Return the SHA-256 of the bytes that are kept; write them to `target` on the way."""
    digest = hashlib.sha256()
    with statement.file.open("rb") as stored, (target or Path("/dev/null")).open("wb") as copy:
        while piece := stored.read(MEGABYTE):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


def _fetch(statement: StatementFile, target: Path) -> None:
    if hash_of(statement, target) != statement.sha256:
        raise StatementBytesChanged(file=statement.filename)
