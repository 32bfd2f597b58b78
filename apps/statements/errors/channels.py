"""Why a channel or a step of a statement is refused; each says what to do."""

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
