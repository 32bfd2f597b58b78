"""A small ledger whose entries walk the legal steps by plain SQL, past Python's checks."""

from __future__ import annotations

from apps.ledgers.models import Account, JournalEntry, Ledger
from tests.factories import make_account, make_approver, make_draft, make_ledger
from tests.sql import run


class Books:
    """A ledger with two accounts and an entry in a state."""

    def __init__(self) -> None:
        """Make them."""
        self.ledger: Ledger = make_ledger()
        self.bank: Account = make_account(self.ledger)
        self.sales: Account = make_account(self.ledger)
        self.lines = ((self.bank, "100.00"), (self.sales, "-100.00"))

    def approved_with(
        self, bank: Account | None = None, amount: str = "100.00"
    ) -> JournalEntry:
        """Return an approved entry whose lines were never checked by Python."""
        draft = make_draft(self.ledger, (bank or self.bank, amount), (self.sales, f"-{amount}"))
        self.approve_by_sql(draft)
        return draft

    def approve_by_sql(self, draft: JournalEntry) -> None:
        """Walk the legal steps by SQL."""
        checker = make_approver_id(self.ledger)
        for step in ("submitted", "approved"):
            run(
                "UPDATE ledgers_journalentry SET state = %(state)s, content_hash ="
                " (SELECT content_hash FROM ledgers_content_hashes(ARRAY[%(id)s::bigint])),"
                " checker_id = %(checker)s WHERE id = %(id)s",
                state=step, checker=checker, id=draft.pk,
            )  # fmt: skip


def make_approver_id(ledger: Ledger) -> int:
    """Return the key of another person of the organization."""
    return make_approver(ledger).pk


POST = (
    "UPDATE ledgers_journalentry SET state = 'posted', number = 1, posted_at = now()"
    " WHERE id = %(id)s"
)
