"""Rows of the books.

    Organization 1 ──* ChartOfAccounts 1 ──* Account (tree)
                 1 ──* DimensionType 1 ──* DimensionValue *──* DimensionSet
    LegalEntity  1 ──* Ledger 1 ──* Period
                       Ledger 1 ──* JournalEntry 1 ──* JournalLine *── 1 Account
                       Ledger 1 ──* AccountBalance, AccountTotal, EntryCounter
                       Ledger 1 ──* OpenItem 1 ──* ItemMovement *── 0..1 Settlement

Amounts are signed: debit positive, credit negative, so that every entry sums to zero.
`side` is the column that a line stands in (+1 debit, −1 credit); an amount with the other
sign than its side is a red-letter line. `amount` is in the line's currency, `base_amount`
in the ledger's base currency.
"""

from apps.ledgers.models.attachments import Attachment
from apps.ledgers.models.balances import AccountBalance, AccountTotal, EntryCounter
from apps.ledgers.models.chart import Account, ChartOfAccounts
from apps.ledgers.models.choices import (
    UNPOSTED_STATES,
    AccountClass,
    BalanceGuard,
    Bucket,
    Control,
    EntryKind,
    EntryState,
    PeriodState,
    Side,
    Word,
)
from apps.ledgers.models.closing import (
    CloseRun,
    ClosingEntry,
    ClosingSettings,
    OpeningBalance,
    ReopenRequest,
)
from apps.ledgers.models.dimensions import DimensionSet, DimensionType, DimensionValue
from apps.ledgers.models.imports import JournalImport, JournalImportError
from apps.ledgers.models.journal import JournalEntry
from apps.ledgers.models.ledger import Ledger, Period
from apps.ledgers.models.lines import JournalLine
from apps.ledgers.models.open_items import ItemMovement, OpenItem, Settlement
from apps.ledgers.models.saved_views import SavedView
from apps.ledgers.models.settlement_proposals import SettlementProposal

__all__ = [
    "UNPOSTED_STATES",
    "Account",
    "AccountBalance",
    "AccountClass",
    "AccountTotal",
    "Attachment",
    "BalanceGuard",
    "Bucket",
    "ChartOfAccounts",
    "CloseRun",
    "ClosingEntry",
    "ClosingSettings",
    "Control",
    "DimensionSet",
    "DimensionType",
    "DimensionValue",
    "EntryCounter",
    "EntryKind",
    "EntryState",
    "ItemMovement",
    "JournalEntry",
    "JournalImport",
    "JournalImportError",
    "JournalLine",
    "Ledger",
    "OpenItem",
    "OpeningBalance",
    "Period",
    "PeriodState",
    "ReopenRequest",
    "SavedView",
    "Settlement",
    "SettlementProposal",
    "Side",
    "Word",
]
