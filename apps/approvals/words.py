"""The closed lists of words of approvals."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SubjectKind(TextChoices):
    """What can be approved."""

    JOURNAL_ENTRY = "journal_entry", _("journal entry")


class FlowState(TextChoices):
    """A flow version is written as a draft; what is active never changes again."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")


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


class SkipRule(TextChoices):
    """When an approval given in an earlier step counts in this one too."""

    NEVER = "never", _("never")
    SAME_PERSON = "same_person", _("the same person approved before")


class RequestState(TextChoices):
    """Where a request stands; all but the first are final."""

    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    VOID = "void", _("void, the content changed")


class TaskState(TextChoices):
    """Where the task of one person in one step stands; all but the first two are final."""

    PLANNED = "planned", _("not yet its turn")
    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    CLOSED = "closed", _("no longer needed")


class DecisionKind(TextChoices):
    """What people do with a request; the first two answer a task."""

    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    SUBMIT = "submit", _("submit")
    WITHDRAW = "withdraw", _("withdraw")
    VOID = "void", _("content changed")


VERDICTS = (DecisionKind.APPROVE, DecisionKind.REJECT)
