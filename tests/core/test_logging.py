"""What the log leaves out."""

from __future__ import annotations

import logging

import pytest

from apps.policies.tasks import propose_changed_files
from finance_mis.logging import WithoutWatching


@pytest.mark.parametrize(
    ("level", "data", "is_kept"),
    [
        (logging.INFO, {"name": propose_changed_files.name}, False),
        (logging.ERROR, {"name": propose_changed_files.name}, True),
        (logging.INFO, {"name": "ledgers.run_journal_import"}, True),
        (logging.INFO, "no task at all", True),
        (logging.INFO, None, True),
    ],
)
def test_only_the_coming_and_going_of_watchers_is_left_out(
    level: int, data: object, *, is_kept: bool
) -> None:
    record = logging.LogRecord("celery", level, "", 0, "received", None, None)
    record.data = data

    assert WithoutWatching().filter(record) is is_kept
