"""Have a file read by a process that is limited, and told apart from the worker.

A bomb or a file that drives a reader mad ends that process: the worker goes on, and people
read why their file was refused.

    with reading_process(folder, request) as child:
        child.found         what the file says, as soon as all of it is read and proved
        for path in child:  its lines, in files that are written while one is used
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import apps
from apps.core.errors import FinanceError
from apps.core.tabular import errors as table_errors
from apps.statements import errors
from apps.statements.clients.readers import ReadFile
from apps.statements.clients.reading_child import PROCESSOR_SECONDS, REQUEST

if TYPE_CHECKING:
    from apps.statements.clients.readers import Request

# Waiting for other work is no fault of the file.
WALL_SECONDS = 5 * PROCESSOR_SECONDS
COMMAND = ("-m", "apps.statements.clients.reading_child")
_ROOT = Path(next(iter(apps.__path__))).parent
_SAID = "said.txt"


class ReadingProcess:
    """A process that reads a folder's file, and writes its lines."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        """Wait until the file is read.

        Raises:
            FinanceError: why it is refused, with the line where there is one.
            StatementUnreadable: the process was ended: the file asks for too much.
        """
        self._folder, self._process = folder, process
        self._files: list[Path] = []
        answer = self._next()
        if answer is None:
            raise errors.StatementUnreadable from ChildEnded(0, "")
        self.found = answered(json.loads(answer.read_text(encoding="utf-8")))

    def __iter__(self) -> Iterator[Path]:
        """Yield the files of the lines, in order; a second time those that are there already.

        Raises:
            StatementUnreadable: the process was ended before it had written all of them.
        """
        yield from self._files
        while path := self._next():
            self._files.append(path)
            yield path

    def _next(self) -> Path | None:
        if name := (self._process.stdout or sys.stdin).readline().strip():
            return self._folder / name
        if code := self._process.wait():
            said = (self._folder / _SAID).read_text(encoding="utf-8", errors="replace")
            raise errors.StatementUnreadable from ChildEnded(code, said[-2000:])
        return None


@contextmanager
def reading_process(folder: Path, request: Request) -> Iterator[ReadingProcess]:
    """Have the folder's file read; what is not asked for any more is not written.

    Raises:
        FinanceError: why it is refused, with the line where there is one.
        StatementUnreadable: the process was ended: the file asks for too much.
    """
    (folder / REQUEST).write_text(json.dumps(asdict(request)), encoding="utf-8")
    with (folder / _SAID).open("wb") as said:
        process = subprocess.Popen(  # noqa: S603  (our own module and our own folder)
            [sys.executable, *COMMAND, str(folder)],
            cwd=_ROOT,
            env={"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            encoding="utf-8",
        )
    timer = Timer(WALL_SECONDS, process.kill)
    timer.start()
    try:
        with process:
            try:
                yield ReadingProcess(folder, process)
            finally:
                process.kill()
    finally:
        timer.cancel()


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
