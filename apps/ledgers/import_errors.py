"""What can be wrong with a file of journal entries, row by row."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class ImportFileTooLarge(FinanceError):
    """The file is above the limit."""

    code = "import_file_too_large"
    http_status = 413
    sentence = _("The file is larger than %(limit)s MB. Split it and try again.")


class FileWasImported(FinanceError):
    """The same bytes are in the journal already."""

    code = "file_was_imported"
    http_status = 409
    sentence = _("This very file was imported as import %(number)s. Nothing was stored.")


class FileWasUploaded(FinanceError):
    """The same bytes were uploaded before, but not imported."""

    code = "file_was_uploaded"
    http_status = 409
    sentence = _(
        "This very file was uploaded as import %(number)s, which is not finished. Continue "
        "there, or confirm that you want to start anew."
    )


class ImportCannotMove(FinanceError):
    """The import is in a state from which the step does not exist."""

    code = "import_cannot_move"
    http_status = 409
    sentence = _("The import is “%(state)s” now, so this step is not possible. Look again.")


class NothingToDecide(FinanceError):
    """No entry of the import waits for this step."""

    code = "nothing_to_decide"
    http_status = 409
    sentence = _("No entry of this import waits for this step.")


class ImportDecides(FinanceError):
    """An entry waits with the others of its import."""

    code = "import_decides"
    http_status = 409
    sentence = _("This entry is decided on together with the others of import %(number)s.")


class OthersAreAsked(FinanceError):
    """The open round of an import asks other people."""

    code = "others_are_asked"
    http_status = 403
    sentence = _("The round of this import asks somebody else: %(people)s.")


class ImportIsNotHandedIn(FinanceError):
    """The last round of an import is over, and entries of it still wait."""

    code = "import_is_not_handed_in"
    http_status = 409
    sentence = _("Nobody is asked for this import now. Who imported it hands it in again.")


class ColumnIsMissing(FinanceError):
    """A field that every entry needs has no source."""

    code = "column_is_missing"
    sentence = _("Say where “%(name)s” comes from: choose a column, or write a fixed value.")


class UnknownColumn(FinanceError):
    """A template names a column that the file does not have."""

    code = "unknown_column"
    sentence = _("The file has no column “%(column)s”.")


class AmountsTwice(FinanceError):
    """Amounts come from two places."""

    code = "amounts_twice"
    sentence = _("Use either one column of amounts, or one for debit and one for credit.")


class UnknownField(FinanceError):
    """A mapping names a field that entries do not have."""

    code = "unknown_field"
    sentence = _("Entries have no field “%(name)s”.")


class UnknownGroup(FinanceError):
    """New accounts should come under an account that is no group."""

    code = "unknown_group"
    sentence = _("Account %(account)s is not a group of this chart, so nothing comes under it.")


class AccountsAppeared(FinanceError):
    """Missing accounts were made by somebody else between the check and the import."""

    code = "accounts_appeared"
    http_status = 409
    sentence = _("Accounts were added to the chart after the check. Check the file again.")


class NewAccountCode(FinanceError):
    """A missing account cannot be made from this text."""

    code = "new_account_code"
    sentence = _(
        "No account is called “%(text)s”, and it cannot be made: a code has at most 20 "
        "letters, digits, points and hyphens."
    )


class UnknownDirection(FinanceError):
    """A word is neither debit nor credit."""

    code = "unknown_direction"
    sentence = _("“%(text)s” stands neither for debit nor for credit. Name it in the mapping.")


class UnknownWord(FinanceError):
    """A text is no word of a voucher."""

    code = "unknown_word"
    sentence = _("“%(text)s” is not a word of a voucher, such as 记, 收, 付 or 转.")


class BothColumns(FinanceError):
    """A row has a debit and a credit."""

    code = "both_columns"
    sentence = _("The row has an amount in debit and in credit. Use one row for each.")


class RowsDisagree(FinanceError):
    """Rows of one entry have different headers."""

    code = "rows_disagree"
    sentence = _(
        "This row of entry “%(key)s” differs from its first row, which is row %(row)s."
    )


class ValueIsMissing(FinanceError):
    """A cell is empty that must not be."""

    code = "value_is_missing"
    sentence = _("The value is missing.")


class TextTooLong(FinanceError):
    """A text is longer than its column."""

    code = "text_too_long"
    sentence = _("The text has more than %(limit)s characters.")


class EntryTooLarge(FinanceError):
    """The sum of an entry is more than the books hold."""

    code = "entry_too_large"
    sentence = _("The entry is larger than the books can hold.")
