"""Why something about an approval is refused; each is one sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class FlowHasNoSteps(FinanceError):
    """A flow that would approve by itself."""

    code = "flow_has_no_steps"
    sentence = _("A flow needs at least one step.")


class FlowIsActiveAlready(FinanceError):
    """Another flow of the same version takes the same subjects."""

    code = "flow_is_active_already"
    http_status = 409
    sentence = _("A flow %(word)s for the same subjects is active: retire it first.")


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
        "The step “%(step)s” needs %(needed)s people besides the maker and finds %(found)s: "
        "ask an administrator."
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
    """A rejection without a reason."""

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


class NotTheRequester(FinanceError):
    """Somebody else would submit or withdraw."""

    code = "not_the_requester"
    http_status = 403
    sentence = _("Only who made it can submit or withdraw it.")
