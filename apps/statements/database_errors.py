"""PostgreSQL's refusals as the errors that people read; see migrations/sql/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError, IntegrityError

from apps.core.errors import FinanceError
from apps.statements.errors import (
    BalanceIsSigned,
    BalancesAreTold,
    CodeIsTaken,
    ForeignChannel,
    StatementIsFixed,
    StatementNotProved,
)

_BY_STATE: dict[str, type[FinanceError]] = {
    "FM110": StatementIsFixed,
    "FM111": ForeignChannel,
    "FM112": StatementNotProved,
    "FM113": StatementIsFixed,
    "FM114": BalancesAreTold,
    "FM115": BalanceIsSigned,
}


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn the database's refusals inside the block into `FinanceError`s.

    Raises:
        FinanceError: the one that the SQLSTATE stands for.
    """
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        refused = _BY_STATE.get(state or "")
        if refused:
            raise refused from error
        raise


_CODES = {
    "channel_code_is_unique": "code",
    "statement_partner_code_is_unique": "code",
    "statement_mapping_name_is_unique": "name",
}


@contextmanager
def unique_codes() -> Iterator[None]:
    """Say which code or name is taken already.

    Raises:
        CodeIsTaken: a unique constraint of channels, partners or mappings refused.
    """
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        if name in _CODES:
            raise CodeIsTaken(field=_CODES[name]) from error
        raise
