"""What else belongs to the results of a run, done inside their transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.reconciliation.services.breaks_opening import follow_run
from apps.reconciliation.services.finish_events import tell_of_finish
from apps.reconciliation.services.live_seeding import begin_anew

if TYPE_CHECKING:
    from apps.reconciliation.models import ReconciliationRun


def follow_up(run: ReconciliationRun) -> None:
    """Open and clear breaks, tell that the run found this, and go on from what is left."""
    follow_run(run)
    tell_of_finish(run)
    begin_anew(run)
