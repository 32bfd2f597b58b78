"""Two organizations with a person of every role and one of everything that has a URL."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import apps.approvals.tasks  # noqa: F401  (a press calls its task by name)
from apps.approvals.models import FlowStep
from apps.approvals.services.batches import begin_batch, undo_batch
from apps.approvals.services.delegations import delegate
from apps.approvals.services.flows import create_flow
from apps.approvals.services.saved_filters import save_filter
from apps.approvals.services.talk import attach
from apps.approvals.words import DecisionKind, Resolver, SubjectKind
from apps.audit.models import OperationLog
from apps.budgets.models import Budget
from apps.budgets.services.budgets import About, Terms, create_budget
from apps.fx.models import RateImport
from apps.jobs.models import Job
from apps.ledgers.models import (
    Account,
    Control,
    JournalImport,
    Ledger,
    SavedView,
    SettlementProposal,
)
from apps.ledgers.services.attachments import attach_file
from apps.ledgers.services.settlement import Choice, settle_items
from apps.ledgers.services.settlement_proposals import submit_settlement
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.structure import change_settlement_limit
from tests.approvals.rounds import ask_for, make_entry, make_flow
from tests.events.letters import make_letter
from tests.factories import (
    DAY,
    make_account,
    make_department,
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_ledger,
    make_organization,
    make_posted,
    make_user,
    period_of,
)
from tests.fx.rates import make_own, make_published, make_waiting
from tests.policies.policy_rows import make_policy, make_proposal
from tests.rollout.flags import make_flag
from tests.statements.permission_things import make_statements

PERIOD_NOUNS = ("period", "period_close", "period_reopen")
NO_UUID = "0" * 32
PDF = b"%PDF-1.4 receipt"


class World:
    """What the requests are about, and who sends them."""

    def __init__(self) -> None:
        """Make and commit everything."""
        home, away = make_organization(), make_organization()
        members = {role: make_user(home, role) for role in Role}
        self.people = {role: signed_in(user) for role, user in members.items()}
        self.strangers = {role: signed_in(make_user(away, role)) for role in Role}
        self.staff = signed_in(make_user(home, Role.SENIOR_ACCOUNTANT, is_staff=True))
        self.superuser = signed_in(User.objects.create_superuser("root-of-all", password=None))
        self.keys = self._make_things(home, members)

    def url(self, name: str, parameters: tuple[str, ...]) -> str:
        """Return the address of the thing that the URL is about."""
        noun = name.split(":")[1].rsplit("_", 1)[0]
        things = {
            **self.keys,
            "public_id": self.keys.get(noun, NO_UUID),
            "pk": self.keys.get(name, self.keys.get(noun, 0)),
        }
        return reverse(name, kwargs={key: things[key] for key in parameters})

    def body(self, name: str) -> str:
        """Return the form that is sent along; what is missing in it is the view's concern."""
        bodies = {
            "portal:ledger_switch": f"ledger={self.keys['ledger']}",
            "approvals:approval_approve": f"task={self.keys['task']}",
            "approvals:approval_reject": f"task={self.keys['task']}",
            "approvals:approval_return": f"task={self.keys['task']}",
            "approvals:approval_delegate": f"task={self.keys['task']}",
        }
        return bodies.get(name, "")

    def _make_things(self, home: Organization, members: dict[Role, User]) -> dict[str, object]:
        ledger, accountant = make_ledger(home), members[Role.ACCOUNTANT]
        bank, sales = make_account(ledger, "1002"), make_account(ledger, "6001")
        entry = make_draft(ledger, (bank, "1.00"), (sales, "-1.00"), maker=accountant)
        file = attach_file(entry, SimpleUploadedFile("receipt.pdf", PDF), actor=accountant)
        colleague = make_user(home, Role.APPROVER)
        view = SavedView.objects.create(
            user=accountant, ledger=ledger, page="journal_entry_list", name="mine"
        )
        sent = make_import(ledger, accountant)
        make_policy(home, proposed_by=members[Role.SENIOR_ACCOUNTANT])
        proposal = make_proposal(home, effective_from=date(2099, 1, 1))
        return {
            **make_items(ledger, accountant),
            "ledger": ledger.code,
            "number": proposal.number,
            "job": make_job(members[Role.SENIOR_ACCOUNTANT]).public_id,
            "code": bank.code,
            "journal_entry": entry.pk,
            "attachment": entry.pk,
            "ledgers:attachment_download": file.pk,
            "saved_view": view.pk,
            "journal_import": sent.pk,
            **dict.fromkeys(PERIOD_NOUNS, period_of(ledger, 1).pk),
            **make_rates(home, accountant),
            **_keys_of_people(colleague),
            "entity": ledger.entity_id,
            "department": make_department(home).pk,
            "dimension_owner": make_dimension_value(make_dimension_type(home)).pk,
            **make_rollout(home),
            **make_approvals(ledger, members),
            "budget": make_budget(ledger, bank, members[Role.SENIOR_ACCOUNTANT]).pk,
            **make_statements(ledger, bank, members[Role.SENIOR_ACCOUNTANT]),
            **make_letter(home),
            "operation": _sign_in_of(home).pk,
        }


def _keys_of_people(colleague: User) -> dict[str, object]:
    assignment = colleague.role_assignments.get()
    return {
        **dict.fromkeys(
            ("person", "password_link", "access", "organizations:role_grant"), colleague.pk
        ),
        **dict.fromkeys(("limit", "organizations:role_revoke"), assignment.pk),
        "uidb64": "Mg",
        "token": "no-such-token",
    }


