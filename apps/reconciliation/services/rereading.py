"""A run whose rows were split, or put back together, after it had read them reads them again.

Who splits a row looks whether a run works with it, and who starts a run does not wait for them:
of both at the same moment the run may have read what is not there any more. It finds out when
its results stand in the table, where they and what was split lock each other out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from django.db import connection, transaction

from apps.core.operation import operation
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.staging import forget
from apps.reconciliation.split_errors import RowsWereSplit

if TYPE_CHECKING:
    from apps.jobs.services.leases import Leases

MOST_READINGS = 5
_ROWS_BESIDE_PARTS = """
SELECT EXISTS (SELECT FROM reconciliation_rowsplit s
  JOIN reconciliation_matcheditem m USING (channel_id, side, item_id)
  WHERE s.channel_id = %(channel)s AND NOT s.is_undone)
"""
_PARTS_BESIDE_ROWS = """
SELECT EXISTS (SELECT FROM reconciliation_rowsplit s
  JOIN reconciliation_rowpart p ON p.split_id = s.id
  JOIN reconciliation_matcheditem m
    ON (m.channel_id, m.side, m.item_id) = (p.channel_id, p.side, p.item_id)
  WHERE s.channel_id = %(channel)s AND s.is_undone)
"""
log = structlog.get_logger(__name__)


def reading_again(
    run: ReconciliationRun,
    work: Callable[[ReconciliationRun], None],
    leases: Leases[ReconciliationRun],
) -> None:
    """Do the work of a run, and from the beginning again when rows were split meanwhile.

    Raises:
        RowsWereSplit: they were each time.
    """
    for reading in range(1, MOST_READINGS + 1):
        try:
            work(run)
        except RowsWereSplit:
            if reading == MOST_READINGS:
                raise
            log.info("rows were split, reading again", run=run.pk)
            _forget_what_was_read(run, leases)
        else:
            return


def refuse_rows_split_meanwhile(run: ReconciliationRun) -> None:
    """Check that results are of rows that are there, in the transaction that writes them.

    Raises:
        RowsWereSplit: a row stands beside its parts, or parts beside their row.
    """
    with connection.cursor() as cursor:
        for sql in (_ROWS_BESIDE_PARTS, _PARTS_BESIDE_ROWS):
            cursor.execute(sql, {"channel": run.channel_id})
            if cursor.fetchone() == (True,):
                raise RowsWereSplit


def _forget_what_was_read(run: ReconciliationRun, leases: Leases[ReconciliationRun]) -> None:
    """Drop the partitions of a run: they were cut from what it had read."""
    with transaction.atomic(), operation("reconciliation.reread", actor=run.created_by):
        leases.hold(run)
        run.partitions.all().delete()
        forget(run.pk)
