"""PostgreSQL's refusals as the errors that people read.

The guards raise SQLSTATE FM001 to FM032, FM058 and FM070 with the facts as JSON in the
detail; see the files under migrations/sql/.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, StaleVersion
from apps.ledgers import errors, item_errors
from apps.ledgers.models.choices import EntryState, PeriodState

Result = TypeVar("Result")

MAX_ATTEMPTS = 5
_RETRYABLE = {"40001", "40P01"}
# The same entry was posted by another call at the same time: made again, it is found.
_SAME_KEY = "entry_idempotency_key_is_unique"
_LONGEST_PAUSE_MS = 50


def _reasons() -> dict[str, str]:
    return {
        "unposted": _("entries wait to be posted or cancelled"),
        "previous_open": _("an earlier period is still open"),
        "gap": _("voucher numbers have a gap"),
        "no_approval": _("another person has to approve it first"),
        "not_last": _("only the last closed period can be opened again"),
        "step": _("this is not the next step"),
        "fixed": _("this part never changes"),
        "born": _("it has to begin future or open"),
        "parent": _("the parent is a leaf, of another class, or of another chart"),
        "has_lines": _("it has lines"),
        "has_children": _("it has sub-accounts"),
        "not_leaf": _("it is a group"),
        "inactive": _("it is inactive"),
        "currency": _("it takes another currency"),
        "not_manual": _("it is kept by the system"),
        "dimension": _("a dimension is missing"),
        "date": _("its date is not the entry's"),
        "no_amount": _("it has no amount in its currency"),
        "decimals": _("the amount does not fit the currency"),
    }


def _unbalanced(facts: dict[str, Any]) -> FinanceError:
    if facts["lines"] < 2:  # noqa: PLR2004  (an entry has two sides)
        return errors.TooFewLines()
    return errors.UnbalancedEntry(currency=facts["currency"], difference=facts["difference"])


def _with_reason(error: type[FinanceError]) -> Callable[[dict[str, Any]], FinanceError]:
    def build(facts: dict[str, Any]) -> FinanceError:
        return error(**(facts | {"reason": _reasons().get(facts.get("reason", ""), "")}))

    return build


_BUILDERS: dict[str, Callable[[dict[str, Any]], FinanceError]] = {
    "FM001": _unbalanced,
    "FM002": lambda _facts: errors.EntryIsFixed(),
    "FM003": lambda facts: errors.IllegalStep(
        state=EntryState(facts.get("from", EntryState.DRAFT)).label
    ),
    "FM004": lambda facts: errors.PeriodTakesNoEntries(
        field="entry_date", period=facts["period"], state=PeriodState(facts["state"]).label
    ),
    "FM005": _with_reason(errors.LineCannotBePosted),
    "FM006": lambda _facts: errors.ForeignRow(),
    "FM008": lambda _facts: errors.CannotReverse(),
    "FM009": lambda facts: errors.KeyWasUsed(**facts),
    "FM010": lambda facts: errors.NoPeriod(field="entry_date", **facts),
    "FM011": lambda facts: errors.BalanceWouldChangeSide(**facts),
    "FM012": _with_reason(errors.PeriodCannotChange),
    "FM013": _with_reason(errors.AccountCannotChange),
    "FM030": lambda _facts: item_errors.ItemsAreSettled(),
    "FM031": lambda _facts: item_errors.ItemsDoNotFit(),
    "FM032": lambda _facts: item_errors.SettlementWasNotApproved(),
    "FM058": lambda _facts: errors.RoundDecides(),
    "FM070": lambda facts: errors.OverBudget(**facts),
    "FM015": lambda _facts: StaleVersion(what=_("journal entry")),
}


def _savepoint_if_nested() -> AbstractContextManager[None]:
    """Keep a surrounding transaction usable when the work is refused."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn the database's refusals inside the block into `FinanceError`s.

    Raises:
        FinanceError: the one that the guard's SQLSTATE stands for.
    """
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error) and cause.sqlstate in _BUILDERS:
            facts = json.loads(cause.diag.message_detail or "{}")
            raise _BUILDERS[cause.sqlstate](facts) from error
        raise


def retrying(work: Callable[[], Result]) -> Result:
    """Run work that is one transaction of its own; repeat it when it lost a race.

    Serialization failures and deadlocks are repeated outside a running transaction only,
    a key that came twice at once everywhere; at most five times, with a growing random pause.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with refusals_in_words(), _savepoint_if_nested():
                return work()
        except DatabaseError as error:
            if attempt == MAX_ATTEMPTS or not _may_repeat(error.__cause__):
                raise
        pause_ms = random.randint(1, _LONGEST_PAUSE_MS * attempt)  # noqa: S311  (jitter)
        time.sleep(pause_ms / 1000)
    raise AssertionError


def _may_repeat(cause: BaseException | None) -> bool:
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.diag.constraint_name == _SAME_KEY:
        return True
    return cause.sqlstate in _RETRYABLE and not connection.in_atomic_block
