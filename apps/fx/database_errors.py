"""PostgreSQL's refusals as the errors that people read; see migrations/sql/rate_guards.sql."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError

from apps.core.errors import FinanceError
from apps.fx.errors import OwnRate, RateIsDecided, RateIsFixed

_BY_STATE: dict[str, type[FinanceError]] = {
    "FM020": RateIsFixed,
    "FM021": OwnRate,
    "FM022": RateIsDecided,
}
_BY_CONSTRAINT: dict[str, type[FinanceError]] = {
    "rate_is_confirmed_by_another_person": OwnRate,
    "rate_import_is_confirmed_by_another_person": OwnRate,
}


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn the database's refusals inside the block into `FinanceError`s.

    Raises:
        FinanceError: the one that the SQLSTATE or the constraint stands for.
    """
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error):
            name = cause.diag.constraint_name or ""
            refused = _BY_STATE.get(cause.sqlstate or "") or _BY_CONSTRAINT.get(name)
            if refused:
                raise refused from error
        raise
