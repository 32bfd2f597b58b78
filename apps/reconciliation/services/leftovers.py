"""Folders that killed workers left on this machine, and that no work will begin again in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.jobs.services.leases import Leases
from apps.reconciliation.services import partitions, run_progress

_NAME = re.compile(r"reconciliation-(\d+)(?:\.(\d+))?-")


def forget_left_folders() -> None:
    """Delete the folders of runs and partitions that no living worker has.

    The next worker of a piece of work deletes what the last one left, but only on its own
    machine; and nobody comes for what was killed after its commit.
    """
    for folder in Path(settings.RECONCILIATION_SCRATCH).glob("reconciliation-*"):
        found = _NAME.match(folder.name)
        if found and _is_left(int(found[1]), found[2]):
            shutil.rmtree(folder, ignore_errors=True)


def _is_left(run: int, number: str | None) -> bool:
    if number is None:
        return _is_free(run_progress.LEASES, pk=run)
    return _is_free(partitions.LEASES, run=run, number=int(number))


def _is_free(leases: Leases, **which: int) -> bool:  # type: ignore[type-arg]  # of either kind
    """Say whether a row is there that nobody holds, neither by a lease nor by a lock."""
    with transaction.atomic():
        rows = leases.free(**which).select_for_update(skip_locked=True, no_key=True)
        return rows.values_list("pk", flat=True).first() is not None
