"""Another process that asks a flag again and again: `python -m tests.rollout.reader 7`.

It prints "on" or "off" whenever the answer changes, with the statements since the line
before, and ends when it was on and is off again, or when patience ends. With a second
argument it never listens, as a process that is cut off.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import django

PATIENCE_SECONDS = 60


def main() -> None:
    """Ask until the answer was on and is off again."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415  (after the set-up)
    from django.db import connection  # noqa: PLC0415

    from apps.core import notifications  # noqa: PLC0415
    from apps.organizations.models import Department  # noqa: PLC0415
    from apps.rollout.services.decisions import choose  # noqa: PLC0415
    from apps.rollout.words import FINANCIAL_APPROVAL_V2  # noqa: PLC0415

    settings.LISTEN_FOR_CHANGES = is_listening = sys.argv[2:] == []
    statements: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    department = Department.objects.get(pk=int(sys.argv[1]))
    said: list[bool] = []
    until = time.monotonic() + PATIENCE_SECONDS
    with connection.execute_wrapper(count):
        while said[-2:] != [True, False] and time.monotonic() < until:
            is_on = choose(FINANCIAL_APPROVAL_V2, department).is_on
            is_ready = notifications.is_hearing() or not is_listening
            if is_ready and said[-1:] != [is_on]:
                print("on" if is_on else "off", len(statements), flush=True)  # noqa: T201
                said.append(is_on)
                statements.clear()


if __name__ == "__main__":
    main()
