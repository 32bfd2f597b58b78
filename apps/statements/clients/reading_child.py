"""Read a file in a process of its own, within limits; started by reading_process.py.

    python -m apps.statements.clients.reading_child FOLDER

The folder holds `file` and `request.json`; `lines.csv` and `answer.json` come into it. A file
that asks for more memory or time than there is ends this process, not the worker.
"""

from __future__ import annotations

import json
import resource
import sys
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


def answer_of(folder: Path) -> dict[str, Any]:
    """Return what the folder's file says, or why it is refused."""
    request = Request(**json.loads((folder / REQUEST).read_text(encoding="utf-8")))
    try:
        return read(folder, request).to_json()
    except FinanceError as error:
        values = {name: str(value) for name, value in error.values.items()}
        return {"code": error.code, "values": values}


def main() -> None:
    """Read the folder that the only argument names."""
    limit()
    folder = Path(sys.argv[1])
    text = json.dumps(answer_of(folder))
    (folder / ANSWER).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
