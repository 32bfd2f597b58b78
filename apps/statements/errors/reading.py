"""Why a file is refused; each names where, and what is wrong there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


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


class StatementUnreadable(BrokenStatement):
    """The process that read the file was ended by its limits."""

    code = "statement_unreadable"
    sentence = _(
        "The file needs more memory or time to read than any statement does. It may be damaged "
        "or made to do harm. Fetch it again or split it; nothing was imported."
    )
