"""manage.py seed_demo: fill an empty database with the demo."""

from __future__ import annotations

import os
import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.portal.demo.names import HUADONG_PEOPLE, SPREE_PEOPLE
from apps.portal.demo.seed import line_count, seed

DEFAULT_PASSWORD = "demo-finance-2026"  # noqa: S105  (the demo's own, shown at its sign-in page)


class Command(BaseCommand):
    """Fill an empty database with two tenants and a year of books; again changes nothing."""

    help = (
        "Fill the database with the demo: two organizations, four ledgers, twelve months of "
        "entries. A database that has it already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a test choose the day."""
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            help="the day on which the demo stands (YYYY-MM-DD); today unless given",
        )

    def handle(self, **options: Any) -> None:
        """Seed, and print who can sign in."""
        started = time.monotonic()
        password = os.environ.get("FMIS_DEMO_PASSWORD") or DEFAULT_PASSWORD
        today = options["today"] or timezone.localdate()
        if seed(today, password, self._progress):
            seconds = time.monotonic() - started
            self.stdout.write(f"demo: {line_count()} journal lines in {seconds:.0f} s")
        else:
            self.stdout.write("demo: the data is there already, nothing was changed")
        for person in (*HUADONG_PEOPLE, *SPREE_PEOPLE):
            if person.can_sign_in and person.role:
                self.stdout.write(f"  {person.username:<20} {password}   {person.role.label}")

    def _progress(self, line: str) -> None:
        self.stdout.write(f"demo: {line}")
