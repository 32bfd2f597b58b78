"""Changes of a flag: each is one new version of it, with its kind and its reason.

The version that the actor saw comes along; whoever comes second is told so and changes
nothing. What hangs on a flag (pinned departments, steps) changes with it, in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.rollout.domain.ramp import is_percentage
from apps.rollout.errors import NotAPercentage, RolloutReasonIsMissing, RolloutStaysTheSame
from apps.rollout.models import Flag, FlagOverride
from apps.rollout.services.decisions import write_through
from apps.rollout.words import SHIPPED, SHIPPED_FLAGS, ChangeKind, OverrideMode

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.organizations.models import Department, Organization, User

LONGEST_REASON = 500


def ship_flags(organization: Organization, *, actor: User) -> list[Flag]:
    """Give an organization the flags of the application that it lacks; return the new ones."""
    with operation("rollout.ship", actor=actor, reason=SHIPPED):
        # One at a time: two processes would otherwise ship the same flag.
        type(organization).objects.select_for_update(no_key=True).get(pk=organization.pk)
        has = set(organization.flags.values_list("name", flat=True))
        return [
            create_flag(organization, name, percent=percent, reason=SHIPPED, actor=actor)
            for name, percent in SHIPPED_FLAGS.items()
            if name not in has
        ]


def create_flag(
    organization: Organization, name: str, *, percent: Decimal, reason: str, actor: User
) -> Flag:
    """Begin a rollout in an organization.

    Raises:
        NotAPercentage: the share is none.
    """
    _check_percent(percent)
    with operation("rollout.create", actor=actor, reason=reason):
        flag = Flag.create_versioned(
            actor=actor,
            reason=reason,
            organization=organization,
            name=name,
            percent=percent,
            change_kind=ChangeKind.CREATED,
            change_reason=reason,
        )
        write_through(organization.pk)
    return flag


def set_percent(
    flag: Flag, percent: Decimal, *, version: int, reason: str, actor: User
) -> Flag:
    """Change the share of the departments that have what is new.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `change`.
        NotAPercentage: the share is none.
        RolloutStaysTheSame: it is the share already.
    """
    _check_percent(percent)
    if percent == flag.percent:
        raise RolloutStaysTheSame(field="percent")
    require(actor, Permission.ROLLOUT_MANAGE)
    return change(
        flag, ChangeKind.PERCENT, version=version, reason=reason, actor=actor, percent=percent
    )


def stop_rollout(flag: Flag, *, version: int, reason: str, actor: User) -> Flag:
    """Pull the kill switch: no department gets what is new, not even a pinned one.

    What runs already goes on as it began.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `change`.
        RolloutStaysTheSame: it is stopped already.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    if flag.is_killed:
        raise RolloutStaysTheSame
    return change(
        flag, ChangeKind.KILLED, version=version, reason=reason, actor=actor, is_killed=True
    )


def start_rollout(flag: Flag, *, version: int, reason: str, actor: User) -> Flag:
    """Release the kill switch: every department gets again what it had before.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `change`.
        RolloutStaysTheSame: it is not stopped.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    if not flag.is_killed:
        raise RolloutStaysTheSame
    return change(
        flag, ChangeKind.REVIVED, version=version, reason=reason, actor=actor, is_killed=False
    )


def pin_department(
    flag: Flag,
    department: Department,
    mode: OverrideMode,
    *,
    version: int,
    reason: str,
    actor: User,
) -> Flag:
    """Pin a department to one flow, or let it follow its bucket again.

    Raises:
        Forbidden, RolloutReasonIsMissing, StaleVersion: see `change`.
        RolloutStaysTheSame: it is so already.
    """
    require(actor, Permission.ROLLOUT_MANAGE)
    found = FlagOverride.objects.filter(flag=flag, department=department).first()
    if mode == (found.mode if found else OverrideMode.FOLLOW):
        raise RolloutStaysTheSame
    detail = {"department": department.pk, "mode": str(mode)}
    with operation("rollout.override", actor=actor, reason=reason):
        changed = change(
            flag,
            ChangeKind.OVERRIDE,
            version=version,
            reason=reason,
            actor=actor,
            change_detail=detail,
        )
        values = {"mode": mode, "pin_reason": changed.change_reason}
        if found is None:
            FlagOverride.create_versioned(
                actor=actor, reason=reason, flag=flag, department=department, **values
            )
        else:
            found.update_versioned(
                actor=actor, reason=reason, expected_version=found.version, **values
            )
    return changed


def change(
    flag: Flag, kind: ChangeKind, *, version: int, reason: str, actor: User, **changes: Any
) -> Flag:
    """Write the next version of a flag; the door of every service here.

    Raises:
        RolloutReasonIsMissing: there is no reason.
        InvalidText: the reason holds characters that could hide something.
        StaleVersion: the flag is no longer at `version`.
    """
    said = clean_text(reason, field="reason").strip()[:LONGEST_REASON]
    if not said:
        raise RolloutReasonIsMissing(field="reason")
    changes = {"change_detail": {}} | changes
    with operation(f"rollout.{kind}", actor=actor, reason=said):
        changed = flag.update_versioned(
            actor=actor,
            reason=said,
            expected_version=version,
            change_kind=kind,
            change_reason=said,
            **changes,
        )
        write_through(flag.organization_id)
    return changed


def _check_percent(percent: Decimal) -> None:
    if not is_percentage(percent):
        raise NotAPercentage(field="percent")
