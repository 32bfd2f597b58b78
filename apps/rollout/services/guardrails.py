"""The guardrail of a ramp: its limits, and what happens when one is passed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.organizations.services.people import system_user_of
from apps.rollout.domain.guardrail import Breach, Limits, breaches
from apps.rollout.domain.outcomes import summarise
from apps.rollout.errors import LimitIsOutOfRange, RolloutStaysTheSame
from apps.rollout.models import Flag
from apps.rollout.services.flags import change
from apps.rollout.services.providers import outcomes_of
from apps.rollout.words import BY_GUARDRAIL, ChangeKind

if TYPE_CHECKING:
    from apps.organizations.models import User

_ALL = Decimal(100)
_MOST_HOURS = Decimal(99_999)
_MOST_REQUESTS = 1_000_000


def limits_of(flag: Flag) -> Limits:
    """Return the limits of a flag."""
    return Limits(
        rejection=flag.guard_rejection_percent,
        reversal=flag.guard_reversal_percent,
        p90=flag.guard_p90_hours,
        least=flag.guard_least_requests,
    )


def set_limits(flag: Flag, limits: Limits, *, version: int, reason: str, actor: User) -> Flag:
    """Change the guardrail.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `flags.change`.
        LimitIsOutOfRange: a limit is none.
        RolloutStaysTheSame: nothing differs.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    _check(limits)
    if limits == limits_of(flag):
        raise RolloutStaysTheSame
    return change(
        flag,
        ChangeKind.GUARDRAIL,
        version=version,
        reason=reason,
        actor=actor,
        change_detail={
            "limits": {measure: f"{limit}" for measure, limit in limits.watched().items()}
        },
        guard_rejection_percent=limits.rejection,
        guard_reversal_percent=limits.reversal,
        guard_p90_hours=limits.p90,
        guard_least_requests=limits.least,
    )


def halt_if_breached(flag: Flag) -> bool:
    """Halt the ramp of a flag whose new flow passes a limit; say whether it did.

    The share stays where it is: taking departments back is a person's decision.

    Raises:
        StaleVersion: somebody else changed the flag.
    """
    limits = limits_of(flag)
    if not limits.watched():
        return False
    outcomes = outcomes_of(flag)
    found = breaches(limits, summarise(one for one in outcomes or () if one.is_on))
    if not found:
        return False
    detail = [_in_texts(breach) for breach in found]
    change(
        flag,
        ChangeKind.HALTED,
        version=flag.version,
        reason=BY_GUARDRAIL,
        actor=system_user_of(flag.organization),
        is_ramp_halted=True,
        halt_detail=detail,
        change_detail={"breaches": detail},
    )
    return True


def _in_texts(breach: Breach) -> dict[str, str]:
    return {name: f"{value}" for name, value in breach._asdict().items()}


def _check(limits: Limits) -> None:
    shares = (limits.rejection, limits.reversal)
    in_range = all(one is None or 0 < one <= _ALL for one in shares)
    hours_fit = limits.p90 is None or 0 < limits.p90 <= _MOST_HOURS
    if not in_range or not hours_fit or not 1 <= limits.least <= _MOST_REQUESTS:
        raise LimitIsOutOfRange
