"""What several tests of the ledgers share."""

from __future__ import annotations

import pytest

from apps.ledgers.models import JournalImport
from apps.ledgers.services.import_jobs import run_import_job


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the long steps of an import at once, where the queue would call a worker."""

    def work(journal_import: JournalImport) -> None:
        run_import_job(journal_import.pk)

    monkeypatch.setattr("apps.ledgers.services.journal_imports.ring", work)
