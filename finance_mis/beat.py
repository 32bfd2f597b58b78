"""What beat does by the clock; it writes this into its tables.

A task of a minute or less finds what a dead worker left, so that its work is taken over within
a lease and a minute.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

_EVERYWHERE: dict[str, dict[str, Any]] = {
    # Events are relayed when somebody rings; this is for what nobody heard.
    "call the relay": {
        "task": "events.call_relay",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "purge old events": {"task": "events.purge", "schedule": crontab(hour=3, minute=20)},
    "resume jobs": {"task": "jobs.resume_jobs", "schedule": 60.0},
    "resume imports": {"task": "ledgers.resume_journal_imports", "schedule": 60.0},
    "resume reconciliation runs": {"task": "reconciliation.resume_runs", "schedule": 30.0},
    "watch channels": {
        "task": "reconciliation.watch_channels",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "reconcile new statements": {
        "task": "reconciliation.schedule_runs",
        "schedule": crontab(hour=6, minute=30),
    },
    "run due channels": {
        "task": "reconciliation.run_due_schedules",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "ask about credit": {"task": "approvals.find_credit_due", "schedule": 60.0},
    "carry out decisions": {"task": "approvals.run_due_batches", "schedule": 30.0},
    "escalate approvals": {"task": "approvals.escalate_due", "schedule": 300.0},
    "send digests": {"task": "approvals.send_digests", "schedule": 300.0},
    "ship approval flows": {"task": "approvals.ship_flows", "schedule": 3600.0},
    "move rollouts": {"task": "rollout.move_rollouts", "schedule": 300.0},
    # The ECB publishes at 16:00 in Frankfurt; by then it is late in the evening here.
    "fetch the ECB's rates": {
        "task": "fx.fetch_ecb_rates",
        "schedule": crontab(hour=0, minute=15, day_of_week="tue-sat"),
    },
}
_WHERE_FILES_ARE_EDITED: dict[str, dict[str, Any]] = {
    "propose changed policy files": {
        "task": "policies.propose_changed_files",
        "schedule": timedelta(seconds=10),
        # Nobody is told anew of what the next look finds anyway.
        "options": {"expires": 10},
    },
}


def beat_schedule(*, watch_files: bool) -> dict[str, dict[str, Any]]:
    """Return the entries of beat by name; `watch_files` where policy files are edited."""
    return _EVERYWHERE | (_WHERE_FILES_ARE_EDITED if watch_files else {})
