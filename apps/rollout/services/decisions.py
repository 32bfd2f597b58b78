"""What a department gets: the one door for whoever asks a flag.

    choose(name, department)            nothing is written; asked again, the answer is the same
    choose_many(name, departments)      as many as there are, in at most two statements
    record_exposure(choice, …)           what was decided for real, kept for ever

Flags are kept in this process and forgotten when one of them changes anywhere. How old what is
kept can be (`apps/core/notifications.py`):

    the process that changes    not at all, once the change is committed
    a notification arrives      milliseconds
    a notification got lost     5 s, when the listener asks for the version of all flags
    the listener is cut off     10 s, then every question asks the database

Redis has no part in it. A request, cookie or header has none either: departments decide.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from apps.core import notifications
from apps.rollout.domain.buckets import Choice, FlagFacts, decide
from apps.rollout.models import Flag, FlagExposure, FlagOverride
from apps.rollout.words import OverrideMode, Reason

if TYPE_CHECKING:
    from apps.organizations.models import Department, User

__all__ = ["Choice", "Subject", "choose", "choose_many", "forget_flags", "record_exposure"]

CHANNEL = "rollout_flags"


class Subject(NamedTuple):
    """What a flag decided about: a kind, such as `approval_request`, and its key."""

    kind: str
    id: str


_Flags: TypeAlias = dict[str, FlagFacts]
_kept: dict[int, _Flags] = {}


def choose(flag_name: str, department: Department | None) -> Choice:
    """Return what a department gets now; nobody without a department gets what is new.

    The choice is for the moment: what depends on it keeps it (and records the exposure) and
    does not ask again.
    """
    return choose_many(flag_name, [department])[0]


def choose_many(flag_name: str, departments: Iterable[Department | None]) -> list[Choice]:
    """Return what each of many departments gets, in their order; at most two statements."""
    asked = list(departments)
    flags = _flags_of({one.organization_id for one in asked if one is not None})
    return [_choice(flags, flag_name, department) for department in asked]


def record_exposure(
    choice: Choice, department: Department | None, subject: Subject, *, actor: User
) -> None:
    """Keep for ever that a choice counted for a subject; once, however often it is told.

    A choice without a flag behind it leaves nothing: there was nothing to be exposed to.
    """
    if choice.flag_id is None:
        return
    exposure = FlagExposure(
        flag_id=choice.flag_id,
        flag_version=choice.flag_version,
        department=department,
        actor=actor,
        is_on=choice.is_on,
        bucket=choice.bucket,
        percent=choice.percent,
        reason=choice.reason,
        subject_kind=subject.kind,
        subject_id=subject.id,
    )
    FlagExposure.objects.bulk_create([exposure], ignore_conflicts=True)


def forget_flags() -> None:
    """Let the next question of this process ask the database again."""
    # A new store instead of an emptied one: who is reading now writes into the old one.
    global _kept  # noqa: PLW0603  (one for each process)
    _kept = {}


def write_through(organization_id: int) -> None:
    """Keep, with the commit, what the running transaction makes of an organization's flags.

    Until then the transaction itself, and everybody else, asks the database.
    """
    forget_flags()

    def renew() -> None:
        forget_flags()
        _kept.update(_read({organization_id}))

    transaction.on_commit(renew)


notifications.subscribe(
    CHANNEL, forget_flags, version_sql="SELECT sum(version), count(*) FROM rollout_flag"
)


def _choice(flags: dict[int, _Flags], flag_name: str, department: Department | None) -> Choice:
    if department is None:
        return Choice(False, None, Decimal(0), Reason.NO_DEPARTMENT)
    facts = flags[department.organization_id].get(flag_name)
    if facts is None:
        return Choice(False, None, Decimal(0), Reason.NO_FLAG)
    return decide(facts, department.pk)


def _flags_of(organization_ids: set[int]) -> dict[int, _Flags]:
    store = _kept
    is_sure = time.monotonic_ns() < notifications.hears_until_ns()
    known = {key: store[key] for key in organization_ids if is_sure and key in store}
    missing = organization_ids - known.keys()
    if not missing:
        return known
    notifications.listen()
    read = _read(missing)
    # What this transaction has written may be rolled back: nobody else may see it here.
    if not _has_written():
        store.update(read)
    return known | read


def _read(organization_ids: set[int]) -> dict[int, _Flags]:
    now = FlagOverride.objects.filter(flag=OuterRef("pk")).exclude(mode=OverrideMode.FOLLOW)
    pairs = ArraySubquery(now.values(pair=JSONObject(department="department_id", mode="mode")))
    rows = Flag.objects.filter(organization__in=organization_ids).annotate(pinned=pairs)
    read: dict[int, _Flags] = {key: {} for key in organization_ids}
    for flag in rows:
        pinned: list[dict[str, Any]] = flag.pinned  # type: ignore[attr-defined]  # annotated
        read[flag.organization_id][flag.name] = FlagFacts(
            flag_id=flag.pk,
            name=flag.name,
            version=flag.version,
            percent=flag.percent,
            is_killed=flag.is_killed,
            overrides={pair["department"]: pair["mode"] == OverrideMode.ON for pair in pinned},
        )
    return read


def _has_written() -> bool:
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])
