"""The way of an entry so far, and who is to move now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from apps.audit.models import OperationLog
from apps.ledgers.models import EntryState
from apps.ledgers.services.history import STEP_LABELS

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User

_BACKWARDS = ("journal_entry.withdraw", "journal_entry.reject", "journal_entry.unapprove")


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One stop; `state` is done, now or refused, as `components/timeline.html` draws it."""

    state: str
    who: str
    what: str
    at: datetime | None = None
    quote: str = ""


def route_of(entry: JournalEntry, waits_for: Collection[str] = ()) -> list[RouteStep]:
    """Return the stops in the order of time, then what comes next.

    `waits_for` are the names of those who are asked to approve it.
    """
    steps = [*_stops(entry), *_ways_back(entry)]
    steps.sort(key=lambda step: step.at or entry.created_at)
    return steps + _next_step(entry, waits_for)


def _stops(entry: JournalEntry) -> list[RouteStep]:
    stops: list[tuple[User | None, datetime | None, str]] = [
        (entry.maker, entry.created_at, _("created it")),
        (entry.maker, entry.submitted_at, _("submitted it")),
        (entry.checker, entry.approved_at, _("approved it")),
        (entry.poster, entry.posted_at, _("posted it")),
    ]
    done = [
        RouteStep("done", who.display_name(), what, at) for who, at, what in stops if who and at
    ]
    if entry.state == EntryState.CANCELLED:
        who = entry.maker.display_name()
        done.append(RouteStep("refused", who, _("cancelled it"), entry.updated_at))
    return done


def _ways_back(entry: JournalEntry) -> list[RouteStep]:
    logs = OperationLog.objects.filter(
        resource_type="ledgers_journalentry", resource_id=str(entry.pk), kind__in=_BACKWARDS
    ).select_related("actor")
    return [
        RouteStep(
            "refused",
            log.actor.display_name() if log.actor else log.actor_name,
            str(STEP_LABELS[log.kind]),
            log.at,
            log.reason,
        )
        for log in logs.order_by("id")
    ]


def _next_step(entry: JournalEntry, waits_for: Collection[str]) -> list[RouteStep]:
    maker = entry.maker.display_name()
    approvers = get_text_list(list(waits_for), _("or")) or _("Somebody else")
    following = {
        EntryState.DRAFT: RouteStep("now", maker, _("is still writing")),
        EntryState.SUBMITTED: RouteStep("now", approvers, _("has to approve it")),
        EntryState.APPROVED: RouteStep("now", _("A senior accountant"), _("has to post it")),
    }
    step = following.get(EntryState(entry.state))
    return [step] if step else []
