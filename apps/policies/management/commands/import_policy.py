"""Propose the policy that a YAML file holds; another person confirms it.

Ends with 0 when it was proposed, 1 when it was refused; a refused file changes nothing.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.organizations.models import User
from apps.policies.errors import FileHasErrors
from apps.policies.services.file_imports import MOST_BYTES, propose_from_file


class Command(BaseCommand):
    """Read a file and propose it."""

    help = "Propose the finance policy of a YAML file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the organization and the person."""
        parser.add_argument("file", type=Path, help="such as policies/huadong/demo.yaml")
        parser.add_argument("--organization", required=True, help="code of the organization")
        parser.add_argument("--actor", required=True, help="user name of who proposes")

    def handle(self, *_args: object, **options: Any) -> None:
        """Propose, or print every error with its line."""
        actor = User.objects.filter(
            username=options["actor"], organization__code=options["organization"]
        ).first()
        if actor is None:
            raise CommandError("Nobody of this name belongs to this organization.")
        try:
            with options["file"].open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        with trace():
            self._propose(data, actor)

    def _propose(self, data: bytes, actor: User) -> None:
        try:
            policy = propose_from_file(data, actor=actor)
        except FinanceError as error:
            problems = error.errors if isinstance(error, FileHasErrors) else []
            for problem in [*problems, error]:
                self.stderr.write(str(problem))
            sys.exit(1)
        self.stdout.write(f"{policy}: proposed, in force from {policy.effective_from}")
