"""The tests, and any other command, with private servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

from scripts.catalogues import compile_catalogues
from scripts.places import (
    ROOT,
    AlreadyRunning,
    SetupError,
    guest_lock,
    only_one,
    state_folder,
    temporary_state,
)
from scripts.servers import servers

MOST_PROCESSES = 4


def run_tests(arguments: list[str]) -> int:
    """Run pytest on throw-away servers; without arguments the whole suite, on all cores."""
    compile_catalogues()
    options = arguments or ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES))]
    with temporary_state() as state, servers(state, durable=False) as stack:
        for line in stack.told:
            print("test:", line, flush=True)
        environment = stack.environment | {"FMIS_TESTING": "1", "FMIS_STATE": str(state)}
        return wait_for([sys.executable, "-m", "pytest", *options], environment)


def run_command(arguments: list[str]) -> int:
    """Run a command on the demo's data; a demo that is up is shared, and stays up."""
    if not arguments:
        raise SetupError("./run env needs a command, such as: ./run env python manage.py shell")
    compile_catalogues()
    state = state_folder()
    mode = (
        {} if os.environ.get("DATABASE_URL") else {"FMIS_DEMO": "1", "FMIS_STATE": str(state)}
    )
    with ExitStack() as held:
        try:
            held.enter_context(only_one(state))
            as_guest = False
        except AlreadyRunning:
            held.enter_context(guest_lock(state, wait_for_all=False))
            as_guest = True
        stack = held.enter_context(servers(state, as_guest=as_guest))
        code = wait_for(arguments, mode | stack.environment)
        if not as_guest:
            held.enter_context(guest_lock(state, wait_for_all=True))
        return code


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end; it gets Ctrl-C itself, and SIGTERM from us."""
    child = subprocess.Popen(command, env=environment, cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()
