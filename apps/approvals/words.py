"""The closed lists of words of approvals."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SubjectKind(TextChoices):
    """What can be approved; the first four are entries of the journal."""

    JOURNAL_ENTRY = "journal_entry", _("journal entry")
    REVERSAL = "reversal", _("reversal")
    WRITE_OFF = "write_off", _("write-off")
    TRANSFER = "transfer", _("transfer entry")
    PERIOD_REOPEN = "period_reopen", _("reopening of a period")
    POLICY_CHANGE = "policy_change", _("policy change")
    MANUAL_RATE = "manual_rate", _("manual exchange rate")
    SETTLEMENT = "settlement", _("settlement above the limit")
    JOURNAL_IMPORT = "journal_import", _("import of entries")


ENTRY_KINDS = (
    SubjectKind.JOURNAL_ENTRY,
    SubjectKind.REVERSAL,
    SubjectKind.WRITE_OFF,
    SubjectKind.TRANSFER,
)

# What is decided on without an amount; its request holds zero.
KINDS_WITHOUT_AMOUNT = (
    SubjectKind.PERIOD_REOPEN,
    SubjectKind.POLICY_CHANGE,
    SubjectKind.MANUAL_RATE,
)


class FlowState(TextChoices):
    """A flow version is written as a draft; what is active never changes again.

    A draft that is discarded was never active.
    """

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")
    DROPPED = "dropped", _("discarded")


class StepRule(TextChoices):
    """How many of its people a step needs."""

    ANY = "any", _("any of them")
    ALL = "all", _("all of them")
    N_OF_M = "n_of_m", _("a number of them")


class Resolver(TextChoices):
    """How a step finds its people."""

    USER = "user", _("a person")
    ROLE = "role", _("holders of a role")
    DEPARTMENT_HEAD = "department_head", _("head of the maker's department")
    AUTHORITY = "authority", _("whoever may approve it")
    DIMENSION_OWNER = "dimension_owner", _("owners of what it is booked on")


class SkipRule(TextChoices):
    """When an approval given in an earlier step counts in this one too."""

    NEVER = "never", _("never")
    SAME_PERSON = "same_person", _("the same person approved before")


class RiskKind(TextChoices):
    """What somebody who decides should know of a request."""

    OVER_BUDGET = "over_budget", _("over budget")
    CHANGED = "changed", _("changed since you looked")
    NEW_SUPPLIER = "new_supplier", _("new supplier")
    SPLIT = "split", _("one of several on this day")
    STALE_CREDIT = "stale_credit", _("credit not certain")


class DelegationState(TextChoices):
    """Where a delegation stands on a day."""

    PLANNED = "planned", _("planned")
    ACTIVE = "active", _("in force")
    OVER = "over", _("over")
    REVOKED = "revoked", _("revoked")


class RequestState(TextChoices):
    """Where a request stands; all but the first are final, but an approval may be undone."""

    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    UNDONE = "undone", _("approval taken back")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned to the maker")
    WITHDRAWN = "withdrawn", _("withdrawn")
    VOID = "void", _("void, the content changed")


class TaskState(TextChoices):
    """Where the task of one person in one step stands; all but the first two are final."""

    PLANNED = "planned", _("not yet its turn")
    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    RETURNED = "returned", _("returned")
    CLOSED = "closed", _("no longer needed")


class DecisionKind(TextChoices):
    """What is done with a request; the first three answer a task."""

    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    RETURN = "return", _("return to the maker")
    SUBMIT = "submit", _("submit")
    WITHDRAW = "withdraw", _("withdraw")
    VOID = "void", _("content changed")
    ASK = "ask", _("ask the maker")
    ANSWER = "answer", _("answer")
    ESCALATE = "escalate", _("escalate")
    DELEGATE = "delegate", _("hand over")
    UNAPPROVE = "unapprove", _("take the approval back")


VERDICTS = (DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.RETURN)
# What people do with their own requests; the rest is about those of others.
OWN_STEPS = (
    DecisionKind.SUBMIT,
    DecisionKind.WITHDRAW,
    DecisionKind.VOID,
    DecisionKind.ANSWER,
)


class BatchState(TextChoices):
    """Where many answers given at once stand; the last two are final."""

    PENDING = "pending", _("about to be carried out")
    RUNNING = "running", _("being carried out")
    DONE = "done", _("carried out")
    UNDONE = "undone", _("undone")


class ItemOutcome(TextChoices):
    """What became of one of many answers."""

    WAITING = "waiting", pgettext_lazy("decision", "not yet")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    LEFT_OUT = "left_out", _("left out")
