"""What tests of approvals set up."""

from __future__ import annotations

from typing import Any

from apps.approvals.models import ApprovalFlow, ApprovalRequest, ApprovalTask, FlowStep
from apps.approvals.services.deciding import decide
from apps.approvals.services.flows import activate_flow, create_flow
from apps.approvals.services.requests import open_request
from apps.approvals.words import DecisionKind, Resolver, SubjectKind
from apps.ledgers.models import JournalEntry, Ledger
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.factories import make_account, make_ledger, make_submitted, make_user

KIND = SubjectKind.JOURNAL_ENTRY
APPROVE, REJECT = DecisionKind.APPROVE, DecisionKind.REJECT


def ask(person: User, number: int = 1, **values: Any) -> FlowStep:
    """Return a step that asks one person."""
    return FlowStep(
        number=number, name="Check", resolver=Resolver.USER, person=person, **values
    )


def ask_approvers(number: int = 1, **values: Any) -> FlowStep:
    """Return a step that asks every approver."""
    return FlowStep(
        number=number, name="Approve", resolver=Resolver.ROLE, role=Role.APPROVER, **values
    )


def make_flow(organization: Organization, *steps: FlowStep, word: str = "v1") -> ApprovalFlow:
    """Return an active flow for journal entries."""
    admin = make_user(organization, Role.ADMIN)
    flow = create_flow(KIND, word, steps or [ask_approvers()], actor=admin)
    return activate_flow(flow, version=1, actor=admin)


def make_entry(ledger: Ledger, amount: str = "100", **values: Any) -> JournalEntry:
    """Return a submitted entry of the amount."""
    lines = (make_account(ledger), amount), (make_account(ledger), f"-{amount}")
    return make_submitted(ledger, *lines, **values)


def ask_for(entry: JournalEntry) -> ApprovalRequest:
    """Return the round of an entry."""
    return open_request(KIND, entry.pk, actor=entry.maker)


def make_round(*steps: FlowStep, ledger: Ledger | None = None) -> ApprovalRequest:
    """Return an open round over CNY 100 in a ledger."""
    ledger = ledger or make_ledger()
    make_flow(ledger.organization, *steps)
    return ask_for(make_entry(ledger))


def task_of(request: ApprovalRequest, person: User) -> ApprovalTask:
    """Return the first task of a person that nobody has decided."""
    return request.tasks.filter(person=person).order_by("state", "pk")[0]


def approve(request: ApprovalRequest, person: User) -> ApprovalRequest:
    """Approve in the name of the person."""
    task = request.tasks.get(person=person, state="open")
    return decide(task, APPROVE, actor=person)


def state_of(request: ApprovalRequest) -> tuple[str, str]:
    """Return the state of a round and of its entry."""
    request.refresh_from_db()
    return request.state, JournalEntry.objects.get(pk=request.subject_id).state
