"""Imports of published rates: by a person for the own organization, or for everybody.

    upload ─▶ reading ─▶ waiting ─▶ confirming ─▶ done
                 │          └─▶ rejected
                 └─▶ done (nothing new), failed (nothing changed)

A worker reads and confirms; its whole work is one transaction that holds the import's row, so
a second worker passes by, and one that dies leaves everything as it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.errors import FinanceError, Forbidden, StaleVersion
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.fx.database_errors import refusals_in_words
from apps.fx.domain.ecb import read_rates
from apps.fx.errors import ERRORS, OwnRate, RateIsDecided
from apps.fx.models import ExchangeRate, RateImport, RateState
from apps.fx.services.published_files import text_of
from apps.fx.services.rate_writing import write_rates
from apps.fx.services.rates import forget_rates
from apps.organizations.access import require
from apps.organizations.models import User
from apps.organizations.permissions import Permission

State = RateImport.State
TASK = "fx.run_rate_import"
ECB = "ecb"
_ABANDONED = timedelta(minutes=2)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts when no person does: the command and the schedule, for every organization."""

    pk: None = None
    organization_id: None = None

    def get_username(self) -> str:
        """Return what the operation log shows."""
        return "operator"


def upload_rates(content: bytes, filename: str, *, actor: User) -> RateImport:
    """Take a published file for the actor's organization, and ring for a worker to read it.

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
    ring(made.pk)
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
        _read(made)
    return made


def run_rate_import(pk: int) -> None:
    """Do what an import waits for a worker to do; safe to call twice."""
    try:
        with transaction.atomic():
            rows = RateImport.objects.filter(pk=pk, state__in=_WORK)
            found = rows.select_for_update(skip_locked=True, no_key=True).first()
            if found is not None:
                _work_on(found)
    except FinanceError as error:
        _fail(pk, error)


def abandoned_imports() -> list[int]:
    """Return imports that wait for a worker longer than any takes to come."""
    before = timezone.now() - _ABANDONED
    rows = RateImport.objects.filter(state__in=_WORK, created_at__lt=before)
    return list(rows.values_list("pk", flat=True))


def confirm_rate_import(rate_import: RateImport, *, version: int, actor: User) -> RateImport:
    """Let the rates of an import be used, all of them; a worker does it.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: the actor brought the file, or is late.
    """
    decided = _decide(rate_import, State.CONFIRMING, version=version, actor=actor)
    ring(decided.pk)
    decided.refresh_from_db()
    return decided


def reject_rate_import(
    rate_import: RateImport, *, version: int, actor: User, reason: str
) -> RateImport:
    """Refuse the rates of an import, all of them, with a reason.

    Raises:
        OwnRate, RateIsDecided, StaleVersion: as for `confirm_rate_import`.
    """
    with transaction.atomic():
        decided = _decide(
            rate_import, State.REJECTED, version=version, actor=actor, reason=reason
        )
        _decide_rates(decided, RateState.REJECTED, actor, reason)
    return decided


def failure_of(rate_import: RateImport) -> str:
    """Return why a file was refused, in the reader's language."""
    stored = rate_import.failure
    if not stored:
        return ""
    kind = ERRORS.get(stored["code"])
    return str(kind(**stored["values"])) if kind else stored["text"]


def ring(pk: int) -> None:
    """Call a worker, after the commit; without a broker the schedule finds it later."""
    try:
        current_app.signature(TASK, args=[pk]).delay()
    except OperationalError:
        log.warning("no broker", rate_import=pk)


def _work_on(rate_import: RateImport) -> None:
    actor = rate_import.decided_by or rate_import.entered_by or Operator()
    with operation(f"rate_import.{rate_import.state}", actor=actor):
        _WORK[State(rate_import.state)](rate_import)


def _read(rate_import: RateImport) -> None:
    """Read the file and write what is new."""
    started = time.monotonic_ns()
    rates = read_rates(text_of(bytes(rate_import.content)), today=timezone.localdate())
    written = write_rates(rates, rate_import)
    waits = rate_import.organization_id is not None and (written.new or written.changed)
    _set(
        rate_import,
        state=State.WAITING if waits else State.DONE,
        day_count=len({rate.day for rate in rates}),
        read_count=len(rates),
        new_count=written.new,
        changed_count=written.changed,
        milliseconds=(time.monotonic_ns() - started) // 1_000_000,
    )
    forget_rates()


def _confirm(rate_import: RateImport) -> None:
    if rate_import.decided_by is not None:
        _decide_rates(rate_import, RateState.CONFIRMED, rate_import.decided_by, "")
    _set(rate_import, state=State.DONE)


_WORK: dict[State, Callable[[RateImport], None]] = {
    State.READING: _read,
    State.CONFIRMING: _confirm,
}


def _decide_rates(rate_import: RateImport, state: str, actor: User, reason: str) -> None:
    with refusals_in_words():
        ExchangeRate.objects.filter(rate_import=rate_import, state=RateState.WAITING).update(
            state=state,
            confirmed_by=actor,
            confirmed_at=timezone.now(),
            reject_reason=reason,
            updated_by=actor,
            updated_at=timezone.now(),
            version=F("version") + 1,
        )
    forget_rates()


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


def _set(rate_import: RateImport, **changes: object) -> None:
    RateImport.objects.filter(pk=rate_import.pk).update(version=F("version") + 1, **changes)
    rate_import.refresh_from_db()


def _fail(pk: int, error: FinanceError) -> None:
    """Keep why nothing was imported."""
    failure = {"code": error.code, "values": error.values, "text": str(error)}
    failed = RateImport.objects.select_related("entered_by").get(pk=pk)
    with operation("rate_import.fail", actor=failed.entered_by or Operator()):
        RateImport.objects.filter(pk=pk, state=State.READING).update(
            state=State.FAILED, failure=failure, version=F("version") + 1
        )
