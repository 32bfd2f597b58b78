"""The closed lists of accounting words that rows use."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.IntegerChoices):
    """The column of a line, or the side on which an account grows."""

    DEBIT = 1, _("debit")
    CREDIT = -1, _("credit")


class AccountClass(models.TextChoices):
    """The six classes of the Chinese enterprise chart; other charts map onto them."""

    ASSET = "asset", _("Assets")
    LIABILITY = "liability", _("Liabilities")
    COMMON = "common", _("Common accounts")
    EQUITY = "equity", _("Equity")
    COST = "cost", _("Cost accounts")
    PROFIT_LOSS = "profit_loss", _("Profit and loss")


class Control(models.TextChoices):
    """The sub-ledger that an account controls; no manual entry without its dimension."""

    NONE = "", _("none")
    RECEIVABLE = "receivable", _("receivables")
    PAYABLE = "payable", _("payables")
    BANK = "bank", _("bank")


class BalanceGuard(models.TextChoices):
    """Which side the balance of an account may never stand on."""

    NONE = "none", _("none")
    NO_CREDIT = "no_credit", _("no credit balance")
    NO_DEBIT = "no_debit", _("no debit balance")


class PeriodState(models.TextChoices):
    """Whether a period takes entries."""

    FUTURE = "future", _("future")
    OPEN = "open", _("open")
    CLOSING = "closing", _("closing")
    CLOSED = "closed", _("closed")
    LOCKED = "locked", _("locked")


class Word(models.TextChoices):
    """The word of a voucher number 凭证字; each counts for itself in every period."""

    GENERAL = "general", _("General")
    RECEIPT = "receipt", _("Receipt")
    PAYMENT = "payment", _("Payment")
    TRANSFER = "transfer", _("Transfer")


# As in PV-2026-11-0412; the Chinese catalogue has 记, 收, 付 and 转.
WORD_ABBREVIATIONS = {
    Word.GENERAL: _("JV"),
    Word.RECEIPT: _("RV"),
    Word.PAYMENT: _("PV"),
    Word.TRANSFER: _("TV"),
}


class EntryKind(models.TextChoices):
    """Why an entry exists."""

    ORDINARY = "ordinary", _("ordinary")
    REVERSAL = "reversal", _("reversal")
    FX_REVALUATION = "fx_revaluation", _("FX revaluation")
    PROFIT_TRANSFER = "profit_transfer", _("profit transfer")
    YEAR_END = "year_end", _("year end")
    OPENING = "opening", _("opening balances")
    ADJUSTMENT = "adjustment", _("adjustment")
    WRITE_OFF = "write_off", _("write-off")
    DERIVED = "derived", _("derived")
    ROUNDING = "rounding", _("rounding")
    SETTLEMENT = "settlement", _("exchange difference of a settlement")


# What a person writes by hand; the other kinds are the system's, or made from another entry.
WRITTEN_KINDS = (
    EntryKind.ORDINARY,
    EntryKind.OPENING,
    EntryKind.ADJUSTMENT,
    EntryKind.WRITE_OFF,
)


class EntryState(models.TextChoices):
    """Where an entry stands; posted is final."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")


# What keeps a period open: entries that still want a decision.
UNPOSTED_STATES = (EntryState.DRAFT, EntryState.SUBMITTED, EntryState.APPROVED)


class Bucket(models.IntegerChoices):
    """Which column of a trial balance a turnover belongs to."""

    ORDINARY = 0, _("ordinary")
    OPENING = 1, _("opening balances")
    CLOSING = 9, _("closing entries")
