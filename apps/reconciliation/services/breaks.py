"""What people do with breaks: give them to somebody, wait, dispute, mark, say, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, F, Value, When
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from apps.core.operation import operation
from apps.organizations.access import has_permission, require
from apps.organizations.permissions import Permission
from apps.reconciliation.errors import NoBreakChosen, OwnerCannotWork, TooManyBreaks
from apps.reconciliation.models import Break
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.organizations.models import User

MOST_AT_ONCE = 500


def assign_breaks(seen: Mapping[int, int], owner: User | None, *, actor: User) -> int:
    """Give breaks to a person, or to nobody, and return how many were given.

    `seen` are the versions of the breaks that the actor saw; one that changed meanwhile is left
    alone, and so is one that is resolved.

    Raises:
        NoBreakChosen, TooManyBreaks: none, or more than 500.
        OwnerCannotWork: the person may not work on breaks of the organization.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    if not seen:
        raise NoBreakChosen
    if len(seen) > MOST_AT_ONCE:
        raise TooManyBreaks(limit=MOST_AT_ONCE)
    require_worker(owner, actor)
    with operation("break.assign", actor=actor):
        rows = Break.objects.select_for_update().filter(
            organization=actor.organization_id, pk__in=seen
        )
        same = [one for one in rows.order_by("pk") if one.version == seen[one.pk]]
        return _give([one.pk for one in same if one.state != BreakState.RESOLVED], owner, actor)


def _give(keys: list[int], owner: User | None, actor: User) -> int:
    """Write the owner with one UPDATE, and the history of all rows with one INSERT."""
    rows = Break.objects.filter(pk__in=keys)
    held, free = (BreakState.ASSIGNED, BreakState.OPEN)
    count = rows.update(
        owner=owner,
        state=Case(
            When(state__in=(held, free), then=Value(held if owner else free)),
            default=F("state"),
        ),
        version=F("version") + 1,
        updated_at=timezone.now(),
        updated_by=actor,
    )
    get_history_manager_for_model(Break).bulk_history_create(
        list(rows), update=True, default_user=actor, default_change_reason="assign"
    )
    return count


def require_worker(owner: User | None, actor: User) -> None:
    """Check that breaks can be given to somebody.

    Raises:
        OwnerCannotWork: the person is of elsewhere, or no role of hers works on breaks.
    """
    if owner is None:
        return
    is_ours = owner.organization_id == actor.organization_id
    if not (is_ours and has_permission(owner, Permission.RECONCILIATION_RUN)):
        raise OwnerCannotWork(field="owner", person=owner.display_name())
