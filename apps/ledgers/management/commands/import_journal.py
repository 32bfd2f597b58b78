r"""Import journal entries from a file: the same services as the pages, all or nothing.

    manage.py import_journal entries.csv --ledger cn-main --maker wang
    manage.py import_journal bank.csv --ledger bank --maker lin --checker wu --poster wu \
        --map entry=transaction_id --map account='2011.{account_id}' \
        --counter-account 1002 --credit-words in --debit-words out \
        --create-accounts-under 2011 --create-periods

`--map FIELD=SOURCE`: SOURCE is a heading, a fixed value, or a text around {heading}; an
empty one takes the guess away. Fields: entry date word summary account debit credit amount
direction currency rate counter_account dimension.CODE. What is not mapped is guessed by the
headings. Ends with 0, 1 (errors in the file, or refused) or 2 (could not start).
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import FinanceError
from apps.core.tabular import open_table
from apps.core.trace import trace
from apps.ledgers.access import ledgers_for
from apps.ledgers.domain.import_mapping import ImportMapping, column_labels, words_of
from apps.ledgers.models import Ledger, Word
from apps.ledgers.services.import_rows import guess_mapping
from apps.ledgers.services.import_runs import (
    ImportOutcome,
    ImportRequest,
    refused,
    run_import,
)
from apps.ledgers.services.journal_imports import check_file_size
from apps.organizations.models import User

_SHOWN_ERRORS = 100
_CANNOT_START = 2


class Command(BaseCommand):
    """Import journal entries from CSV or XLSX."""

    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the help."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, the books, the people and how columns map."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--ledger", required=True, metavar="CODE")
        parser.add_argument("--maker", required=True, metavar="USER")
        parser.add_argument("--checker", metavar="USER", help="approves all entries")
        parser.add_argument("--poster", metavar="USER", help="posts all entries")
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=SOURCE")
        parser.add_argument("--counter-account", default="", metavar="CODE")
        parser.add_argument("--debit-words", default="", metavar="WORDS")
        parser.add_argument("--credit-words", default="", metavar="WORDS")
        parser.add_argument("--create-accounts-under", default="", metavar="CODE")
        parser.add_argument("--create-periods", action="store_true")
        parser.add_argument("--word", choices=Word.values, default=Word.GENERAL)
        parser.add_argument("--kind", choices=("ordinary", "opening"), default="ordinary")
        parser.add_argument("--dry-run", action="store_true", help="check only, store nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run the import and report it; end with 1 where anything is wrong."""
        started = time.monotonic()
        with trace():
            try:
                request = self._request(options)
                outcome = run_import(request, is_dry=options["dry_run"], tell=self._tell)
            except FinanceError as error:
                outcome = refused(error)
        report = _as_json(outcome, milliseconds=int((time.monotonic() - started) * 1000))
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._print(report)
        if outcome.errors:
            sys.exit(1)

    def _request(self, options: dict[str, Any]) -> ImportRequest:
        maker = self._user(options["maker"])
        ledger = ledgers_for(maker).filter(code=options["ledger"]).first()
        if ledger is None:
            message = f"{maker.username} has no ledger {options['ledger']}"
            raise CommandError(message, returncode=_CANNOT_START)
        content = self._read(options["file"])
        return ImportRequest(
            ledger=ledger,
            content=content,
            filename=options["file"].name,
            mapping=_mapping(ledger, content, options),
            maker=maker,
            checker=self._user(options["checker"]) if options["checker"] else None,
            poster=self._user(options["poster"]) if options["poster"] else None,
            word=options["word"],
            kind=options["kind"],
        )

    def _user(self, username: str) -> User:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            message = f"there is no active user {username}"
            raise CommandError(message, returncode=_CANNOT_START)
        return found

    def _read(self, path: Path) -> bytes:
        try:
            check_file_size(path.stat().st_size)
            return path.read_bytes()
        except OSError as error:
            message = f"cannot read {path}: {error.strerror}"
            raise CommandError(message, returncode=_CANNOT_START) from error

    def _tell(self, step: str, count: int) -> None:
        self.stderr.write(f"{step} {count}")

    def _print(self, report: dict[str, Any]) -> None:
        for error in report["errors"][:_SHOWN_ERRORS]:
            place = [f"row {error['row']}"] if error["row"] else []
            place += [error["field"]] if error["field"] else []
            self.stdout.write(": ".join(filter(None, [", ".join(place), error["message"]])))
        if report["error_count"]:
            noun = "error" if report["error_count"] == 1 else "errors"
            self.stdout.write(f"{report['error_count']} {noun}; nothing was stored")
            return
        self.stdout.write(
            "{row_count} rows, {entry_count} entries, {line_count} lines, "
            "{new_account_count} new accounts; {approved_count} approved, "
            "{posted_count} posted; {milliseconds} ms".format(**report)
        )


def _mapping(ledger: Ledger, content: bytes, options: dict[str, Any]) -> ImportMapping:
    """Return the guessed mapping, changed by what the command line says."""
    labels = column_labels(open_table(content, options["file"].name).headers)
    sources = dict(guess_mapping(ledger, labels).sources)
    for pair in options["map"]:
        name, _, source = pair.partition("=")
        sources[name] = f"{{{source}}}" if source in labels else source
    if options["counter_account"]:
        sources["counter_account"] = options["counter_account"]
    return ImportMapping(
        sources={name: source for name, source in sources.items() if source},
        debit_words=words_of(options["debit_words"]),
        credit_words=words_of(options["credit_words"]),
        create_accounts_under=options["create_accounts_under"],
        create_periods=options["create_periods"],
    )


def _as_json(outcome: ImportOutcome, *, milliseconds: int) -> dict[str, Any]:
    return {
        "import": outcome.import_id,
        "row_count": outcome.row_count,
        "entry_count": outcome.entry_count,
        "line_count": outcome.line_count,
        "new_account_count": outcome.new_account_count,
        "approved_count": outcome.approved_count,
        "posted_count": outcome.posted_count,
        "milliseconds": milliseconds,
        "error_count": len(outcome.errors),
        "errors": [
            {
                "row": fault.row,
                "field": fault.field,
                "code": fault.error.code,
                "message": str(fault.error),
            }
            for fault in outcome.errors
        ],
    }
