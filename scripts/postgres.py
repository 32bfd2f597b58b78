"""A private PostgreSQL on a Unix socket: no TCP port, nothing else on the machine touched."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from scripts import binaries, places
from scripts.places import SetupError

ROLE = "finance"
DATABASE = "finance_mis"
BUILTIN_LOCALE_SINCE = 17


def _buffers_mb() -> int:
    """Return a sixteenth of the memory, within bounds: a million lines find room there."""
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return min(max(memory_mb // 16, 128), 1024)


OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": f"{_buffers_mb()}MB",
    # A million lines write more than the usual 1 GB: a checkpoint would come in their middle.
    "max_wal_size": "4GB",
    # The writer of the log holds nobody up who writes much at once.
    "wal_buffers": f"{_buffers_mb() // 16}MB",
    "log_min_duration_statement": "500",
    # The data lies on a solid-state disk or in memory, where an index is read as fast.
    "random_page_cost": "1.1",
    # Containers often give /dev/shm only 64 MB, too little for parallel workers.
    "max_parallel_workers_per_gather": "0",
}
UNSAFE_BUT_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Tests roll back what they write: it would count tables as empty, and what a later test
    # then fills in one transaction would be read by plans for an empty table.
    "autovacuum": "off",
}


class Postgres:
    """One cluster in a state folder."""

    def __init__(self, state: Path, *, durable: bool) -> None:
        """Find the binaries and the user; nothing is started yet.

        Raises:
            SetupError: no PostgreSQL that runs here.
        """
        self.state = state
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.log = state / "postgres.log"
        existing = sorted(state.glob("pg[0-9]*/PG_VERSION"))
        self.user = places.server_user(existing[0].parent if existing else None)
        self.binaries = self._reachable(binaries.postgres_folder())
        self.version = self._version()
        self.data = state / f"pg{self.version.partition('.')[0]}"
        self.sockets = places.socket_folder(state, self.user)

    def url(self, database: str = DATABASE) -> str:
        """Return the DATABASE_URL of a database in this cluster."""
        return f"postgresql://{ROLE}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, wait until it answers.

        Raises:
            SetupError: it did not start; the message ends with its log.
        """
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        if self._running():
            return  # left by a runner that was killed: it is used, and stopped with us
        with self.log.open("ab") as log:
            if self.user:
                os.chown(self.log, self.user.pw_uid, self.user.pw_gid)
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                # SIGINT is PostgreSQL's fast shutdown.
                preexec_fn=partial(places.die_with_parent, signal.SIGINT),  # noqa: PLW1509
                **places.as_user(self.user),
            )
        self._wait_until_ready()

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create a database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = "select 1 from pg_database where datname = %s"
            if not connection.execute(known, [name]).fetchone():
                create = sql.SQL("create database {}").format(sql.Identifier(name))
                connection.execute(create)

    def stop(self) -> None:
        """Shut down fast and wait for the end."""
        pid = self._running()
        if not pid:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        for _ in range(600):
            if self.process and self.process.poll() is not None:
                return
            if not self.process and not places.is_alive(pid):
                return
            time.sleep(0.05)

    def _reachable(self, folder: Path) -> Path:
        if places.can_reach(folder / "initdb", self.user):
            return folder
        return binaries.copy_servers(folder, self.state / "servers")

    def _version(self) -> str:
        command = [str(self.binaries / "postgres"), "--version"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **places.as_user(self.user),
        )
        found = re.search(r"\d+(\.\d+)?", done.stdout)
        if done.returncode or not found:
            raise SetupError(
                f"{self.binaries}/postgres does not run here: {done.stderr.strip()}"
            )
        return found[0]

    def _make_cluster(self) -> None:
        """Run initdb beside the final place: an interrupted one leaves no half cluster."""
        unfinished = self.state / "pg-new"
        shutil.rmtree(unfinished, ignore_errors=True)
        places.own_folder(unfinished, self.user)
        options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "-U", ROLE]
        if int(self.version.partition(".")[0]) >= BUILTIN_LOCALE_SINCE:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        done = subprocess.run(
            [self.binaries / "initdb", "-D", str(unfinished), *options],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **places.as_user(self.user),
        )
        if done.returncode:
            raise SetupError(f"initdb failed:\n{done.stdout}{done.stderr}")
        unfinished.rename(self.data)

    def _options(self) -> list[str]:
        options = OPTIONS | {"unix_socket_directories": str(self.sockets)}
        if not self.durable:
            options |= UNSAFE_BUT_FAST
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _wait_until_ready(self) -> None:
        for _ in range(1200):
            if self._running():
                return
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SetupError(f"PostgreSQL {self.version} did not start. {self._log_end()}")

    def _running(self) -> int | None:
        """Return the process of this folder's live server; wait for one that is stopping."""
        for _ in range(200):
            try:
                lines = (self.data / "postmaster.pid").read_text().splitlines()
                pid, status = int(lines[0]), lines[7].strip()
            except (OSError, ValueError, IndexError):
                return None
            if not places.is_alive(pid) or status not in {"ready", "stopping"}:
                return None
            if status == "ready":
                return pid
            time.sleep(0.1)
        return None

    def _log_end(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-8:]
        except OSError:
            return "It wrote no log."
        return "\n".join([f"The end of {self.log}:", *lines])
