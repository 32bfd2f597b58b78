"""Why a channel or a statement is refused; each says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class StatementIsFixed(FinanceError):
    """What would change is kept for ever."""

    code = "statement_is_fixed"
    http_status = 409
    sentence = _("What was imported stays as it is. Nothing was changed.")


class ForeignChannel(FinanceError):
    """Rows of different organizations, ledgers, charts or currencies."""

    code = "foreign_channel"
    sentence = _(
        "Ledger, account, currency, partner and mapping do not belong together. Choose a leaf "
        "account of the ledger that takes the currency."
    )


class StatementNotProved(FinanceError):
    """Lines, sums and balances disagree at the end of an import."""

    code = "statement_not_proved"
    sentence = _("Lines and balances of the statement do not agree. Nothing was imported.")


class StatementCannotMove(FinanceError):
    """The step is not one that the statement's state allows."""

    code = "statement_cannot_move"
    http_status = 409
    sentence = _("The statement is “%(state)s”: this step is not possible now.")


class BrokenStatement(FinanceError):
    """What a file says cannot be read; nothing of it is imported."""

    code = "broken_statement"
    sentence = _("Line %(line)s cannot be read: “%(text)s”. Nothing was imported.")


class BadAmount(BrokenStatement):
    """A text that is no amount; `column` is the heading, tag or element that it stands in."""

    code = "statement_bad_amount"
    sentence = _(
        "Line %(line)s, field “%(column)s”: “%(text)s” is not an amount. Nothing was imported."
    )


class BadDay(BrokenStatement):
    """A text that is no day."""

    code = "statement_bad_day"
    sentence = _(
        "Line %(line)s, field “%(column)s”: “%(text)s” is not a day as this format or mapping "
        "writes it. Nothing was imported."
    )


class BadCurrency(BrokenStatement):
    """A text that is no code of a currency."""

    code = "statement_bad_currency"
    sentence = _(
        "Line %(line)s, field “%(column)s”: “%(text)s” is not the code of a currency. "
        "Nothing was imported."
    )


class CurrencyOfLine(BrokenStatement):
    """A line in a currency that is not the channel's."""

    code = "statement_currency_of_line"
    sentence = _(
        "Line %(line)s, field “%(column)s”: the line is in %(found)s, but the channel is in "
        "%(expected)s. Nothing was imported."
    )


class StatementEndsTooEarly(BrokenStatement):
    """The file stops before its end: half of it is missing."""

    code = "statement_ends_too_early"
    sentence = _(
        "The file ends after line %(line)s in the middle of a statement. Fetch it again; "
        "nothing was imported."
    )


class NotThisFormat(BrokenStatement):
    """The bytes are something else."""

    code = "statement_not_this_format"
    sentence = _("The file is not %(format)s. Check the format of the channel.")


class DoctypeRefused(BrokenStatement):
    """A DTD or entities in a file that needs none."""

    code = "statement_doctype"
    sentence = _("The file declares a document type or entities, which no statement needs.")


class WrongEncoding(BrokenStatement):
    """The mapping names another encoding than the file has."""

    code = "statement_wrong_encoding"
    sentence = _(
        "The mapping says that the file is in %(named)s, but it is in %(found)s. Change the "
        "encoding in the mapping; nothing was imported."
    )


class StatementTooLarge(BrokenStatement):
    """More than is read at once."""

    code = "statement_too_large"
    http_status = 413
    sentence = _("The file is larger than %(limit)s MB, also unpacked. Split it and try again.")


class NothingInStatement(BrokenStatement):
    """There is neither a line nor a balance."""

    code = "statement_is_empty"
    sentence = _("The file holds no line and no balance.")


class BalancesDisagree(BrokenStatement):
    """Opening + lines is not closing."""

    code = "statement_balances_disagree"
    sentence = _(
        "Statement %(reference)s: %(opening)s + lines %(total)s is %(reached)s, but its "
        "closing balance says %(closing)s. A line is missing or changed; nothing was imported."
    )


