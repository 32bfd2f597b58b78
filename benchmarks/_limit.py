"""The limit: pgbench calling one PL/pgSQL function that does the least a posting can be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection

from apps.audit.models import OperationLog
from apps.events.models import OutboxEvent
from apps.events.words import Topic
from apps.ledgers.models import Period
from benchmarks._books import WORDS, YEAR, Books

SQL = Path(__file__).parent / "sql" / "limit.sql"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class Limit:
    """The schema of the limit in the application's own database, and pgbench to drive it."""

    def __init__(self, books: Books) -> None:
        """Make the schema; log rows have the size of those that posting really writes."""
        self._books = books
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS bench CASCADE")
            cursor.execute(SQL.read_text(encoding="utf-8"))
        self._periods = list(
            Period.objects.filter(
                ledger=books.ledger, fiscal_year=YEAR, is_adjustment=False
            ).values_list("pk", flat=True)
        )

    def add_foreign_keys(self) -> None:
        """Give the tables the foreign keys of the real ones."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT bench.add_foreign_keys()")

    def run(self, *, clients: int, seconds: int, batch: int = 1) -> float:
        """Return how many postings a second the clients reach."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(self._script(batch))
            script.flush()
            command = [
                os.environ.get("FMIS_PGBENCH") or "pgbench",
                *("--no-vacuum", "--protocol=prepared", f"--file={script.name}"),
                *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={seconds}"),
            ]
            done = subprocess.run(
                command, env=self._environment(), capture_output=True, text=True, check=False
            )
        found = _RATE.search(done.stdout)
        if done.returncode or not found:
            raise RuntimeError(done.stderr)
        return float(found[1]) * batch

    def _environment(self) -> dict[str, str]:
        database = settings.DATABASES["default"]
        names = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGHOST": "HOST", "PGPORT": "PORT"}
        given = {name: str(database[key]) for name, key in names.items() if database[key]}
        return os.environ | given

    def _script(self, batch: int) -> str:
        """Return a pgbench script; what is random is chosen by the server."""
        books, places = self._books, f"generate_series(1, {batch})"
        accounts = books.account_ids
        return f"""SELECT bench.post({books.ledger.pk},
  array(SELECT gen_random_uuid()::text FROM {places}),
  array(SELECT {_random(self._periods)} FROM {places}),
  array(SELECT ('{{{",".join(WORDS)}}}'::text[])[1 + floor(random() * 4)::int] FROM {places}),
  array(SELECT date '{YEAR}-01-15' + floor(random() * 300)::int FROM {places}),
  {books.maker.pk}, {books.checker.pk}, {books.poster.pk},
  array(SELECT {_random(accounts)} FROM {places}),
  array(SELECT {_random(accounts)} FROM {places}),
  array(SELECT round((random() * 10000 + 1)::numeric, 2) FROM {places}),
  '{"0" * 64}', {_log_row()}, {_event_body()});
"""


def _random(keys: list[int]) -> str:
    """Return SQL for one of consecutive keys."""
    return f"({keys[0]} + floor(random() * {len(keys)})::bigint)"


def _log_row() -> str:
    """Return, as SQL, the JSON of the last posting in the audit trail."""
    logs = OperationLog.objects.filter(resource_type="ledgers_journalentry")
    logged = logs.filter(action=OperationLog.Action.INSERT).order_by("-id")[0].after
    text = json.dumps(logged, default=str).replace("'", "''")
    return f"'{text}'::jsonb"


def _event_body() -> str:
    """Return, as SQL, as much text as the last event of a posting holds.

    pgbench would take what follows a colon for a variable of its own.
    """
    events = OutboxEvent.objects.filter(topic=Topic.ENTRY_POSTED).order_by("-number")
    text = events[0].body.replace("'", "''").replace(":", "=")
    return f"'{text}'"
