"""Reconciliation of a journal and a statement, beside its limit and what others would do.

    ./run bench reconciliation [-- EVENTS [LARGER]]

1. CSV × CSV → results, against `sort` and `join` of coreutils over the same keys.
2. The product: as many journal lines in PostgreSQL, a statement file read and persisted, a run
   by a worker process with results under their primary key and the proof; beside the least that
   the machine takes for it: the engine from file to file, and COPY of the same rows out of
   PostgreSQL and into tables with nothing but a primary key.
3. A plain Python dictionary, and SQL inside PostgreSQL, for the exact pass alone.

Every bucket of every row is compared with the truth of the generator.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection

from apps.reconciliation.clients.duck import engine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.rules import DEFAULT_PASSES, read_rules
from apps.reconciliation.models import ReconciliationRun
from benchmarks._bare_copies import bare_copies
from benchmarks._report import Figure, Report, below
from benchmarks._statement_rows import (
    dictionary_pairs,
    fill_books,
    import_lines,
    make_run,
    set_sql_pairs,
    statement_csv,
    wrong_rows,
)
from benchmarks._statements import Generated, csv_rows, generate

EVENTS = 1_000_000
SECONDS, MEMORY_MB, OF_FLOOR, LINEAR = 15, 512, 4, 1.3
_FLOOR = """
key() { awk -F, '{k = toupper($2); gsub(/[^0-9A-Z]/, "", k); print k "," $5 "," $1}' "$1" |
  sort -t, -k1,1 -S 128M -o "$2"; }
key book.csv b & key statement.csv s & wait
join -t, b s > joined
"""


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["work"]:
        work()
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    report = Report()
    small = _files(generate(events), report, events)
    if len(sys.argv) > 2:
        larger = int(sys.argv[2])
        seconds = _files(generate(larger), report, larger)
        bound = small * larger / events * LINEAR
        report.add(below(f"{larger} × {larger} rows from CSV", seconds, "s", bound))
    _product(generate(events), report, events, small)
    report.end()


def work() -> None:
    """Do the run whose key comes, as a worker does that was up, and print its memory in MB."""
    from apps.reconciliation.services.running import run_reconciliation  # noqa: PLC0415

    print("up", flush=True)
    run_reconciliation(int(sys.stdin.readline()))
    print(_highest_memory_mb())


def _highest_memory_mb() -> int:
    """Return what this program held at most; getrusage would count its parent's before it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _files(made: Generated, report: Report, events: int) -> float:
    """Measure the engine from file to file, and the floor."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for side, rows in (("book", made.book), ("statement", made.statement)):
            with (folder / f"{side}.csv").open("w") as file:
                file.writelines(csv_rows(rows, is_book=side == "book"))
        seconds = _timed(lambda: _match_files(folder))
        floor = _timed(lambda: _run_shell(folder))
        wrong = wrong_rows(made, [sorted(folder.glob(f"{side}-*.out")) for side in Side])
    report.add(Figure(f"sort and join of {events} × {events} rows", floor, "s"))
    report.add(below(f"CSV × CSV to results, {events} events", seconds, "s", OF_FLOOR * floor))
    report.add(below("rows in a wrong bucket", wrong, "rows", 0.5))
    return seconds


def _match_files(folder: Path) -> None:
    with engine(folder, read_rules(DEFAULT_PASSES), {"CNY": 2}) as duck:
        duck.load()
        duck.run()
        if duck.prove():
            raise RuntimeError
        with ThreadPoolExecutor(len(Side)) as threads:
            list(threads.map(lambda side: list(duck.write(side, (1, 1))), Side))


def _run_shell(folder: Path) -> None:
    environment = os.environ | {"LC_ALL": "C"}
    subprocess.run(["/bin/bash", "-c", _FLOOR], cwd=folder, env=environment, check=True)


def _product(made: Generated, report: Report, events: int, engine_alone: float) -> None:
    """Measure persisting the lines and the run, and compare with the limit and with others."""
    channel, actor = fill_books(made)
    file = statement_csv(made)
    # Millions of generated rows are no garbage of the product, which would look through them.
    gc.freeze()
    imported = _timed(lambda: import_lines(file, channel, actor))
    run = make_run(channel, actor, date(2026, 1, 1), date(2026, 12, 31))
    worked, memory = _have_it_done(run)
    run.refresh_from_db()
    if run.state != ReconciliationRun.State.REVIEW:
        raise RuntimeError(run.failure)
    counts = {side: run.counters[side] for side in ("book", "statement")}
    report.add(Figure("statement file read, proved and persisted", imported, "s"))
    report.add(Figure("run by a worker process", worked, "s"))
    both = imported + worked
    report.add(below(f"{events} journal lines × statement, durable", both, "s", SECONDS))
    least = engine_alone + bare_copies(channel)
    report.add(Figure("engine alone and bare COPY of the same rows", least, "s"))
    report.add(Figure("durable, of the least", both, "s", limit=least, ratio=both / least))
    report.add(below("memory of the worker", memory, "MB", MEMORY_MB))
    if counts != made.counts():
        print(counts, made.counts(), file=sys.stderr)
    report.add(below("buckets that differ", int(counts != made.counts()), "", 0.5))
    _others(report, channel.pk)


def _have_it_done(run: ReconciliationRun) -> tuple[float, int]:
    """Have a worker do the run; return its seconds, and its memory in MB."""
    command = [sys.executable, "-m", "benchmarks.reconciliation", "work"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as worker:
        told, asked = worker.stdout, worker.stdin
        if told is None or asked is None or told.readline() != "up\n":
            raise RuntimeError
        started = time.monotonic()
        print(run.pk, file=asked, flush=True)
        memory = int(told.readline())
        return time.monotonic() - started, memory


def _others(report: Report, channel_id: int) -> None:
    with connection.cursor() as cursor:
        report.add(
            Figure("exact pass alone, Python dictionary",
                _timed(lambda: dictionary_pairs(cursor, channel_id)), "s")
        )  # fmt: skip
        report.add(
            Figure("exact pass alone, SQL in PostgreSQL",
                _timed(lambda: set_sql_pairs(cursor, channel_id)), "s")
        )  # fmt: skip


def _timed(call: Callable[[], object]) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
