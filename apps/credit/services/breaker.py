"""The breaker of an organization: what it did is recorded, and people may step in.

Each organization has one of its own, so that nobody's administrator closes another's door.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.core.operation import operation
from apps.core.text import clean_text
from apps.core.trace import current_trace_id
from apps.credit.clients.breakers import Look, breakers
from apps.credit.domain.breaker import Change, Phase
from apps.credit.errors import BreakerIsForcedOpen, BreakerReasonIsMissing
from apps.credit.models import BreakerTransition
from apps.credit.services.recording import recorded
from apps.credit.services.tally import count_transition
from apps.organizations.access import require, tenant_of
from apps.organizations.models import Organization
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

_State, _Cause = BreakerTransition.State, BreakerTransition.Cause
_CAUSES = {
    (Phase.CLOSED, Phase.OPEN): _Cause.FAILURES,
    (Phase.OPEN, Phase.HALF_OPEN): _Cause.WAIT_IS_OVER,
    (Phase.HALF_OPEN, Phase.OPEN): _Cause.PROBE_FAILED,
    (Phase.HALF_OPEN, Phase.CLOSED): _Cause.PROBES_PASSED,
}


@dataclass(frozen=True, slots=True)
class BreakerNow:
    """Where the breaker stands: what Redis says, and whether a person forced it open."""

    look: Look
    force: BreakerTransition | None

    @property
    def state(self) -> BreakerTransition.State:
        """The state as people see it."""
        return _State.FORCED_OPEN if self.force else _State(self.look.phase.value)


def breaker_name(organization_id: int) -> str:
    """Return the name of an organization's breaker."""
    return f"credit:{organization_id}"


def breaker_now(organization_id: int) -> BreakerNow:
    """Return where an organization's breaker stands."""
    force = BreakerTransition.objects.force_in_effect(organization_id)
    return BreakerNow(breakers().look(breaker_name(organization_id)), force)


def record_change(organization_id: int, change: Change | None, *, is_shared: bool) -> None:
    """Store a change that calls made; only the process that made it comes here with it."""
    if change is None:
        return
    with recorded("credit.breaker", actor=None, organization_id=organization_id):
        BreakerTransition.objects.create(
            organization_id=organization_id,
            before=change.before,
            after=change.after,
            cause=_CAUSES[change.before, change.after],
            failures=change.failures,
            calls=change.calls,
            is_shared=is_shared,
            trace_id=current_trace_id(),
            at=timezone.now(),
        )
    count_transition(change.after)


def force_breaker_open(*, actor: User, reason: str) -> BreakerTransition:
    """Let no check of the actor's organization through until somebody resets it.

    Raises:
        Forbidden: the actor may not.
        BreakerReasonIsMissing: there is no reason.
        BreakerIsForcedOpen: it is already.
    """
    require(actor, Permission.BREAKER_MANAGE)
    text = _reason(reason)
    with operation("credit.force_breaker_open", actor=actor, reason=text):
        now = _locked(actor)
        if now.force:
            raise BreakerIsForcedOpen
        step = _record_step(actor, now, _State.FORCED_OPEN, _Cause.FORCED, text)
    count_transition(step.after)
    return step


def reset_breaker(*, actor: User, reason: str) -> bool:
    """Close the breaker and forget its counts; return whether all processes heard of it.

    Raises:
        Forbidden: the actor may not.
        BreakerReasonIsMissing: there is no reason.
    """
    require(actor, Permission.BREAKER_MANAGE)
    text = _reason(reason)
    with operation("credit.reset_breaker", actor=actor, reason=text):
        step = _record_step(actor, _locked(actor), _State.CLOSED, _Cause.RESET, text)
    count_transition(step.after)
    return breakers().reset(breaker_name(tenant_of(actor)))


def _locked(actor: User) -> BreakerNow:
    """Return where the breaker stands; steps of other people wait."""
    rows = Organization.objects.filter(pk=tenant_of(actor))
    rows.select_for_update(no_key=True).get()
    return breaker_now(tenant_of(actor))


def _reason(text: str) -> str:
    reason = clean_text(text, field="reason")[:500]
    if not reason:
        raise BreakerReasonIsMissing(field="reason")
    return reason


def _record_step(
    actor: User,
    now: BreakerNow,
    after: BreakerTransition.State,
    cause: BreakerTransition.Cause,
    reason: str,
) -> BreakerTransition:
    return BreakerTransition.objects.create(
        organization_id=tenant_of(actor),
        before=now.state,
        after=after,
        cause=cause,
        failures=now.look.failures,
        calls=now.look.calls,
        is_shared=now.look.is_shared,
        person=actor,
        reason=reason,
        trace_id=current_trace_id(),
        at=timezone.now(),
    )
