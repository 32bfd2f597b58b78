"""Another process that reads a policy again and again: `python -m tests.policies.reader 7`.

It prints the number of the version whenever that changes, and how many statements it took
since the line before.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Any

import django

PATIENCE_SECONDS = 60


def main() -> None:
    """Read until version 2 is seen, or patience ends."""
    django.setup()
    from django.db import connection  # noqa: PLC0415  (after the set-up)

    from apps.core import notifications  # noqa: PLC0415
    from apps.policies.services.current import policy_on  # noqa: PLC0415

    statements: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    organization_id, seen = int(sys.argv[1]), None
    until = time.monotonic() + PATIENCE_SECONDS
    with connection.execute_wrapper(count):
        while seen != 2 and time.monotonic() < until:
            number = policy_on(organization_id, date(2099, 1, 1)).number
            if number != seen and notifications.is_hearing():
                print(number, len(statements), flush=True)  # noqa: T201
                seen = number
                statements.clear()


if __name__ == "__main__":
    main()
