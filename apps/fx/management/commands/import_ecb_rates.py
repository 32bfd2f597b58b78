"""manage.py import_ecb_rates FILE: import published rates for all organizations."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.fx.services.rate_imports import import_for_everybody


class Command(BaseCommand):
    """Import the history or a day as the ECB publishes it; again finds nothing new."""

    help = "Import ECB reference rates (ZIP, CSV or XML) for all organizations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *_args: object, **options: Any) -> None:
        """Import all of it or nothing, and say how much was new."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            with trace():
                done = import_for_everybody(content, path.name)
        except (OSError, FinanceError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.day_count:,} days, {done.read_count:,} rates read:"
            f" {done.new_count:,} new, {done.changed_count:,} changed,"
            f" in {done.milliseconds / 1000:.1f} s"
        )
