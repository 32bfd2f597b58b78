"""The books in the admin, read-only."""

from __future__ import annotations

from apps.core.admin import register_read_only
from apps.ledgers.models import (
    Account,
    AccountBalance,
    AccountTotal,
    Attachment,
    ChartOfAccounts,
    CloseRun,
    ClosingEntry,
    ClosingSettings,
    DimensionSet,
    DimensionType,
    DimensionValue,
    EntryCounter,
    JournalEntry,
    JournalImport,
    JournalLine,
    Ledger,
    OpeningBalance,
    Period,
    ReopenRequest,
)

register_read_only(
    Ledger,
    Period,
    ChartOfAccounts,
    Account,
    DimensionType,
    DimensionValue,
    DimensionSet,
    JournalEntry,
    JournalLine,
    AccountBalance,
    AccountTotal,
    EntryCounter,
    Attachment,
    JournalImport,
    OpeningBalance,
    CloseRun,
    ClosingEntry,
    ClosingSettings,
    ReopenRequest,
)
