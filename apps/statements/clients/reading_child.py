"""Read a file in a process of its own, within limits; started by reading_process.py.

    python -m apps.statements.clients.reading_child FOLDER

The folder holds `file` and `request.json`. Into it come `answer.json`, then the lines in files
of many each: their names are told by standard output, each when its file is whole. A file that
asks for more memory or time than there is ends this process, not the worker.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.core.errors import FinanceError
from apps.statements.clients.readers import Request, read

MEGABYTE = 1024 * 1024
# DuckDB reserves more addresses than it uses, and takes at most 192 MB (line_store.py).
ADDRESS_MB, DATA_MB, PROCESSOR_SECONDS = 4096, 768, 120
REQUEST, ANSWER = "request.json", "answer.json"


def limit() -> None:
    """Take from this process what no statement needs."""
    for kind, most in (
        (resource.RLIMIT_AS, ADDRESS_MB * MEGABYTE),
        (resource.RLIMIT_DATA, DATA_MB * MEGABYTE),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def written(folder: Path) -> Iterator[Path]:
    """Write what the folder's file says, or why it is refused, then its lines."""
    request = Request(**json.loads((folder / REQUEST).read_text(encoding="utf-8")))
    try:
        with read(folder, request) as (found, lines):
            yield _answer(folder, found.to_json())
            yield from lines
    except FinanceError as error:
        values = {name: str(value) for name, value in error.values.items()}
        yield _answer(folder, {"code": error.code, "values": values})


def _answer(folder: Path, values: dict[str, Any]) -> Path:
    path = folder / ANSWER
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def main() -> None:
    """Read the folder that the only argument names."""
    limit()
    for path in written(Path(sys.argv[1])):
        print(path.name, flush=True)  # noqa: T201  (what reading_process.py waits for)


if __name__ == "__main__":
    main()
