"""The trace id: one for every request, command and task, found again in all it touched.

It is the 32 hex digits of a W3C `traceparent`, taken from the caller or made here, and
travels in a context variable. Every SQL statement carries it as a comment, so that a slow
or odd statement in the database's log leads back to the request.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_NO_TRACE = "0" * 32
_trace_id: ContextVar[str] = ContextVar("trace_id", default="")


def current_trace_id() -> str:
    """Return the running trace id, "" outside of any."""
    return _trace_id.get()


def new_trace_id() -> str:
    """Return a fresh trace id."""
    return secrets.token_hex(16)


def trace_id_from(traceparent: str | None) -> str:
    """Return the trace id of a W3C `traceparent` header, or a fresh one if it is not valid."""
    match = _TRACEPARENT.match(traceparent or "")
    if match is None or match["trace"] == _NO_TRACE:
        return new_trace_id()
    return match["trace"]


@contextmanager
def trace(trace_id: str | None = None) -> Iterator[str]:
    """Run a block under a trace id, a fresh one unless given."""
    value = trace_id or new_trace_id()
    token = _trace_id.set(value)
    try:
        yield value
    finally:
        _trace_id.reset(token)


def _with_comment(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001  (Django's execute wrapper protocol)
    context: dict[str, Any],
) -> Any:
    trace_id = _trace_id.get()
    if not trace_id or not isinstance(sql, str):
        return execute(sql, params, many, context)
    if not many and isinstance(params, (list, tuple)):
        # As a parameter, which the client puts in: the statement itself stays the same, and
        # psycopg takes it apart once, not once for each trace.
        return execute(f"{sql} /* trace_id=%s */", [*params, trace_id], many, context)
    return execute(f"{sql} /* trace_id={trace_id} */", params, many, context)


def comment_statements(connection: Any, **_kwargs: object) -> None:
    """Install the comment on a new connection (receiver of `connection_created`)."""
    if _with_comment not in connection.execute_wrappers:
        connection.execute_wrappers.append(_with_comment)
