"""Who does what and why, told to the database for the length of one transaction.

The audit triggers read `app.context` and write it beside every row that changes, so no
service can forget to leave a trace. It is set locally: it ends with the transaction and
cannot leak to the next request of a persistent connection.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

from apps.core.trace import current_trace_id

_running: ContextVar[str] = ContextVar("operation_context", default="")


def operation_context(kind: str, *, actor: Any, reason: str = "") -> str:
    """Return the context of an operation as the JSON text that the audit triggers read."""
    return json.dumps({
        "operation_id": str(uuid.uuid4()),
        "kind": kind,
        "actor_id": actor.pk,
        "actor_name": actor.get_username(),
        "organization_id": actor.organization_id,
        "reason": reason,
        "trace_id": current_trace_id(),
    })  # fmt: skip


def _tell_database(context: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.context', %s, true)", [context])


@contextmanager
def operation(kind: str, *, actor: Any, reason: str = "") -> Iterator[None]:
    """Run a block as one named operation of `actor`, in one transaction.

    An operation inside another keeps the outer one's trace and gives the context back
    when it ends.
    """
    outer = _running.get()
    context = operation_context(kind, actor=actor, reason=reason)
    token = _running.set(context)
    try:
        with transaction.atomic():
            _tell_database(context)
            yield
            # A transaction around this one goes on under its own name, or under none.
            _tell_database(outer)
    finally:
        _running.reset(token)
