"""A matcher of the product whose lease is shorter: `-m benchmarks._matcher LEASE NAME`."""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

    from apps.jobs.services import heartbeats, leases
    from finance_mis.celery import app

    lease = timedelta(seconds=float(sys.argv[1]))
    leases.LEASE = lease
    heartbeats.beating.__wrapped__.__defaults__ = (lease / 3,)  # type: ignore[attr-defined]
    options = ["--quiet", "worker", "--queues", "reconciliation", "--concurrency", "1"]
    app.worker_main([*options, "--hostname", f"{sys.argv[2]}@%h", "--loglevel", "warning"])
