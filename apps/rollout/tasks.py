"""Background work of rollouts; every task is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from apps.core.trace import trace
from apps.rollout.services import moving


@shared_task(name="rollout.move_rollouts")
def move_rollouts() -> None:
    """Take the steps that are due; run by beat every five minutes."""
    with trace():
        moving.move_rollouts()