class RunningBalanceDisagrees(BrokenStatement):
    """The balance beside a line does not follow from the one before."""

    code = "statement_running_balance"
    sentence = _(
        "Line %(line)s, field “%(column)s”: the balance should be %(expected)s, but the file "
        "says %(found)s. Nothing was imported."
    )


class TotalsDisagree(BrokenStatement):
    """A summary of the file does not fit its lines."""

    code = "statement_totals_disagree"
    sentence = _(
        "The summary says “%(what)s” %(told)s, but the lines add up to %(found)s. The file is "
        "not complete; nothing was imported."
    )


class FeesDisagree(BrokenStatement):
    """Gross less fee is not net."""

    code = "statement_fees_disagree"
    sentence = _(
        "Line %(line)s, field “%(column)s”: %(gross)s less the fee %(fee)s is not %(net)s. "
        "Nothing was imported."
    )


class ColumnMissing(BrokenStatement):
    """The mapping names a column that the file does not have."""

    code = "statement_column_missing"
    sentence = _("The file has no column “%(column)s”. Look at the mapping of the channel.")


class OtherAccount(FinanceError):
    """A statement of somebody else's or another account."""

    code = "statement_other_account"
    sentence = _(
        "The file is of account %(found)s, but the channel is of %(expected)s. Choose the "
        "channel of that account."
    )


class OtherCurrency(FinanceError):
    """Amounts in a currency that is not the channel's."""

    code = "statement_other_currency"
    sentence = _("The file is in %(found)s, but the channel is in %(expected)s.")


class AmountTooFine(BrokenStatement):
    """More decimals than the currency has, or more digits than there can be."""

    code = "statement_amount_too_fine"
    sentence = _(
        "Line %(line)s, field “%(column)s”: %(text)s does not fit the decimals of "
        "%(currency)s. Nothing was imported."
    )


class StatementCameBefore(FinanceError):
    """The same bytes are there already."""

    code = "statement_came_before"
    http_status = 409
    sentence = _(
        "This very file came on %(day)s, brought by %(person)s (%(state)s). It was not taken "
        "again."
    )


class ChannelTakesNoFiles(FinanceError):
    """The channel is closed, or of a source that tells by other means."""

    code = "channel_takes_no_files"
    sentence = _("This channel takes no files: it is inactive, or has no format or mapping.")


class ConflictsToAccept(FinanceError):
    """An overlapping statement says something else about the same days."""

    code = "statement_has_conflicts"
    http_status = 409
    sentence = _(
        "%(count)s lines differ from what an earlier statement said about the same days. Look "
        "at them, and import again if you accept that."
    )


class CodeIsTaken(FinanceError):
    """A code or name that is there already."""

    code = "statement_code_is_taken"
    http_status = 409
    sentence = _("There is one of this name already. Choose another.")


class StatementUnreadable(BrokenStatement):
    """The process that read the file was ended by its limits."""

    code = "statement_unreadable"
    sentence = _(
        "The file needs more memory or time to read than any statement does. It may be damaged "
        "or made to do harm. Fetch it again or split it; nothing was imported."
    )


class StatementBytesChanged(FinanceError):
    """What the store gives back is not what was brought."""

    code = "statement_bytes_changed"
    http_status = 409
    sentence = _(
        "The kept bytes of “%(file)s” are not those that were brought. Tell the administrator; "
        "nothing was imported."
    )


class OtherLedgerUnknown(FinanceError):
    """A channel names no account of another ledger."""

    code = "other_ledger_unknown"
    sentence = _(
        "“%(named)s” is no account of another ledger. Write the account at the partner as "
        "LEDGER/ACCOUNT."
    )


class TooManyDays(FinanceError):
    """A range of days that ends before it begins, or is too long."""

    code = "statement_too_many_days"
    sentence = _("Choose from 1 to %(most)s days.")
