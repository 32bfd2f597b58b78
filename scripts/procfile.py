"""Run the lines of the Procfile together: prefix what they say, end all when one ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from scripts.places import ROOT, die_with_parent

SECONDS_TO_FINISH = 15
SECONDS_TO_DIE = 5


def read_procfile(path: Path = ROOT / "Procfile") -> dict[str, str]:
    """Return the command of each process by its name."""
    return dict(re.findall(r"^(\w+):\s*(.+)$", path.read_text(), re.MULTILINE))


class Processes:
    """Running processes, each in its own session, so that Ctrl-C reaches only the runner."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Keep what each process gets as its environment."""
        self.environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: str) -> None:
        """Start one line of the Procfile."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  (it only calls prctl)
        )
        self.running[name] = process
        threading.Thread(target=_relay, args=(name, process.stdout), daemon=True).start()

    def ended(self) -> tuple[str, int] | None:
        """Return the name and exit code of a process that is no longer there, if any."""
        for name, process in self.running.items():
            code = process.poll()
            if code is not None:
                return name, code
        return None

    def stop(self) -> None:
        """Ask all to finish, then end those that did not."""
        for process in self._alive():
            process.send_signal(signal.SIGTERM)
        self._wait(SECONDS_TO_FINISH)
        for process in self._alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        self._wait(SECONDS_TO_DIE)

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        return [process for process in self.running.values() if process.poll() is None]

    def _wait(self, seconds: int) -> None:
        end = time.monotonic() + seconds
        while self._alive() and time.monotonic() < end:
            time.sleep(0.05)


def _relay(name: str, output: IO[bytes] | None) -> None:
    """Pass on each line behind the name of its process."""
    for line in output or ():
        sys.stdout.write(f"{name:>6} | {line.decode(errors='replace')}")
        sys.stdout.flush()
