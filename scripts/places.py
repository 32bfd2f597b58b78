"""Where the private servers live, and as whom they run.

state folder   var/ in the project; as root, where the server's user cannot look into the
               project, /var/tmp/finance-mis-<hash>; or FMIS_STATE
server user    ourselves; PostgreSQL refuses root, so as root it is the owner of an existing
               data folder, else `postgres`, else `nobody`
sockets        in the state folder, or in /tmp where that path is too long for a socket
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_FOLDER = 85
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TEMPORARY_PREFIX = "fmis-run-"


class SetupError(Exception):
    """The machine lacks something; the message says what to do."""


class AlreadyRunning(SetupError):
    """Another runner holds the state folder."""


class Stopped(Exception):
    """Somebody asked this process to end."""


def is_root() -> bool:
    """Tell whether this process runs as root."""
    return os.geteuid() == 0


def server_user(data_owner: Path | None = None) -> pwd.struct_passwd | None:
    """Return whom to run PostgreSQL as, None for ourselves.

    The owner of an existing data folder comes first: installing a distribution's PostgreSQL
    later creates `postgres`, who could not read what `nobody` made.
    """
    if not is_root():
        return None
    if data_owner and (owner := data_owner.stat().st_uid):
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SetupError(
        "this is root, and neither `postgres` nor `nobody` exists to run PostgreSQL"
    )


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the subprocess arguments that run a command as somebody else."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def can_reach(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tell whether the user may enter or execute a path (root's home is closed to others)."""
    if user is None:
        return True
    command = ["/usr/bin/env", "test", "-x", str(path)]
    return subprocess.run(command, check=False, cwd="/", **as_user(user)).returncode == 0


def own_folder(path: Path, user: pwd.struct_passwd | None) -> Path:
    """Make a private folder of the user."""
    path.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)
    return path


def state_folder() -> Path:
    """Return the folder that keeps the demo's data."""
    if os.environ.get("FMIS_STATE"):
        return Path(os.environ["FMIS_STATE"]).resolve()
    if is_root() and not can_reach(ROOT, server_user()):
        return Path("/var/tmp") / f"finance-mis-{_digest(ROOT)}"  # noqa: S108 (survives a reboot)
    return ROOT / "var"


def open_state_folder(state: Path) -> None:
    """Make the state folder; as root, others may enter it: the server's user is one of them.

    What lies in it is closed on its own. Whoever made the folder first may have closed it
    (a umask, an upload before the first demo).
    """
    state.mkdir(parents=True, exist_ok=True)
    if is_root():
        state.chmod(0o755)


def socket_folder(state: Path, user: pwd.struct_passwd | None) -> Path:
    """Make the folder of the sockets; their whole path has to stay under 107 bytes."""
    folder = state / "sock"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
        folder = Path("/tmp") / f"fmis-{_digest(state)}"  # noqa: S108 (short; 0700 and checked)
        if folder.exists() and folder.stat().st_uid not in {
            os.geteuid(),
            user.pw_uid if user else 0,
        }:
            raise SetupError(
                f"{folder} belongs to somebody else; set FMIS_STATE to a short path"
            )
    return own_folder(folder, user)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the folder's lock: two runners on one data folder would fight.

    Raises:
        AlreadyRunning: another runner holds it.
    """
    open_state_folder(state)
    with (state / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            raise AlreadyRunning(
                f"already running here (process {holder}); stop it first, "
                "or give this one its own folder: FMIS_STATE=/some/folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def guest_lock(state: Path, *, wait_for_all: bool) -> Iterator[None]:
    """Mark a guest on another runner's servers, or wait until all guests have left."""
    with (state / "guests.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait_for_all else fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def temporary_state() -> Iterator[Path]:
    """Make a state folder that is gone afterwards; sweep those of runs that were killed."""
    parent = Path("/var/tmp" if is_root() else tempfile.gettempdir())  # noqa: S108 (as root, for another user)
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=parent))
    try:
        with only_one(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "run.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Have Linux signal this child when the runner is killed outright: none is left."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, int(number))


def stop_on_signals() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal into `Stopped`, for an end in order."""

    def stop(number: int, _frame: object) -> NoReturn:
        for ending in ENDING_SIGNALS:
            signal.signal(ending, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for ending in ENDING_SIGNALS:
        signal.signal(ending, stop)
