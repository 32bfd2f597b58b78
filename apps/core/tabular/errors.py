"""Why a file of rows cannot be read; each sentence names the place and says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class UnreadableFile(FinanceError):
    """The bytes are not a table that we read."""

    code = "unreadable_file"
    sentence = _("The file cannot be read. Save it as CSV (UTF-8) or as XLSX and try again.")


class UnknownEncoding(UnreadableFile):
    """The text is in none of the encodings that we recognise without guessing."""

    code = "unknown_encoding"
    sentence = _("The encoding of the file is not clear. Save it as “CSV UTF-8” and try again.")


class OldWorkbook(UnreadableFile):
    """An .xls file, or a workbook under a password: both come in the same container."""

    code = "old_workbook"
    sentence = _(
        "This is an old Excel file (.xls) or a workbook with a password. Open it, save it as "
        "“Excel workbook (.xlsx)” without a password, and try again."
    )


class SuspiciousArchive(UnreadableFile):
    """The zip directory of an XLSX promises far more than a table of rows needs."""

    code = "suspicious_archive"
    sentence = _(
        "The workbook unpacks to far more than its size allows. Copy the rows to a new "
        "workbook, save it, and try again."
    )


class WorkbookTooLarge(UnreadableFile):
    """An honest workbook with more in it than we unpack at once."""

    code = "workbook_too_large"
    http_status = 413
    sentence = _(
        "The workbook unpacks to more than %(limit)s MB. Save the sheet as CSV (UTF-8), or "
        "split it, and try again."
    )


class EmptyFile(UnreadableFile):
    """There is not even a row of headings."""

    code = "empty_file"
    sentence = _("The file is empty: the first row must hold the headings of the columns.")


class FileTooLarge(UnreadableFile):
    """More bytes than we read at once."""

    code = "file_too_large"
    http_status = 413
    sentence = _("The file is larger than %(limit)s MB. Split it and try again.")


class TooManyRows(UnreadableFile):
    """More rows than we read at once."""

    code = "too_many_rows"
    http_status = 413
    sentence = _("The file has more than %(limit)s rows. Split it and try again.")


class TooManyColumns(UnreadableFile):
    """More columns than a table of rows has."""

    code = "too_many_columns"
    http_status = 413
    sentence = _("The file has more than %(limit)s columns. Remove those that are not needed.")


class NulInFile(UnreadableFile):
    """A zero byte, which no text holds and PostgreSQL cannot store."""

    code = "nul_in_file"
    sentence = _("Line %(line)s of the file holds a NUL character. Remove it and try again.")


class BrokenRow(UnreadableFile):
    """A row whose quotes do not fit."""

    code = "broken_row"
    sentence = _("Row %(row)s cannot be read: its quotation marks do not fit together.")


class LongRow(UnreadableFile):
    """A row with cells that no heading stands above."""

    code = "long_row"
    sentence = _("Row %(row)s has more cells than there are headings. Mend it and try again.")


class CellTooLong(UnreadableFile):
    """More text in a cell than anything here can hold."""

    code = "cell_too_long"
    sentence = _(
        "Row %(row)s, column %(column)s holds more than %(limit)s characters. Shorten the "
        "text, or look for a quotation mark that is never closed."
    )


class LostDigits(UnreadableFile):
    """A number that a spreadsheet cannot keep exactly, so that its last digits are gone."""

    code = "lost_digits"
    sentence = _(
        "Row %(row)s, column %(column)s holds a number with more than 15 digits, of which a "
        "spreadsheet loses the last ones. Format the column as text and enter it again."
    )


class UnreadableDate(FinanceError):
    """A text that is not a date, or could be two."""

    code = "unreadable_date"
    sentence = _("“%(text)s” is not a date. Write year, month and day, such as 2026-01-31.")
