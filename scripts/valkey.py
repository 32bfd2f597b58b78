"""A private Valkey (or Redis) on a Unix socket.

It keeps nothing on disk: it is a queue and a cache, PostgreSQL holds the truth. Files written
by Valkey 9 would also stop an older Redis from starting.
"""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
from pathlib import Path

from scripts import binaries, places
from scripts.places import SetupError


class Valkey:
    """One server in a state folder."""

    def __init__(self, state: Path) -> None:
        """Find the binary; nothing is started yet.

        Raises:
            SetupError: no Valkey or Redis that runs here.
        """
        self.binary = binaries.redis_binary()
        self.log = state / "redis.log"
        self.folder = places.own_folder(state / "redis", None)
        existing = sorted(state.glob("pg[0-9]*/PG_VERSION"))
        user = places.server_user(existing[0].parent if existing else None)
        self.socket = places.socket_folder(state, user) / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None
        told = subprocess.run(
            [self.binary, "--version"], capture_output=True, text=True, check=False
        )
        version = re.search(r"v=([\d.]+)", told.stdout)
        if not version:
            raise SetupError(f"{self.binary} does not run here: {told.stderr.strip()}")
        self.title = f"{'Valkey' if 'valkey' in self.binary.name else 'Redis'} {version[1]}"

    def url(self) -> str:
        """Return the REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            SetupError: it did not start.
        """
        if self._answers(b"PING\r\n", b"+PONG"):
            return  # left by a runner that was killed: it is used, and stopped with us
        self.socket.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=places.die_with_parent,  # noqa: PLW1509 (no threads run yet)
            )
        for _ in range(400):
            if self._answers(b"PING\r\n", b"+PONG"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SetupError(f"{self.title} did not start; its log is {self.log}")

    def stop(self) -> None:
        """Shut down and wait for the end."""
        self._answers(b"SHUTDOWN NOSAVE\r\n", b"")
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _answers(self, command: bytes, expected: bytes) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket))
            connection.sendall(command)
            return connection.recv(64).startswith(expected)
        return False
