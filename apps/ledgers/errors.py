"""Why the books refuse something; each is one sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.ledgers.domain.checks import Problem


class UnbalancedEntry(FinanceError):
    """Debits and credits differ."""

    code = "unbalanced_entry"
    sentence = _(
        "Debits and credits differ by %(currency)s %(difference)s. "
        "Change the lines until they are equal."
    )


class TooFewLines(FinanceError):
    """An entry has at least two lines."""

    code = "too_few_lines"
    sentence = _("A journal entry has at least two lines.")


class IllegalStep(FinanceError):
    """No step leads from the state of the entry to the wanted one."""

    code = "illegal_step"
    http_status = 409
    sentence = _(
        "The entry is %(state)s now, so this step is not possible. Look at it again: "
        "somebody may have been faster."
    )


class EntryIsFixed(FinanceError):
    """What is submitted or posted does not change."""

    code = "entry_is_fixed"
    http_status = 409
    sentence = _(
        "A submitted or posted entry does not change. Withdraw it first, or reverse it if it "
        "is posted."
    )


class PeriodTakesNoEntries(FinanceError):
    """The period is not open, or the date lies outside it."""

    code = "period_takes_no_entries"
    sentence = _(
        "Period %(period)s is %(state)s and takes no entries. Choose a date in an open period."
    )


class NoPeriod(FinanceError):
    """No period contains the date."""

    code = "no_period"
    sentence = _("No period of this ledger contains %(date)s. Choose another date.")


class NoAdjustmentPeriod(FinanceError):
    """Adjustments go into the thirteenth period, which is the last day of its year."""

    code = "no_adjustment_period"
    sentence = _(
        "An adjustment is dated on the last day of a fiscal year, in its adjustment period; "
        "%(date)s is in none."
    )


class MakerIsChecker(FinanceError):
    """Nobody checks the own entry."""

    code = "maker_is_checker"
    http_status = 403
    sentence = _("You made this entry, so somebody else has to check it.")


class AboveLimit(FinanceError):
    """The amount is above what the person may approve."""

    code = "above_limit"
    http_status = 403
    sentence = _(
        "%(currency)s %(total)s is above your limit of %(limit)s. "
        "Somebody with a higher limit has to approve it."
    )


class NotTheChecker(FinanceError):
    """Only who approved may take the approval back."""

    code = "not_the_checker"
    http_status = 403
    sentence = _("Only the person who approved the entry may take the approval back.")


class NotTheMaker(FinanceError):
    """Only who made the entry may withdraw or cancel it."""

    code = "not_the_maker"
    http_status = 403
    sentence = _("Only the person who made the entry may do this.")


class ReasonIsMissing(FinanceError):
    """A step that others must understand needs a reason."""

    code = "reason_is_missing"
    sentence = _("Say why: the reason is kept in the audit trail.")


class AccountTakesNoPostings(FinanceError):
    """The account is a group or inactive."""

    code = "account_takes_no_postings"
    sentence = _("Account %(account)s is a group or inactive. Choose an active leaf account.")


class AccountIsNotManual(FinanceError):
    """The account is kept by the system alone."""

    code = "account_is_not_manual"
    sentence = _("Account %(account)s is kept by the system; manual entries are not allowed.")


class UnknownAccount(FinanceError):
    """No account of the chart has the code."""

    code = "unknown_account"
    sentence = _("No account of this chart is called “%(text)s”.")


class UnknownDimension(FinanceError):
    """No dimension value has the code, or two of one dimension are given."""

    code = "unknown_dimension"
    sentence = _("“%(text)s” is not a dimension value, or a second one of the same dimension.")


class UnknownOwner(FinanceError):
    """Somebody outside the organization, or who left, would answer for a value."""

    code = "unknown_owner"
    sentence = _("The owner has to be a person of your organization who is active.")


class DimensionIsMissing(FinanceError):
    """The account asks for a dimension that the line does not carry."""

    code = "dimension_is_missing"
    sentence = _("Account %(account)s asks for these dimensions: %(dimensions)s.")


class WrongCurrency(FinanceError):
    """The account takes another currency only."""

    code = "wrong_currency"
    sentence = _("Account %(account)s takes only another currency than %(currency)s.")


class TooManyDecimals(FinanceError):
    """The amount has more decimals than its currency."""

    code = "too_many_decimals"
    sentence = _("%(amount)s has more decimals than %(currency)s allows (%(digits)s).")


class AmountIsMissing(FinanceError):
    """A line has no amount."""

    code = "amount_is_missing"
    sentence = _("Write an amount in debit or in credit.")


class LineCannotBePosted(FinanceError):
    """The database refused a line."""

    code = "line_cannot_be_posted"
    sentence = _("Line %(line)s on account %(account)s cannot be posted: %(reason)s.")


class ForeignRow(FinanceError):
    """A row of another ledger, chart or organization."""

    code = "foreign_row"
    http_status = 404
    sentence = _("This belongs to another ledger or organization.")


class CannotReverse(FinanceError):
    """Only a posted entry that was not reversed yet, and is no reversal, can be reversed."""

    code = "cannot_reverse"
    http_status = 409
    sentence = _(
        "Only a posted entry can be reversed, once, and a reversal itself never. "
        "Copy it into a new entry instead."
    )


class KeyWasUsed(FinanceError):
    """An idempotency key came again with another content."""

    code = "key_was_used"
    http_status = 409
    sentence = _("The key “%(key)s” was used before with another content. Nothing was posted.")


class BalanceWouldChangeSide(FinanceError):
    """A guarded account may not stand on the other side."""

    code = "balance_would_change_side"
    sentence = _("Account %(account)s may not be overdrawn; this entry would do it.")


class PeriodCannotChange(FinanceError):
    """The period cannot take this step now."""

    code = "period_cannot_change"
    http_status = 409
    sentence = _("Period %(period)s cannot take this step: %(reason)s.")


class AccountCannotChange(FinanceError):
    """The account cannot change in this way."""

    code = "account_cannot_change"
    http_status = 409
    sentence = _("Account %(account)s cannot change in this way: %(reason)s.")


class EntryHasProblems(FinanceError):
    """An entry has problems, each at a line and field of its own."""

    code = "entry_has_problems"
    sentence = _("The entry has %(count)s problems; nothing was changed.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems for the form."""
        super().__init__(count=len(problems))
        self.problems = list(problems)


class PreviewTakesTooLong(FinanceError):
    """A preview would hold the database for longer than a page may."""

    code = "preview_takes_too_long"
    http_status = 409
    sentence = _("Last month has more entries than a preview adds up in time. Try again later.")


class LedgerCodeIsTaken(FinanceError):
    """A code names one ledger of an organization."""

    code = "ledger_code_is_taken"
    http_status = 409
    sentence = _("There is a ledger with the code %(text)s already. Choose another code.")


class DeltaDiffersFromBase(FinanceError):
    """A delta ledger adds to the lines of its base."""

    code = "delta_differs_from_base"
    sentence = _(
        "A delta ledger has the legal entity, currency and chart of %(base)s, to which it adds."
    )


class RoundDecides(FinanceError):
    """PostgreSQL refused an approval around a round of approval."""

    code = "round_decides"
    http_status = 409
    sentence = _(
        "This waits in a round of approval: who is asked there decides. Nothing was changed."
    )


class OverBudget(FinanceError):
    """A hard budget has too little left."""

    code = "over_budget"
    sentence = _(
        "Budget “%(budget)s” has %(currency)s %(free)s left, this takes %(amount)s: ask for a "
        "higher budget, or change the amount."
    )
