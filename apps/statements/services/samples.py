"""The first rows of a table, for the editor of a mapping."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from apps.statements.clients.readers import FILE, guess_columns_of, rows_of, text_of

if TYPE_CHECKING:
    from apps.statements.domain.formats.table import Row
    from apps.statements.domain.mapping import TableMapping

_HEAD_ROWS = 30


def head_of(content: bytes, rules: dict[str, object]) -> list[Row]:
    """Return the first rows of a table.

    Raises:
        UnreadableFile: it is no table that can be read.
    """
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        source = Path(folder) / FILE
        source.write_bytes(content)
        file = text_of(source, "table", str(rules.get("encoding") or ""))
        delimiter = str(rules.get("delimiter") or "")
        return list(islice(rows_of(source, file, delimiter), _HEAD_ROWS))


def guessed_mapping(content: bytes) -> TableMapping:
    """Return a mapping that fits the head of a table: where it begins, which column is what."""
    return guess_columns_of(head_of(content, {}))
