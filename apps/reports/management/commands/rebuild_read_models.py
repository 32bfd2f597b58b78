"""manage.py rebuild_read_models: build what dashboards read anew, while posting goes on."""

from __future__ import annotations

import time

from django.core.management.base import BaseCommand

from apps.core.trace import trace
from apps.reports.services.daily_figures import rebuild_daily_figures


class Command(BaseCommand):
    """Build the daily figures from events, and from the books where events are gone."""

    help = "Build the read models of the dashboards anew from events and books."

    def handle(self, *_args: object, **_options: object) -> None:
        """Build them and say how many there are."""
        started = time.monotonic()
        with trace():
            built = rebuild_daily_figures()
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{built.figures:,} figures of {built.facts:,} facts in {seconds:.1f} s"
        )
