"""A worker that is killed at a stage: `-m ….victim RUN STAGE [PARTITION]`."""

from __future__ import annotations

import os
import signal
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

    from apps.jobs.services.leases import Leases
    from apps.reconciliation.services import partitions, run_progress, running

    def die(*_args: object, **_values: object) -> None:
        """Go without a word."""
        os.kill(os.getpid(), signal.SIGKILL)

    def stage(progress: run_progress.Progress, name: str) -> None:
        """Go on, or die."""
        if name == sys.argv[2]:
            die()
        _stage(progress, name)

    _stage = run_progress.Progress.stage
    run_progress.Progress.stage = stage  # type: ignore[assignment,method-assign]
    # Of the passes after the exact one people are told when they take long.
    running.MOST_LEFT = 0
    if sys.argv[2] == "commit":
        run_progress.Progress.written = die  # type: ignore[method-assign]
    if len(sys.argv) > 3:
        # At the beginning of the transaction that keeps what was found, or at its end.
        if sys.argv[2] == "keep":
            partitions.forget = die  # type: ignore[attr-defined]
        else:
            Leases.finish = die  # type: ignore[method-assign]
        partitions.run_partition(int(sys.argv[3]))
    else:
        running.run_reconciliation(int(sys.argv[1]))
