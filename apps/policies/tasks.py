"""Background work of policies; every task is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from apps.core.trace import trace
from apps.policies.services import file_imports


@shared_task(name="policies.propose_changed_files")
def propose_changed_files() -> None:
    """Look at the watched files; run by beat every ten seconds in development."""
    with trace():
        file_imports.propose_changed_files()
