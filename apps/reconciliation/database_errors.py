"""PostgreSQL's refusals as the errors that people read; see migrations/sql/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError

from apps.core.errors import FinanceError
from apps.reconciliation.errors import (
    BreakIsTaken,
    MatchIsFixed,
    MatchNotProved,
    OwnPreparation,
    OwnWithdrawal,
    RunIsElsewhere,
    SignOffIsElsewhere,
)
from apps.reconciliation.rule_errors import (
    OwnRules,
    RulesAreFixed,
    RulesNotTried,
)
from apps.reconciliation.split_errors import SplitNotProved

_BY_STATE: dict[str, type[FinanceError]] = {
    "FM120": RulesAreFixed,
    "FM121": RunIsElsewhere,
    "FM122": MatchIsFixed,
    "FM123": SignOffIsElsewhere,
    "FM124": RunIsElsewhere,
    "FM126": MatchNotProved,
    "FM127": RulesNotTried,
    "FM128": SplitNotProved,
}
_BY_CONSTRAINT: dict[str, type[FinanceError]] = {
    "rules_are_activated_by_another_person": OwnRules,
    "sign_off_takes_two_people": OwnPreparation,
    "group_is_made_by_hand_once": BreakIsTaken,
    "row_is_split_once": BreakIsTaken,
    "withdrawal_takes_two_people": OwnWithdrawal,
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
            broken = _BY_CONSTRAINT.get(cause.diag.constraint_name or "")
            if broken:
                raise broken(what="") from error
            refused = _BY_STATE.get(cause.sqlstate or "")
            if refused:
                raise refused(state="") from error
        raise
