"""Opening a closed period again 反结账: one person asks and says why, another decides.

Only the last closed period opens, and a locked one never. What the close posted is reversed,
not deleted; its run stays with its checklist, and the next close is another run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.ledgers.closing_errors import (
    NotClosed,
    NotWaiting,
    OwnRequest,
    ReopeningIsAsked,
)
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import ReasonIsMissing
from apps.ledgers.models import (
    CloseRun,
    ClosingEntry,
    JournalEntry,
    Period,
    PeriodState,
    ReopenRequest,
)
from apps.ledgers.services.closing.entries import reverse_closing_entry
from apps.ledgers.services.closing.locks import hold_closing_steps, hold_gate_alone
from apps.ledgers.services.periods import change_period
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

State = ReopenRequest.State
# The kind of subject by which rounds of approval know a request.
PERIOD_REOPEN = "period_reopen"


def request_reopening(period: Period, *, actor: User, reason: str) -> ReopenRequest:
    """Ask for a closed period to be opened again.

    Raises:
        Forbidden: the actor may not manage periods.
        ReasonIsMissing: there is no reason.
        NotClosed: the period is not closed.
        ReopeningIsAsked: somebody asked already.
        FinanceError: the flow of approval finds nobody who could decide.
    """
    require(actor, Permission.PERIOD_MANAGE)
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    if period.state != PeriodState.CLOSED:
        raise NotClosed(period=str(period), state=period.get_state_display())
    run = CloseRun.objects.filter(period=period, state=CloseRun.State.CLOSED).first()
    try:
        with operation("period.ask_reopen", actor=actor, reason=reason), transaction.atomic():
            asked = ReopenRequest.objects.create(
                period=period,
                run=run or _run_of_a_close_without_one(period, actor),
                reason=reason.strip()[:500],
                requested_by=actor,
            )
            rounds().begin(PERIOD_REOPEN, asked.pk, actor=actor)
            return asked
    except IntegrityError as error:
        raise ReopeningIsAsked(period=str(period)) from error


def withdraw_reopening(request: ReopenRequest, *, actor: User) -> ReopenRequest:
    """Take the own request back.

    Raises:
        NotWaiting: it was decided already, or is somebody else's.
        FinanceError: somebody decided faster; it says who.
    """
    if rounds().withdraw(PERIOD_REOPEN, request.pk, actor=actor):
        request.refresh_from_db()
        return request
    return mark_reopening_withdrawn(request, actor=actor)


def mark_reopening_withdrawn(request: ReopenRequest, *, actor: User) -> ReopenRequest:
    """Move the own request that waits to withdrawn.

    Raises:
        NotWaiting: see `withdraw_reopening`.
    """
    if request.requested_by_id != actor.pk:
        raise NotWaiting(state=request.get_state_display())
    with operation("period.withdraw_reopen", actor=actor):
        _decide(request, State.WITHDRAWN, actor=actor, note="")
    return request


def reject_reopening(request: ReopenRequest, *, actor: User, note: str) -> ReopenRequest:
    """Decide that the period stays closed, saying why.

    Raises:
        ReasonIsMissing: there is no reason.
        Forbidden, OwnRequest: the actor may not decide.
        NotWaiting: somebody was faster.
    """
    if not note.strip():
        raise ReasonIsMissing(field="note")
    _require_decider(request, actor)
    if rounds().reject(PERIOD_REOPEN, request.pk, actor=actor, reason=note):
        request.refresh_from_db()
        return request
    return mark_reopening_rejected(request, actor=actor, note=note)


def mark_reopening_rejected(request: ReopenRequest, *, actor: User, note: str) -> ReopenRequest:
    """Move a request that waits to rejected.

    Raises:
        OwnRequest, NotWaiting: see `reject_reopening`.
    """
    _require_other_person(request, actor)
    with operation("period.refuse_reopen", actor=actor, reason=note):
        _decide(request, State.REJECTED, actor=actor, note=note)
    return request


def approve_reopening(request: ReopenRequest, *, actor: User, note: str = "") -> Period:
    """Give the actor's approval; the period opens unless a flow asks for more people.

    Raises:
        Forbidden, OwnRequest: the actor may not decide.
        NotWaiting: somebody was faster.
        PeriodCannotChange: a later period is closed, or this one is locked by now.
        FinanceError: its round asks somebody else, or was decided by somebody else.
    """
    _require_decider(request, actor)
    if rounds().approve(PERIOD_REOPEN, request.pk, actor=actor, reason=note):
        request.refresh_from_db()
        return request.period
    return mark_reopened(request, actor=actor, note=note)


def mark_reopened(request: ReopenRequest, *, actor: User, note: str = "") -> Period:
    """Open the period again, in one transaction with all that its close posted.

    Raises:
        OwnRequest, NotWaiting, PeriodCannotChange: see `approve_reopening`.
    """
    _require_other_person(request, actor)
    period = request.period
    with operation("period.reopen", actor=actor, reason=request.reason), refusals_in_words():
        # Before the gates, as the rounds do.
        ReopenRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        hold_closing_steps(period)
        hold_gate_alone(period)
        _decide(request, State.APPROVED, actor=actor, note=note)
        period.refresh_from_db()
        period = change_period(
            period,
            PeriodState.OPEN,
            version=period.version,
            actor=actor,
            reason=request.reason,
        )
        for entry in entries_to_reverse(request.run):
            reverse_closing_entry(
                request.run,
                entry,
                actor=actor,
                day=period.ends_on,
                period=period,
                summary=_("Reopened: reversal of %(entry)s") % {"entry": entry},
            )
        CloseRun.objects.filter(pk=request.run_id).update(
            state=CloseRun.State.REOPENED, reopened_at=timezone.now()
        )
        ReopenRequest.objects.filter(pk=request.pk).update(state=State.DONE)
    request.refresh_from_db()
    return period


def entries_to_reverse(run: CloseRun) -> list[JournalEntry]:
    """Return what the run posted and nobody reversed yet, the last first.

    A revaluation that reverses itself on the next day is reversed already.
    """
    posted = ClosingEntry.objects.filter(run=run, entry__reversal_of=None)
    rows = posted.select_related("entry__ledger__organization", "entry__period")
    return [one.entry for one in rows.order_by("-pk") if not one.entry.reversals.exists()]


def _run_of_a_close_without_one(period: Period, actor: User) -> CloseRun:
    """Return a run for a period that was closed when it had nothing to close."""
    last = CloseRun.objects.filter(period=period).count()
    return CloseRun.objects.create(
        period=period, number=last + 1, started_by=actor, state=CloseRun.State.CLOSED
    )


def _require_decider(request: ReopenRequest, actor: User) -> None:
    require(actor, Permission.PERIOD_REOPEN_APPROVE)
    _require_other_person(request, actor)


def _require_other_person(request: ReopenRequest, actor: User) -> None:
    if request.requested_by_id == actor.pk:
        raise OwnRequest


def _decide(request: ReopenRequest, state: str, *, actor: User, note: str) -> None:
    rows = ReopenRequest.objects.filter(pk=request.pk, state=State.WAITING)
    decided = rows.update(
        state=state, decided_by=actor, decided_at=timezone.now(), note=note.strip()[:500]
    )
    request.refresh_from_db()
    if not decided:
        raise NotWaiting(state=request.get_state_display())
