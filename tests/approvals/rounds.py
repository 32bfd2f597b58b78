"""What tests of approvals set up."""

from __future__ import annotations

from typing import Any

from apps.approvals.models import ApprovalFlow, ApprovalRequest, ApprovalTask, FlowStep
from apps.approvals.services.deciding import decide
from apps.approvals.services.flows import activate_flow, create_flow
from apps.approvals.services.requests import open_request
from apps.approvals.words import DecisionKind, Resolver, SubjectKind
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import DimensionValue, JournalEntry, Ledger
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_submitted,
    make_user,
)

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


def make_flow(
    organization: Organization, *steps: FlowStep, word: str = "v1", kind: str = KIND
) -> ApprovalFlow:
    """Return an active flow, for journal entries unless another kind is named."""
    admin = make_user(organization, Role.ADMIN)
    flow = create_flow(kind, word, steps or [ask_approvers()], actor=admin)
    return activate_flow(flow, version=1, actor=admin)


def make_entry(ledger: Ledger, amount: str = "100", **values: Any) -> JournalEntry:
    """Return a submitted entry of the amount."""
    lines = (make_account(ledger), amount), (make_account(ledger), f"-{amount}")
    return make_submitted(ledger, *lines, **values)


def make_partner(ledger: Ledger, code: str = "S1", kind: str = "supplier") -> DimensionValue:
    """Return a new supplier or customer."""
    types = ledger.organization.dimension_types
    known = types.filter(code=kind).first()
    return make_dimension_value(known or make_dimension_type(ledger.organization, kind), code)


def make_bill(
    ledger: Ledger,
    partner: DimensionValue,
    amount: str = "100",
    maker: User | None = None,
    also: DimensionValue | None = None,
) -> JournalEntry:
    """Return a submitted entry whose first line names a supplier, a customer or both."""
    entry = draft_bill(ledger, partner, amount, maker or make_accountant(ledger), also)
    return submit_journal_entry(entry, version=1, actor=entry.maker)


def draft_bill(
    ledger: Ledger,
    partner: DimensionValue,
    amount: str,
    maker: User,
    also: DimensionValue | None = None,
) -> JournalEntry:
    """Return it as a draft."""
    dimensions = intern_dimension_set([partner, also] if also else [partner])
    named = {"dimension_set_id": dimensions.pk} if dimensions else {}
    lines = (
        make_line(make_account(ledger), amount, **named),
        make_line(make_account(ledger), f"-{amount}"),
    )
    return create_draft(ledger, EntryInput(entry_date=DAY, lines=lines), actor=maker)


def ask_for(entry: JournalEntry) -> ApprovalRequest:
    """Return the open round of an entry; a new one if it was submitted before its flow."""
    begun = ApprovalRequest.objects.filter(subject_id=entry.pk, state="open").first()
    return begun or open_request(KIND, entry.pk, actor=entry.maker)


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
