"""What the entries of an import come to, for whoever decides on all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.db.models.functions import Abs

from apps.ledgers.models import Account, EntryState, JournalLine

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry, JournalImport

_ACCOUNTS, _ENTRIES = 10, 5


@dataclass(frozen=True, slots=True)
class MovedAccount:
    """What the entries of an import book on an account, in the base currency."""

    account: Account
    line_count: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class MovedAccounts:
    """The accounts with the most on them, and how many there are in all."""

    shown: tuple[MovedAccount, ...]
    count: int


def moved_accounts(journal_import: JournalImport) -> MovedAccounts:
    """Return what an import books, the accounts with the largest sums first."""
    lines = JournalLine.objects.filter(entry__journal_import=journal_import)
    rows = lines.exclude(entry__state=EntryState.CANCELLED).order_by().values_list("account")
    sums = list(rows.annotate(Count("pk"), Sum("debit"), Sum("credit")))
    sums.sort(key=lambda row: (-(abs(row[2]) + abs(row[3])), row[0]))
    first = sums[:_ACCOUNTS]
    accounts = Account.objects.in_bulk([row[0] for row in first])
    return MovedAccounts(
        tuple(MovedAccount(accounts[key], *figures) for key, *figures in first), len(sums)
    )


def largest_entries(journal_import: JournalImport) -> list[JournalEntry]:
    """Return the largest entries of an import, whatever their sign."""
    entries = journal_import.entries.exclude(state=EntryState.CANCELLED)
    entries = entries.select_related("ledger", "period").order_by(Abs("total").desc(), "pk")
    return list(entries[:_ENTRIES])
