"""Have a file read by a process that is limited, and told apart from the worker.

A bomb or a file that drives a reader mad ends that process: the worker goes on, and people
read why their file was refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apps
from apps.core.errors import FinanceError
from apps.core.tabular import errors as table_errors
from apps.statements import errors
from apps.statements.clients.readers import ReadFile
from apps.statements.clients.reading_child import ANSWER, PROCESSOR_SECONDS, REQUEST

if TYPE_CHECKING:
    from apps.statements.clients.readers import Request

# Waiting for other work is no fault of the file.
WALL_SECONDS = 5 * PROCESSOR_SECONDS
COMMAND = ("-m", "apps.statements.clients.reading_child")
_ROOT = Path(next(iter(apps.__path__))).parent


def read_in_process(folder: Path, request: Request) -> ReadFile:
    """Read the folder's file; its lines are in the folder's lines.csv then.

    Raises:
        FinanceError: why it is refused, with the line where there is one.
        StatementUnreadable: the process was ended: the file asks for too much.
    """
    (folder / REQUEST).write_text(json.dumps(asdict(request)), encoding="utf-8")
    try:
        done = subprocess.run(  # noqa: S603  (our own module and our own folder)
            [sys.executable, *COMMAND, str(folder)],
            cwd=_ROOT,
            env={"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise errors.StatementUnreadable from error
    answer = folder / ANSWER
    if done.returncode or not answer.exists():
        raise errors.StatementUnreadable from ChildEnded(done.returncode, done.stderr[-2000:])
    return answered(json.loads(answer.read_text(encoding="utf-8")))


class ChildEnded(Exception):
    """The process that read a file ended without an answer: its code and last words."""


def answered(answer: dict[str, Any]) -> ReadFile:
    """Return what a process answered; raise the refusal that it found.

    Raises:
        FinanceError: why the file is refused.
    """
    if "code" in answer:
        raise _REFUSALS[answer["code"]](**answer["values"])
    return ReadFile.from_json(answer)


def _refusals() -> Iterator[type[FinanceError]]:
    for module in (errors, table_errors):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, FinanceError):
                yield value


_REFUSALS = {refusal.code: refusal for refusal in _refusals()}
