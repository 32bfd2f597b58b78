"""Benchmarks on a throw-away cluster that keeps its promises: fsync and sync commit on."""

from __future__ import annotations

import subprocess
import sys

from scripts.places import ROOT, SetupError, temporary_state
from scripts.servers import Stack, servers
from scripts.suite import wait_for

FOLDER = ROOT / "benchmarks"


def run_benchmarks(arguments: list[str]) -> int:
    """Run benchmarks by name, all without one; what follows `--` goes to each of them."""
    names, extra = _split(arguments)
    known = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SetupError(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
    results = [_run_one(name, extra) for name in names or known]
    return max(results, default=0)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def _run_one(name: str, extra: list[str]) -> int:
    """Run one benchmark on a fresh cluster, so that none sees what another left."""
    with temporary_state() as state, servers(state, durable=True) as stack:
        for line in stack.told:
            print(f"bench: {line}", file=sys.stderr, flush=True)
        environment = stack.environment | {
            "FMIS_TESTING": "1",
            "FMIS_STATE": str(state),
            "FMIS_PGBENCH": stack.pgbench,
        }
        _migrate(stack, environment)
        return wait_for([sys.executable, "-m", f"benchmarks.{name}", *extra], environment)


def _migrate(stack: Stack, environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode:
        raise SetupError(f"migrate failed ({stack.told[0]})")
