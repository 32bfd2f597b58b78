"""The demo: migrate, seed, run the Procfile, wait until it is healthy, tell where it is.

HOST, PORT            where it listens (127.0.0.1, the first free port from 8000 on)
CREDIT_PORT           where its credit bureau listens, to this machine alone (from 8100 on)
CREDIT_BUREAU_URL     another bureau to ask; then none is started here
FMIS_STATE            where its data is kept between runs
FMIS_DEMO_PASSWORD    the password of the demo's people
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scripts.catalogues import compile_catalogues
from scripts.health import check_everything, is_healthy
from scripts.places import (
    ROOT,
    SetupError,
    Stopped,
    only_one,
    state_folder,
    stop_on_signals,
)
from scripts.procfile import Processes, read_procfile
from scripts.servers import servers

FIRST_PORT = 8000
FIRST_BUREAU_PORT = 8100
PORTS_TO_TRY = 20
SECONDS_TO_GET_HEALTHY = 120
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}
PEOPLE = "accountant, senior, approver, treasury, auditor, admin"
KNOWN_PASSWORD = "demo-finance-2026"  # noqa: S105  (shown to all on this machine)


@dataclass(frozen=True)
class Address:
    """Where the demo listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return the address for a browser on this machine."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (compared)
        host = everywhere.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def run_demo(arguments: list[str]) -> int:
    """Bring the demo up and keep it until Ctrl-C; with --check until it was seen healthy."""
    options = _options(arguments)
    started = time.monotonic()
    state = state_folder()
    stop_on_signals()
    try:
        with ExitStack() as stack:
            stack.enter_context(only_one(state))
            address = _free_address("PORT", os.environ.get("HOST", "127.0.0.1"), FIRST_PORT)
            bureau = _bureau(address)
            if options.reset:
                _forget(state)
            running = stack.enter_context(servers(state))
            for line in running.told:
                print("demo:", line, flush=True)
            environment = _environment(running.environment, address, state)
            _prepare(environment)
            print(f"demo: database ready after {time.monotonic() - started:.0f} s", flush=True)
            processes = Processes(environment | bureau)
            stack.callback(processes.stop)
            _run(processes, address, check=options.check)
    except Stopped as stopped:
        print(f"demo: {stopped}, stopped; the data stays in {state}", flush=True)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description="Run the demo.")
    parser.add_argument("--reset", action="store_true", help="forget the data of earlier runs")
    parser.add_argument("--check", action="store_true", help="stop once all was seen healthy")
    return parser.parse_args(arguments)


def _free_address(name: str, host: str, first: int, *, taken: int = 0) -> Address:
    """Return where to listen; a port that was asked for is taken or refused, never replaced.

    `name` is the variable that asks for a port; `taken` is one that another part will use.
    """
    asked = os.environ.get(name)
    if asked and not asked.isdecimal():
        raise SetupError(f"{name} must be a number, not {asked!r}")
    ports = [int(asked)] if asked else range(first, first + PORTS_TO_TRY)
    reason = ""
    for port in ports:
        if port == taken:
            reason = "the application itself listens there"
            continue
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError) as error:
                reason = str(error)
            else:
                return Address(host, port)
    where = f"{host}:{ports[0]}"
    example = f"{name}={first + 80} ./run demo"
    raise SetupError(f"cannot listen on {where}: {reason}. Choose: {example}")


def _bureau(application: Address) -> dict[str, str]:
    """Return what leads to the credit bureau: another one, or ours on a port that is free."""
    if os.environ.get("CREDIT_BUREAU_URL"):
        return {}
    ours = _free_address("CREDIT_PORT", "127.0.0.1", FIRST_BUREAU_PORT, taken=application.port)
    return {"CREDIT_BUREAU_URL": ours.url, "CREDIT_PORT": str(ours.port)}


def _forget(state: Path) -> None:
    """Remove the demo's data; a database behind DATABASE_URL is never touched."""
    if os.environ.get("DATABASE_URL"):
        raise SetupError("--reset does not touch the database that DATABASE_URL names")
    for folder in [*state.glob("pg[0-9]*"), state / "pg-new", state / "redis", state / "media"]:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(found: dict[str, str], address: Address, state: Path) -> dict[str, str]:
    return {
        **found,
        "FMIS_DEMO": "1",
        "FMIS_DEMO_PASSWORD": _password(address),
        "FMIS_STATE": str(state),
        "HOST": address.host,
        "PORT": str(address.port),
        "PYTHONUNBUFFERED": "1",
    }


def _password(address: Address) -> str:
    """Return the known password where only this machine can try it, else a random one."""
    given = os.environ.get("FMIS_DEMO_PASSWORD")
    if given:
        return given
    return KNOWN_PASSWORD if address.host in LOCAL_HOSTS else secrets.token_urlsafe(12)


def _prepare(environment: dict[str, str]) -> None:
    compile_catalogues()
    for command in (["migrate", "--verbosity", "0"], ["seed_demo"]):
        line = [sys.executable, "manage.py", *command]
        code = subprocess.run(line, env=environment, cwd=ROOT, check=False).returncode
        if code:
            raise SetupError(
                f"manage.py {command[0]} failed (exit {code}); its message is above"
            )


def _run(processes: Processes, address: Address, *, check: bool) -> None:
    """Start everything, wait until it is healthy, then until it ends."""
    started = time.monotonic()
    for name, command in read_procfile().items():
        if name != "credit" or not os.environ.get("CREDIT_BUREAU_URL"):
            processes.start(name, command)
    while not is_healthy(address.url):
        _fail_if_ended(processes)
        if time.monotonic() - started > SECONDS_TO_GET_HEALTHY:
            raise SetupError(f"not healthy after {SECONDS_TO_GET_HEALTHY} s: {address.url}")
        time.sleep(0.2)
    _tell(processes, address)
    if check:
        check_everything(address.url, processes.environment)
        print("demo: healthy, the worker answers; stopping", flush=True)
        return
    while True:
        _fail_if_ended(processes)
        time.sleep(0.5)


def _fail_if_ended(processes: Processes) -> None:
    ended = processes.ended()
    if ended:
        raise SetupError(f"{ended[0]} ended (exit {ended[1]}); its messages are above")


def _tell(processes: Processes, address: Address) -> None:
    bureau = processes.environment["CREDIT_BUREAU_URL"]
    print(
        f"\n  Finance MIS is up:  {address.url}/\n"
        f"  sign in as {PEOPLE}\n"
        f"  password   {processes.environment['FMIS_DEMO_PASSWORD']}\n"
        f"  the credit bureau, to make it slow or fail:  {bureau}/\n"
        "  Ctrl-C stops it and keeps its data\n",
        flush=True,
    )
