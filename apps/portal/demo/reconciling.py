"""Runs of the demo: each month of a bank account, and the bill of the wallet, in review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.starting import start_run
from apps.statements.models import Channel, StatementFile

if TYPE_CHECKING:
    from apps.organizations.models import Organization


def reconcile_statements(organization: Organization) -> None:
    """Run every channel for the days of each statement, the oldest first.

    Runs read what is committed, so this comes after the transaction of the other data.
    """
    for channel in Channel.objects.filter(organization=organization).order_by("code"):
        files = channel.statements.filter(state=StatementFile.State.IMPORTED)
        for file in files.select_related("imported_by").order_by("from_on", "pk"):
            if file.imported_by and file.from_on and file.to_on:
                first = file.from_on.replace(day=1)
                run = start_run(
                    channel, from_on=first, to_on=file.to_on, actor=file.imported_by
                )
                run_reconciliation(run.pk)
