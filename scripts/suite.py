"""The tests, and any other command, with private servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from scripts.catalogues import compile_catalogues
from scripts.places import ROOT, SetupError, state_folder, temporary_state
from scripts.servers import servers

MOST_PROCESSES = 4


def run_tests(arguments: list[str]) -> int:
    """Run pytest on throw-away servers; without arguments the whole suite, on all cores."""
    compile_catalogues()
    options = arguments or ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES))]
    with temporary_state() as state, servers(state, durable=False) as stack:
        for line in stack.told:
            print("test:", line, flush=True)
        environment = stack.environment | {"FMIS_TESTING": "1"}
        return wait_for([sys.executable, "-m", "pytest", *options], environment)


def run_command(arguments: list[str]) -> int:
    """Run a command beside the demo's data; its servers are used if they already run."""
    if not arguments:
        raise SetupError("./run env needs a command, for example: ./run env python manage.py shell")
    compile_catalogues()
    with servers(state_folder()) as stack:
        environment = {"FMIS_DEMO": "1"} | stack.environment
        return wait_for(arguments, environment)


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end; it gets Ctrl-C itself, and SIGTERM from us."""
    child = subprocess.Popen(command, env=environment, cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()
