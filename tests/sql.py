"""Plain SQL past the application, and the check that PostgreSQL refuses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction


def refuse(sqlstate: str, sql: str, **values: Any) -> None:
    """Run SQL and check that it is refused with the SQLSTATE, at once or at commit."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        run(sql, **values)
        run("SET CONSTRAINTS ALL IMMEDIATE")
    assert caught.value.__cause__.sqlstate == sqlstate, caught.value  # type: ignore[union-attr]


def run(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run SQL and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []
