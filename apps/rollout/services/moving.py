"""What beat does with rollouts: ship what is missing, ask the guardrail, take the step due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.organizations.models import Organization
from apps.organizations.services.people import system_user_of
from apps.rollout.models import Flag
from apps.rollout.services.flags import ship_flags
from apps.rollout.services.guardrails import halt_if_breached
from apps.rollout.services.ramps import take_step_due
from apps.rollout.words import SHIPPED_FLAGS

if TYPE_CHECKING:
    from datetime import date

log = structlog.get_logger(__name__)


def move_rollouts(today: date | None = None) -> int:
    """Bring every rollout to where it should be today; return how many steps were taken.

    The guardrail is asked first, of every ramp that still has a step to take: also between
    two steps a ramp halts. Safe to run twice and beside itself: a step is taken by the
    version of its flag.
    """
    today = today or timezone.localdate()
    _ship_where_missing()
    flags = Flag.objects.moving().with_steps_planned().select_related("organization")
    return sum(_move(flag, today) for flag in flags.order_by("pk"))


def _ship_where_missing() -> None:
    for organization in Organization.objects.exclude(flags__name__in=SHIPPED_FLAGS):
        ship_flags(organization, actor=system_user_of(organization))


def _move(flag: Flag, today: date) -> bool:
    try:
        if halt_if_breached(flag):
            log.warning("rollout.halted", flag=flag.name, breaches=flag.halt_detail)
            return False
        return take_step_due(flag, today) is not None
    except StaleVersion:
        # Whoever changed it meanwhile is right; the next run looks again.
        log.info("rollout.step_raced", flag=flag.name, organization=flag.organization_id)
        return False
