"""An import of entries as a subject of approval."""

from __future__ import annotations

from typing import Any

from apps.core.tabular import open_table
from apps.ledgers.domain.import_mapping import column_labels
from apps.ledgers.models import JournalEntry, JournalImport
from apps.ledgers.services.import_decisions import approve_import_entries
from apps.ledgers.services.import_rounds import (
    reject_journal_import,
    withdraw_journal_import,
)
from apps.ledgers.services.import_rows import guess_mapping
from apps.ledgers.services.import_runs import ImportRequest, run_import
from apps.organizations.models import User
from tests.approvals.subjects import Subject, past_guards
from tests.factories import make_account, make_accountant, make_ledger
from tests.sql import refuse

FILE = b"""voucher,date,summary,account,debit,credit
1,2026-01-10,Rent,6602,1000.00,
1,2026-01-10,Rent,1002,,1000.00
2,2026-01-11,Sale,1002,50.00,
2,2026-01-11,Sale,6001,,50.00
"""


class Import(Subject):
    """An import of two entries over CNY 1,050."""

    kind, done, refused = "journal_import", "approved", "draft"

    def __init__(self, content: bytes = FILE) -> None:
        """Set a ledger with the accounts of the file up."""
        self.ledger = make_ledger()
        self.content = content
        for code in ("1002", "6001", "6602"):
            make_account(self.ledger, code)
        self.organization, self.maker = self.ledger.organization, make_accountant(self.ledger)

    def submit(self) -> Any:
        """Import the file."""
        labels = column_labels(open_table(self.content, "a.csv").headers)
        mapping = guess_mapping(self.ledger, labels)
        wanted = ImportRequest(self.ledger, self.content, "a.csv", mapping, self.maker)
        outcome = run_import(wanted, is_dry=False, tell=lambda _name, _count: None)
        assert not outcome.errors
        return JournalImport.objects.get(pk=outcome.import_id or 0)

    def entries(self) -> list[JournalEntry]:
        """Return its entries as they are now."""
        return list(self.row.entries.order_by("pk"))

    def subject_state(self) -> str:
        """Return the states of its entries."""
        return "+".join(sorted({entry.state for entry in self.entries()}))

    def approve(self, person: User) -> object:
        """Approve."""
        return approve_import_entries(self.row, actor=person)

    def reject(self, person: User) -> object:
        """Reject."""
        reject_journal_import(self.row, version=self.row.version, actor=person, reason="no")
        return self.row

    def withdraw(self) -> object:
        """Withdraw."""
        withdraw_journal_import(self.row, version=self.row.version, actor=self.maker)
        return self.row

    def change(self) -> None:
        """Change an entry past its guard."""
        past_guards("UPDATE ledgers_journalentry SET content_hash = 'x'", self.entries()[0])

    def go_around(self) -> None:
        """Have PostgreSQL refuse that an entry is approved without the round."""
        refuse(
            "FM058",
            "UPDATE ledgers_journalentry SET state = 'approved', checker_id = %(who)s,"
            " approved_at = now() WHERE id = %(id)s",
            who=self.first.pk,
            id=self.entries()[0].pk,
        )
