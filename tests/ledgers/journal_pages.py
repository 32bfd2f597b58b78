"""What tests of the journal's pages share: a small set of books, a client, a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.ledgers.models import Account, JournalEntry, Ledger
from apps.organizations.models import User
from tests.factories import make_account, make_accountant, make_ledger


@dataclass
class Books:
    """A ledger with two accounts and its accountant, who is signed in."""

    ledger: Ledger
    bank: Account
    sales: Account
    maker: User
    client: Client

    def url(self, name: str, *args: object) -> str:
        """Return the URL of a page of this ledger."""
        return reverse(f"ledgers:{name}", args=(self.ledger.code, *args))

    def entries(self) -> list[JournalEntry]:
        """Return all entries of the ledger, oldest first."""
        return list(JournalEntry.objects.filter(ledger=self.ledger).order_by("id"))


def make_books(**values: Any) -> Books:
    """Return new books."""
    ledger = make_ledger(**values)
    maker = make_accountant(ledger)
    bank = make_account(ledger, "1002", name="Bank", name_zh="银行存款", initials="yhck b")
    sales = make_account(ledger, "6001", name="Sales", initials="s")
    return Books(ledger, bank, sales, maker, client_of(maker))


def client_of(user: User) -> Client:
    """Return a client with the user signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


Line = tuple[str, str, str]


def form_data(*lines: Line, **values: Any) -> dict[str, Any]:
    """Return the fields of the entry form; each line is (account, debit, credit)."""
    lines = lines or (("1002", "100.00", ""), ("6001", "", "100.00"))
    data: dict[str, Any] = {
        "act": "save",
        "form_key": "5f0c1a2e-0000-4000-8000-000000000001",
        "version": "",
        "word": "general",
        "entry_date": "2026-01-15",
        "summary": "Cash sale",
        "line_summary": ["" for _line in lines],
        "line_account": [line[0] for line in lines],
        "line_dimensions": ["" for _line in lines],
        "line_debit": [line[1] for line in lines],
        "line_credit": [line[2] for line in lines],
    }
    return data | values
