"""See that a running demo works: health, sign-in page with its files, bureau and worker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from http import HTTPStatus
from urllib.parse import urljoin

from scripts.places import ROOT, SetupError

STATIC_FILE = re.compile(r'(?:href|src)="([^"]*/static/[^"]+)"')


def is_healthy(url: str) -> bool:
    """Tell whether /healthz says so."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310  (our own server)
            return bool(json.load(answer).get("status") == "ok")
    except (OSError, ValueError, AttributeError):
        return False


def check_everything(url: str, environment: dict[str, str]) -> None:
    """Look at what a newcomer sees first.

    Raises:
        SetupError: something does not answer as it should.
    """
    # The front page sends a stranger to the sign-in page.
    files = STATIC_FILE.findall(_fetch(f"{url}/").decode())
    if not files:
        raise SetupError("the sign-in page names no static file")
    for file in files:
        _fetch(urljoin(url, file))
    if not os.environ.get("CREDIT_BUREAU_URL"):
        # Ours, not one that somebody else runs.
        _fetch(f"{environment['CREDIT_BUREAU_URL']}/healthz")
    _ping_worker(environment)


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own server)
            if answer.status == HTTPStatus.OK:
                body: bytes = answer.read()
                return body
            reason = f"status {answer.status}"
    except OSError as error:
        reason = str(error)
    raise SetupError(f"{url} does not answer as it should: {reason}")


def _ping_worker(environment: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "finance_mis",
        "inspect",
        "ping",
        "-t",
        "10",
    ]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode or "pong" not in done.stdout:
        raise SetupError(f"no worker answers a ping:\n{done.stdout}{done.stderr}")
