"""The doors by which a file comes in, wizard and command, and what must not change."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps.ledgers.models import JournalImport
from tests.ledgers.journal_pages import Books
from tests.ledgers.uploads import make_upload

Found = list[tuple[int, str, str]]
# What an import leaves of itself; everything else must stay as it was.
TRACES = {
    "ledgers_journalimport",
    "ledgers_journalimporterror",
    "audit_operationlog",
    "django_session",
    "organizations_user",
}


def contents() -> dict[str, int]:
    """Return the number of rows of every table that an import must leave alone."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(set(tables) - TRACES):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def upload(books: Books, content: bytes, name: str = "entries.csv") -> tuple[int, str]:
    """Send a file to the wizard; return status and page."""
    data = {"file": make_upload(name, content), "kind": "ordinary", "word": "general"}
    answer = books.client.post(books.url("journal_import_create"), data, follow=True)
    return answer.status_code, answer.content.decode()


def check(books: Books, state: str = "faulty") -> Found:
    """Have the uploaded file checked as it was guessed; return row, field and message."""
    made = JournalImport.objects.get()
    guessed = {f"column_{name}": source for name, source in made.mapping["sources"].items()}
    data = guessed | {"version": made.version, "act": "check"}
    answer = books.client.post(books.url("journal_import_map", made.pk), data, follow=True)
    assert answer.status_code == 200
    made.refresh_from_db()
    assert made.state == state
    return [(fault.row, fault.field, fault.message) for fault in made.errors.all()]


def run_command(books: Books, path: Path) -> Found:
    """Import the file by the command; return row, field and message of each error."""
    output = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(
            "import_journal", str(path), "--ledger", books.ledger.code,
            "--maker", books.maker.username, "--json", stdout=output, stderr=io.StringIO(),
        )  # fmt: skip
    assert ended.value.code == 1
    errors = json.loads(output.getvalue())["errors"]
    return [(error["row"], error["field"], error["message"]) for error in errors]
