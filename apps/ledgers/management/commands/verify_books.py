"""Prove the books and say what does not hold; nothing is changed.

Ends with 0 when everything holds, 1 when something does not, 2 when it could not look.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from apps.ledgers.models import Ledger
from apps.ledgers.services.verification import (
    Outcome,
    verify_books,
    verify_inside_a_transaction,
)

FINDINGS, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    """Run every check over one snapshot."""

    help = "Prove that the books hold: balances, numbers, hashes, history, guards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a ledger and the form of the answer."""
        parser.add_argument("--ledger", help="code of one ledger; all of them unless given")
        parser.add_argument("--json", action="store_true", help="answer for machines")

    def handle(self, *_args: object, **options: Any) -> None:
        """Print what was found and end with the code that says it."""
        try:
            ledger_id = _ledger_id(options["ledger"])
            run = verify_inside_a_transaction if connection.in_atomic_block else verify_books
            outcomes = run(ledger_id)
        except (DatabaseError, Ledger.DoesNotExist, Ledger.MultipleObjectsReturned) as error:
            self.stderr.write(f"could not look: {error}")
            sys.exit(COULD_NOT_RUN)
        self.stdout.write(_as_json(outcomes) if options["json"] else _as_table(outcomes))
        if any(outcome.count for outcome in outcomes):
            sys.exit(FINDINGS)


def _ledger_id(code: str | None) -> int | None:
    return Ledger.objects.get(code=code).pk if code else None


def _as_json(outcomes: list[Outcome]) -> str:
    holds = not any(outcome.count for outcome in outcomes)
    checks = [outcome.as_json() for outcome in outcomes]
    return json.dumps({"holds": holds, "checks": checks}, indent=2)


def _as_table(outcomes: list[Outcome]) -> str:
    lines = []
    for outcome in outcomes:
        word = f"{outcome.count} FOUND" if outcome.count else "holds"
        lines.append(f"{word:>12}  {outcome.milliseconds:>7} ms  {outcome.name}")
        lines += [f"{'':>25}{finding}" for finding in outcome.findings]
    return "\n".join(lines)
