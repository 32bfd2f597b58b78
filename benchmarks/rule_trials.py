"""A trial of matching rules on the largest sample, done by a worker.

    ./run bench rule_trials [-- EVENTS]

The rows are those of the benchmark of reconciliation; no run was over them, so that all of them
take part, by the rules that all begin with and by those that are tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from apps.jobs.services.running import run_job
from apps.reconciliation.models import RuleTrial
from apps.reconciliation.services import rule_trials
from apps.reconciliation.services.rule_sample import MOST_ROWS
from benchmarks._report import Report, below
from benchmarks._statement_rows import fill_books, import_lines, statement_csv
from benchmarks._statements import generate

SECONDS, MEMORY_MB = 10, 512
TRIED: list[dict[str, Any]] = [{"kind": "exact"}, {"kind": "date", "days": 1}]


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["work"]:
        work()
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else MOST_ROWS
    made = generate(events)
    channel, actor = fill_books(made)
    import_lines(statement_csv(made), channel, actor)
    year = (date(2026, 1, 1), date(2026, 12, 31))
    with patch.object(rule_trials, "days_to_try", return_value=year):
        trial = rule_trials.start_trial(
            channel, passes=TRIED, options={}, reason="fewer passes", actor=actor
        )
    seconds, memory = _have_it_done(trial)
    trial.refresh_from_db()
    rows, wanted = trial.result["rows"], trial.result["all"]
    print(f"{rows} of {wanted} rows, {trial.result['changed']} would end elsewhere")
    report = Report()
    report.add(below(f"trial of {rows['book']} × {rows['statement']}", seconds, "s", SECONDS))
    report.add(below("memory of the worker", memory, "MB", MEMORY_MB))
    report.end()


def work() -> None:
    """Do the job whose key comes, as a worker that was up, and print its memory in MB."""
    print("up", flush=True)
    run_job(int(sys.stdin.readline()))
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
    print(f"{time.process_time():.1f} s of the processors", file=sys.stderr)


def _have_it_done(trial: RuleTrial) -> tuple[float, int]:
    """Have a worker do the trial; return its seconds, and its memory in MB."""
    job = rule_trials.job_of(trial)
    command, pipe = [sys.executable, "-m", "benchmarks.rule_trials", "work"], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as worker:
        told, asked = worker.stdout, worker.stdin
        if job is None or told is None or asked is None or told.readline() != "up\n":
            raise RuntimeError
        started = time.monotonic()
        print(job.pk, file=asked, flush=True)
        memory = int(told.readline())
        return time.monotonic() - started, memory


if __name__ == "__main__":
    main()
