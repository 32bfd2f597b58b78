"""The two URLs that everything needs: from the environment, or of servers started here.

DATABASE_URL and REDIS_URL, when set, are used as they are and nothing is started. A PostgreSQL
or Redis that listens on the standard ports is neither used nor disturbed.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.places import ROOT, open_state_folder
from scripts.postgres import Postgres
from scripts.valkey import Valkey


@dataclass(frozen=True)
class Stack:
    """Running servers: the environment that leads to them, and what to tell people."""

    environment: dict[str, str]
    told: list[str]
    pgbench: str


@contextlib.contextmanager
def servers(state: Path, *, durable: bool = True, as_guest: bool = False) -> Iterator[Stack]:
    """Yield running servers, and stop them; a guest leaves them to the runner that owns them.

    `durable` off trades safety for speed: only for a folder that is thrown away.
    """
    open_state_folder(state)
    urls, told, pgbench = {}, [], "pgbench"
    with contextlib.ExitStack() as stops:
        if os.environ.get("DATABASE_URL"):
            told.append(f"database   {_hide(os.environ['DATABASE_URL'])} (DATABASE_URL)")
        else:
            postgres = Postgres(state, durable=durable)
            if not as_guest:
                stops.callback(postgres.stop)
            postgres.start()
            postgres.ensure_database()
            urls["DATABASE_URL"] = postgres.url()
            pgbench = str(postgres.binaries / "pgbench")
            told.append(f"database   private PostgreSQL {postgres.version} in {postgres.data}")
        if os.environ.get("REDIS_URL"):
            told.append(f"queue      {_hide(os.environ['REDIS_URL'])} (REDIS_URL)")
        else:
            valkey = Valkey(state)
            if not as_guest:
                stops.callback(valkey.stop)
            valkey.start()
            urls["REDIS_URL"] = valkey.url()
            told.append(f"queue      private {valkey.title} at {valkey.socket}")
        yield Stack(_environment(urls), told, pgbench)


def _environment(urls: dict[str, str]) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    python_path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **urls, "PATH": path, "PYTHONPATH": python_path}


def _hide(url: str) -> str:
    """Hide the password of a URL."""
    return re.sub(r":[^:@/]+@", ":***@", url)