def _sign_in_of(home: Organization) -> OperationLog:
    return OperationLog.objects.filter(kind="session.sign_in", organization=home)[0]


def make_items(ledger: Ledger, maker: User) -> dict[str, object]:
    """Return an item of an invoice, and the settlement of it with its receipt."""
    control = make_account(ledger, "1122", control=Control.RECEIVABLE)
    other = make_account(ledger, "6401")
    items = [
        make_posted(ledger, (control, amount), (other, counter)).open_items.get()
        for amount, counter in (("1.00", "-1.00"), ("-1.00", "1.00"))
    ]
    choices = {item.pk: Choice(Decimal(1), item.version) for item in items}
    settlement = settle_items(ledger, choices, settled_on=DAY, actor=maker)
    proposal = make_proposed_settlement(ledger, (control, other), maker)
    return {
        "open_item": items[0].pk,
        "settlement": settlement.pk,
        "settlement_proposal": proposal.pk,
    }


def make_proposed_settlement(
    ledger: Ledger, accounts: tuple[Account, Account], maker: User
) -> SettlementProposal:
    """Return a settlement above the limit of the organization, which waits."""
    control, other = accounts
    items = [
        make_posted(ledger, (control, amount), (other, counter)).open_items.get()
        for amount, counter in (("9.00", "-9.00"), ("-9.00", "9.00"))
    ]
    organization = ledger.organization
    change_settlement_limit(
        organization,
        limit=Decimal(5),
        version=organization.version,
        actor=make_user(organization, Role.ADMIN),
    )
    choices = {item.pk: Choice(Decimal(9), item.version) for item in items}
    made = submit_settlement(ledger, choices, settled_on=DAY, actor=maker)
    assert isinstance(made, SettlementProposal)
    return made


def make_rates(home: Organization, maker: User) -> dict[str, object]:
    """Return a rate of the organization, its pair, and a file of rates."""
    sent = RateImport.objects.create(
        organization=home, source="ecb", filename="a.zip", entered_by=maker
    )
    make_published("EUR/CNY", "7.4326")
    make_published("EUR/CNY", "7.4144", on=DAY - timedelta(days=1))
    return {
        "rate": make_own(home, "USD/CNY", "7.1").pk,
        "waiting_rate": make_waiting(home, "JPY/CNY", "4.8213", per=100).pk,
        "pair": "USD-CNY",
        "rate_import": sent.pk,
    }


def make_import(ledger: Ledger, maker: User) -> JournalImport:
    """Return an uploaded file of entries."""
    return JournalImport.objects.create(
        ledger=ledger,
        filename="a.csv",
        sha256="0" * 64,
        file=ContentFile(b"date,account,debit,credit\n", "a.csv"),
        created_by=maker,
    )


def make_budget(ledger: Ledger, account: Account, senior: User) -> Budget:
    """Return a budget of the account for the year 2099."""
    about = About(date(2099, 1, 1), date(2099, 12, 31), account=account)
    return create_budget(ledger, about, Terms("Bank", Decimal(100)), actor=senior)


def make_rollout(home: Organization) -> dict[str, object]:
    """Return a flag that is rolled out, and a department that can be pinned."""
    return {"name": make_flag(home).name, "override": make_department(home).pk}


def make_approvals(ledger: Ledger, members: dict[Role, User]) -> dict[str, object]:
    """Return a saved filter, a delegation of treasury, a draft of a flow, and a request."""
    today, accountant = timezone.localdate(), members[Role.ACCOUNTANT]
    days = (today, today + timedelta(days=7))
    giver, taker = members[Role.TREASURY], members[Role.APPROVER]
    step = FlowStep(number=1, name="Check", resolver=Resolver.AUTHORITY)
    kind = SubjectKind.JOURNAL_ENTRY
    return {
        "flow": create_flow(kind, "v1", [step], actor=members[Role.ADMIN]).pk,
        "delegation": delegate(taker, days, actor=giver, reason="On leave").pk,
        "saved_filter": save_filter("decision_list", name="x", query="", actor=accountant).pk,
        **make_request(ledger, members),
    }


def make_request(ledger: Ledger, members: dict[Role, User]) -> dict[str, object]:
    """Return a request of the accountant that waits for the approver, and a press undone."""
    accountant, approver = members[Role.ACCOUNTANT], members[Role.APPROVER]
    make_flow(
        ledger.organization,
        FlowStep(number=1, name="Check", resolver=Resolver.AUTHORITY),
    )
    tasks = [
        ask_for(make_entry(ledger, amount, maker=accountant)).tasks.get(person=approver)
        for amount in ("45300.00", "8312.40")
    ]
    batch = begin_batch(tasks, DecisionKind.APPROVE, actor=approver)
    undo_batch(batch, actor=approver)
    task = tasks[0]
    file = attach(task.request, SimpleUploadedFile("offer.pdf", PDF), actor=accountant)
    return {
        "approval": task.request_id,
        "task": task.pk,
        "batch": batch.pk,
        "request_attachment": file.pk,
    }


def signed_in(user: User) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def make_job(senior: User) -> Job:
    """Return a job that a worker is at."""
    return Job.objects.create(
        organization_id=senior.organization_id or 0,
        kind="close_period",
        subject="2026-01",
        exclusive_key="x",
        lease_until=timezone.now() + timedelta(hours=1),
        created_by=senior,
    )
