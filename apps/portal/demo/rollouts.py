"""The rollout of the demo: departments pinned, a guardrail, a ramp for the next weeks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.rollout.domain.guardrail import Limits
from apps.rollout.domain.ramp import Step
from apps.rollout.models import Flag
from apps.rollout.services.flags import pin_department
from apps.rollout.services.guardrails import set_limits
from apps.rollout.services.ramps import plan_ramp
from apps.rollout.words import FINANCIAL_APPROVAL_V2, OverrideMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organizations.models import User

_LIMITS = Limits(rejection=Decimal(10), reversal=Decimal(2), p90=Decimal(48), least=30)
# Days from now on, and shares: the ramp lies ahead on whichever day the demo is made.
_RAMP = ((14, Decimal(50)), (28, Decimal(100)))


def begin_rollout(actor: User, pilots: Sequence[str]) -> None:
    """Let an administrator pin departments to v2, watch the figures, and plan the rest."""
    flag = Flag.objects.get(organization=actor.organization_id, name=FINANCIAL_APPROVAL_V2)
    departments = {one.code: one for one in flag.organization.departments.all()}
    for code in pilots:
        flag = pin_department(
            flag,
            departments[code],
            OverrideMode.ON,
            version=flag.version,
            reason="试点部门 / Pilot department",
            actor=actor,
        )
    flag = set_limits(
        flag, _LIMITS, version=flag.version, reason="Agreed with the CFO", actor=actor
    )
    today = timezone.localdate()
    steps = [Step(today + timedelta(days=days), percent) for days, percent in _RAMP]
    plan_ramp(flag, steps, version=flag.version, reason="Two weeks for each step", actor=actor)
