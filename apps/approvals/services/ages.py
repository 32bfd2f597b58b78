"""How long a task has waited, in a word or two, and how that compares with its due time.

35 min · 5 h · 3 d          nothing is due, or not soon: how long it waits
due in 3 h                  due within the last quarter of its time
2 d late                    due before now
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalTask

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SOON = 4


@dataclass(frozen=True, slots=True)
class Age:
    """The words, their tone ("" where nothing is due), and when the task is due."""

    text: str
    tone: str = ""
    due_at: datetime | None = None


def age_of(task: ApprovalTask, now: datetime | None = None) -> Age:
    """Return the age of an open task."""
    now = now or timezone.now()
    opened = task.opened_at or now
    due = task.due_at
    if due is None:
        return Age(span(now - opened))
    if now > due:
        return Age(_("%(span)s late") % {"span": span(now - due)}, "bad", due)
    if (due - now) * _SOON <= due - opened:
        return Age(_("due in %(span)s") % {"span": span(due - now)}, "warn", due)
    return Age(span(now - opened), "ok", due)


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit."""
    if length < _HOUR:
        return _("%(count)s min") % {"count": max(0, length // timedelta(minutes=1))}
    if length < _DAY:
        return _("%(count)s h") % {"count": length // _HOUR}
    return _("%(count)s d") % {"count": length // _DAY}
