"""Why a step is refused; of rules see rule_errors.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError

if TYPE_CHECKING:
    from django.utils.functional import Promise


class RunIsElsewhere(FinanceError):
    """A run has moved on, and the step is not possible any more."""

    code = "run_is_elsewhere"
    http_status = 409
    sentence = _("The run is “%(state)s” now, so this is not possible any more.")


class MatchIsFixed(FinanceError):
    """What was signed off stays."""

    code = "match_is_fixed"
    http_status = 409
    sentence = _("What was matched in a signed-off run stays as it is.")


class TooManyRuns(FinanceError):
    """The queue takes no more."""

    code = "too_many_runs"
    http_status = 429
    retry_after = 60
    sentence = _("%(count)s runs are waiting already; try again when some are finished.")


class RunGaveUp(FinanceError):
    """Workers began a run often and none came to its end."""

    code = "run_gave_up"
    sentence = _(
        "The run was begun %(count)s times and never came to its end. Nothing was changed; "
        "resume it, and tell an administrator if it happens again."
    )


class DiskIsFull(FinanceError):
    """Workers began a run often, and the last one that said why had no room on its disk."""

    code = "run_met_full_disk"
    sentence = _(
        "The run was begun %(count)s times and never came to its end, because the disk of the "
        "worker is full. Nothing was changed; make room on the disk, then resume the run."
    )
    so_far: ClassVar[Promise] = _("The disk of the worker is full; the run is begun again.")


class DiskIsBroken(FinanceError):
    """Workers began a run often, and the last one that said why could not use its files."""

    code = "run_met_broken_disk"
    sentence = _(
        "The run was begun %(count)s times and never came to its end, because the worker "
        "cannot read or write its files. Nothing was changed; an administrator finds the "
        "reason in the log. Resume the run when it is mended."
    )
    so_far: ClassVar[Promise] = _(
        "The worker cannot read or write its files; the run is begun again."
    )


class RunNotProved(FinanceError):
    """The results of a run do not add up, so none was kept."""

    code = "run_not_proved"
    sentence = _("The results do not add up (%(problem)s), so nothing was kept.")


class UnreadableAmounts(FinanceError):
    """An amount is too large or has more decimals than its currency."""

    code = "unreadable_amounts"
    sentence = _("Row %(row)s has an amount that its currency cannot have.")


class NotProvable(FinanceError):
    """A period cannot be signed off yet."""

    code = "not_provable"
    http_status = 409
    sentence = _("This cannot be signed off yet: %(problems)s")


class OwnPreparation(FinanceError):
    """Whoever prepared a sign-off does not review it."""

    code = "own_preparation"
    http_status = 403
    sentence = _("You prepared this yourself; another person reviews it.")


class ProofChanged(FinanceError):
    """What was prepared is not what there is now."""

    code = "proof_changed"
    http_status = 409
    sentence = _("Results changed since this was prepared; have it prepared again.")


class SignOffIsElsewhere(FinanceError):
    """A sign-off has moved on, and the step is not possible any more."""

    code = "sign_off_is_elsewhere"
    http_status = 409
    sentence = _("The sign-off is “%(state)s” now, so this is not possible any more.")


class OwnWithdrawal(FinanceError):
    """Whoever asks to withdraw a sign-off does not decide on it."""

    code = "own_withdrawal"
    http_status = 403
    sentence = _("You asked for this yourself; another person decides.")


class NoBreakChosen(FinanceError):
    """Something was to be done with breaks, but with none."""

    code = "no_break_chosen"
    sentence = _("Choose one break at least.")


class TooManyBreaks(FinanceError):
    """More breaks than are changed at once."""

    code = "too_many_breaks"
    sentence = _("At most %(limit)s breaks are changed at once.")


class OwnerCannotWork(FinanceError):
    """A break would be given to somebody who could do nothing about it."""

    code = "owner_cannot_work"
    sentence = _("%(person)s has no role that works on breaks.")


class BreakIsTaken(FinanceError):
    """Somebody else dealt with a row first."""

    code = "break_is_taken"
    http_status = 409
    sentence = _(
        "Somebody else dealt with a row after you opened the page%(what)s. Nothing was "
        "changed: look at it again."
    )


class NotEnoughRows(FinanceError):
    """A match needs two rows."""

    code = "not_enough_rows"
    sentence = _("Choose two rows at least: what belongs together.")


class MixedCurrencies(FinanceError):
    """Rows of several currencies do not add up."""

    code = "mixed_currencies"
    sentence = _("All rows of a match are of one currency, and these are of %(currencies)s.")


class DifferenceTooLarge(FinanceError):
    """What was chosen does not agree, and the rules do not allow the difference."""

    code = "difference_too_large"
    sentence = _(
        "The sides differ by %(difference)s %(currency)s, and the rules allow %(allowed)s: "
        "choose other rows, or have the difference written off."
    )


class ChannelIsBusy(FinanceError):
    """A run of the channel works with the rows."""

    code = "channel_is_busy"
    http_status = 409
    sentence = _("A run of this channel is not finished: try again when it is.")


class MatchNotProved(FinanceError):
    """A match does not add up when it is written."""

    code = "match_not_proved"
    http_status = 409
    sentence = _("The rows do not add up any more; nothing was changed. Look at them again.")


class MatchIsUndone(FinanceError):
    """A match was undone before."""

    code = "match_is_undone"
    http_status = 409
    sentence = _("This match was undone already.")


class WrittenOffStays(FinanceError):
    """A match with a posted entry is not simply undone."""

    code = "written_off_stays"
    http_status = 409
    sentence = _("The write-off is posted: reverse its entry instead.")


class ReasonIsMissing(FinanceError):
    """A step needs a word of why."""

    code = "break_reason_is_missing"
    sentence = _("Write why: others will read it.")


class NothingIsSuggested(FinanceError):
    """No run suggested a partner."""

    code = "nothing_is_suggested"
    http_status = 409
    sentence = _("No run suggests a partner for this row any more.")


class NothingToWriteOff(FinanceError):
    """The rows agree, or are of another currency than their channel."""

    code = "nothing_to_write_off"
    sentence = _(
        "There is no difference to write off in the currency of the channel: match the "
        "rows, or book an entry of your own."
    )


class WriteOffAccount(FinanceError):
    """The account cannot take the difference."""

    code = "write_off_account"
    sentence = _(
        "“%(code)s” is no active leaf account of the ledger besides the channel's own."
    )


class WriteOffGoesOn(FinanceError):
    """The entry of a write-off is still on its way."""

    code = "write_off_goes_on"
    http_status = 409
    sentence = _("The entry is “%(state)s”: withdraw or reject it first.")


class AlertIsClosed(FinanceError):
    """An alert is over already."""

    code = "alert_is_closed"
    http_status = 409
    sentence = _("The value is good again and the alert is closed.")


class UnsafeAddress(FinanceError):
    """A webhook would go to somewhere that is not on the internet."""

    code = "unsafe_address"
    sentence = _("Write an https address of a public server, without a user or password.")


class ScheduleNeedsDay(FinanceError):
    """A weekly or monthly schedule without its day."""

    code = "schedule_needs_day"
    sentence = _("Say on which day.")


class ScheduleOwnerLeft(FinanceError):
    """Who set a schedule cannot sign in any more."""

    code = "schedule_owner_left"
    sentence = _("%(name)s, in whose name it runs, is not active any more: save it anew.")
