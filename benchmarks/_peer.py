"""The peer's program: started once, asked for a rate whenever it is its turn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.db import connection

PACKAGES = Path(sys.prefix) / "peers"
DATABASE = "peer"


class Peer:
    """django-hordak in a database of its own on the same cluster."""

    def __enter__(self) -> Self:
        """Make the database and wait until the program is ready.

        Raises:
            RuntimeError: its packages are not there, or it did not start.
        """
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {DATABASE}")
        url = urlsplit(os.environ["DATABASE_URL"])
        path = os.pathsep.join([str(PACKAGES), os.environ.get("PYTHONPATH", "")])
        self._program = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._hordak"],
            env=os.environ
            | {"PEER_DATABASE_URL": url._replace(path=f"/{DATABASE}").geturl()}
            | {"PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        if self._answer() != "ready":
            raise RuntimeError("the peer did not start")
        return self

    def run(self, *, processes: int, seconds: float) -> float:
        """Return how many transfers a second it reaches."""
        assert self._program.stdin  # noqa: S101  (a pipe, see above)
        self._program.stdin.write(f"{processes} {seconds}\n")
        return float(self._answer())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """End the program."""
        self._program.communicate()

    def _answer(self) -> str:
        assert self._program.stdout  # noqa: S101  (a pipe, see above)
        return self._program.stdout.readline().strip()
