"""A worker that is killed at a stage of a job: `-m tests.statements.victim JOB STAGE`."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

    from apps.jobs.services.running import run_job
    from apps.statements.services import statement_jobs, statement_writing
    from apps.statements.services.overlap import Overlap

    def die(*_args: object, **_more: object) -> None:
        """Go without a word."""
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_die(overlap: Overlap, lines: Iterable[Path]) -> None:
        """Write the lines, but none of what makes them count."""
        _write(overlap, lines)
        die()

    _write = Overlap.write_missing
    if sys.argv[2] == "reading":
        statement_jobs._keep = die
    elif sys.argv[2] == "lines":
        Overlap.write_missing = write_and_die  # type: ignore[assignment, method-assign]
    elif sys.argv[2] == "end":
        statement_writing._finish = die
    run_job(int(sys.argv[1]))
