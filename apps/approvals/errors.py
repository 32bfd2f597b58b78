"""Why something about an approval is refused; each is one sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class FlowHasNoSteps(FinanceError):
    """A flow that would approve by itself."""

    code = "flow_has_no_steps"
    sentence = _("A flow needs at least one step that asks somebody whatever the credit is.")


class FlowIsActiveAlready(FinanceError):
    """Another flow of the same version takes the same subjects."""

    code = "flow_is_active_already"
    http_status = 409
    sentence = _(
        "Somebody activated another flow %(word)s for the same subjects: look at it first."
    )


class FlowIsTheLast(FinanceError):
    """A kind of subject would be left without a flow in some department."""

    code = "flow_is_the_last"
    http_status = 409
    sentence = _(
        "Without this flow nobody would be asked: write another version, which takes its place "
        "when it becomes active."
    )


class IllegalFlowStep(FinanceError):
    """A flow is not in the state that this step begins in."""

    code = "illegal_flow_step"
    http_status = 409
    sentence = _("The flow is %(state)s: this cannot be done with it.")


class NoFlow(FinanceError):
    """Nothing says who approves such subjects."""

    code = "no_approval_flow"
    sentence = _("No approval flow is active for this: ask an administrator for one.")


class NobodyToAsk(FinanceError):
    """A step has too few people, without the maker."""

    code = "nobody_to_ask"
    sentence = _(
        "The step “%(step)s” asks people other than the maker: %(needed)s needed, %(found)s "
        "found. Ask an administrator."
    )


class RequestIsClosed(FinanceError):
    """Somebody was faster."""

    code = "request_is_closed"
    http_status = 409
    sentence = _("%(person)s was faster: the request is %(state)s. Nothing was changed.")


class TaskIsNotOpen(FinanceError):
    """The task was decided already, or its turn has not come."""

    code = "task_is_not_open"
    http_status = 409
    sentence = _("This task is %(state)s (%(person)s). Nothing was changed.")


class NotYourTask(FinanceError):
    """Neither the person asked nor one who stands in."""

    code = "not_your_task"
    http_status = 403
    sentence = _("This is asked of somebody else, who has not delegated it to you.")


class MakerNeverDecides(FinanceError):
    """The maker would decide."""

    code = "maker_never_decides"
    http_status = 403
    sentence = _("You made this yourself: another person has to decide.")


class AboveAuthority(FinanceError):
    """The amount is above what the actor may approve."""

    code = "above_authority"
    http_status = 403
    sentence = _("%(currency)s %(amount)s is above your limit of %(limit)s.")


class ContentHasChanged(FinanceError):
    """What would be decided is not what was submitted."""

    code = "content_has_changed"
    http_status = 409
    sentence = _("The content changed after it was submitted: it has to be submitted again.")


class DecisionReasonIsMissing(FinanceError):
    """A rejection or a return without a reason."""

    code = "decision_reason_is_missing"
    sentence = _("Say why: the reason goes to the maker.")


class BadDelegation(FinanceError):
    """A delegation to oneself, a stranger, or for no day at all."""

    code = "bad_delegation"
    sentence = _("Delegate to a colleague, from one day to the same or a later day.")


class ApprovedThisStepAlready(FinanceError):
    """One person would count twice in a step."""

    code = "approved_this_step_already"
    http_status = 409
    sentence = _("You approved this step already: a second approval takes another person.")


class CannotTakeOver(FinanceError):
    """A task would be handed over to somebody who must not decide."""

    code = "cannot_take_over"
    sentence = _(
        "%(person)s made it or may not approve this amount: hand it over to somebody else."
    )


class IsAskedAlready(FinanceError):
    """A task would be handed over to somebody who has one of the same step."""

    code = "is_asked_already"
    http_status = 409
    sentence = _("%(person)s is asked in this step already.")


class HandedOverAlready(FinanceError):
    """A task would be passed on twice."""

    code = "handed_over_already"
    http_status = 409
    sentence = _("Somebody was added for this task already: it cannot be handed over again.")


class NotTheRequester(FinanceError):
    """Somebody else would submit or withdraw."""

    code = "not_the_requester"
    http_status = 403
    sentence = _("Only who made it can submit or withdraw it.")


class NotTheApprover(FinanceError):
    """Somebody else would take an approval back."""

    code = "not_the_approver"
    http_status = 403
    sentence = _("Only who approved it can take the approval back.")


class NotInvolved(FinanceError):
    """Somebody who has no part in a request would say something about it."""

    code = "not_involved_in_request"
    http_status = 403
    sentence = _("Only who made it, or is asked about it, can add to it.")


class NothingIsAsked(FinanceError):
    """An answer without a question."""

    code = "nothing_is_asked"
    http_status = 409
    sentence = _("No question is open: nothing was changed.")


class TextIsMissing(FinanceError):
    """A question, an answer or a comment without words."""

    code = "text_is_missing"
    sentence = _("Write something first.")


class TextIsTooLong(FinanceError):
    """A text would be cut off."""

    code = "text_is_too_long"
    sentence = _("This is longer than %(limit)s characters: make it shorter.")


class CannotBeWithdrawn(FinanceError):
    """The kind knows no way back to its maker."""

    code = "cannot_be_withdrawn"
    http_status = 409
    sentence = _("This cannot be taken back: ask for a rejection.")


class NothingChosen(FinanceError):
    """A press without a task that could be answered by it."""

    code = "nothing_chosen"
    sentence = _(
        "Nothing was decided: choose requests that wait for you; those with notes on risk "
        "only on purpose."
    )


class TooManyChosen(FinanceError):
    """More tasks than one press takes."""

    code = "too_many_chosen"
    sentence = _("At most %(limit)s requests are decided at once.")


class TooLateToUndo(FinanceError):
    """The press is being carried out, or was undone before."""

    code = "too_late_to_undo"
    http_status = 409
    sentence = _("It is too late: this is %(state)s.")
