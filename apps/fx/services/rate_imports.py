"""What people do with a file of published rates: bring it, confirm it, reject it.

    upload ─▶ reading ─▶ waiting ─▶ confirming ─▶ done
                 │          └─▶ rejected
                 └─▶ done (nothing new), failed (nothing changed)

Reading and confirming are jobs; see rate_import_jobs.py. The command and the schedule import
for all organizations at once, in one transaction of their own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.fx.database_errors import refusals_in_words
from apps.fx.errors import OwnRate, RateIsDecided
from apps.fx.models import RateImport, RateState
from apps.fx.services.published_files import text_of
from apps.fx.services.rate_writing import decide_rates, read_file, write_rates
from apps.jobs.models import Job
from apps.jobs.services.starting import start_job, unfinished_job
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

State = RateImport.State
READ, CONFIRM = "rate_import", "rate_import_confirm"
_JOBS = {State.READING: READ, State.CONFIRMING: CONFIRM}
ECB = "ecb"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts when no person does: the command and the schedule, for every organization."""

    pk: None = None
    organization_id: None = None

    def get_username(self) -> str:
        """Return what the operation log shows."""
        return "operator"


def upload_rates(content: bytes, filename: str, *, actor: User) -> RateImport:
    """Take a published file for the actor's organization and have a job read it.

    Raises:
        Forbidden: the actor's roles do not allow it.
        RatesTooLarge, UnreadableRates: it cannot be such a file.
    """
    require(actor, Permission.RATE_MANAGE)
    text_of(content)
    with operation("rate_import.upload", actor=actor):
        made = RateImport.objects.create(
            organization_id=actor.organization_id,
            source=ECB,
            filename=clean_text(PurePath(filename).name, field="file")[-150:],
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            entered_by=actor,
        )
        continue_rate_import(made, actor=actor)
    made.refresh_from_db()
    return made


def import_for_everybody(content: bytes, filename: str, source: str = ECB) -> RateImport:
    """Import a published file for all organizations at once, all of it or nothing.

    Raises:
        BrokenRates, RatesTooLarge, UnreadableRates: the file is refused.
    """
    with operation("rate_import.publish", actor=Operator(), reason=filename):
        made = RateImport.objects.create(
            source=source,
            filename=PurePath(filename).name[-150:],
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        write_rates(made, read_file(made))
    return made


def job_of(rate_import: RateImport) -> Job | None:
    """Return the job that is at work for an import, if one is."""
    return unfinished_job(_key(rate_import), organization_id=rate_import.organization_id or 0)


def continue_rate_import(rate_import: RateImport, *, actor: User) -> Job | None:
    """Start the job that an import waits for; one that runs already is the same job.

    Raises:
        Forbidden: the actor may not start it.
    """
    kind = _JOBS.get(State(rate_import.state))
    if kind is None:
        return None
    return start_job(
        kind,
        actor=actor,
        subject=rate_import.filename,
        exclusive_key=_key(rate_import),
        parameters={"rate_import": rate_import.pk},
        subject_url=rate_import.get_absolute_url(),
    )


def confirm_rate_import(rate_import: RateImport, *, version: int, actor: User) -> RateImport:
    """Let the rates of an import be used, all of them; a job does it.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: the actor brought the file, or is late.
    """
    with transaction.atomic():
        decided = _decide(rate_import, State.CONFIRMING, version=version, actor=actor)
        continue_rate_import(decided, actor=actor)
    decided.refresh_from_db()
    return decided


def reject_rate_import(
    rate_import: RateImport, *, version: int, actor: User, reason: str
) -> RateImport:
    """Refuse the rates of an import, all of them, with a reason.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: as for `confirm_rate_import`.
    """
    with operation("rate_import.reject", actor=actor, reason=reason):
        decided = _decide(
            rate_import, State.REJECTED, version=version, actor=actor, reason=reason
        )
        decide_rates(decided, RateState.REJECTED, actor=actor, reason=reason)
    return decided


def _key(rate_import: RateImport) -> str:
    return f"rates:{rate_import.pk}"


def _decide(
    rate_import: RateImport, state: str, *, version: int, actor: User, reason: str = ""
) -> RateImport:
    require(actor, Permission.RATE_CONFIRM)
    if rate_import.organization_id != actor.organization_id:
        raise Forbidden
    if rate_import.entered_by_id == actor.pk:
        raise OwnRate
    if rate_import.state != State.WAITING:
        raise RateIsDecided
    rows = RateImport.objects.filter(pk=rate_import.pk, version=version, state=State.WAITING)
    with operation("rate_import.decide", actor=actor, reason=reason), refusals_in_words():
        moved = rows.update(
            state=state,
            decided_by=actor,
            decided_at=timezone.now(),
            version=F("version") + 1,
        )
        if not moved:
            raise StaleVersion(what=RateImport._meta.verbose_name)
    rate_import.refresh_from_db()
    return rate_import
