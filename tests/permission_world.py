"""Two organizations with a person of every role and one of everything that has a URL."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.fx.models import RateImport
from apps.jobs.models import Job
from apps.ledgers.models import Control, JournalImport, Ledger, SavedView
from apps.ledgers.services.attachments import attach_file
from apps.ledgers.services.settlement import Choice, settle_items
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.factories import (
    DAY,
    make_account,
    make_department,
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
        return f"ledger={self.keys['ledger']}" if name == "portal:ledger_switch" else ""

    def _make_things(self, home: Organization, members: dict[Role, User]) -> dict[str, object]:
        ledger, accountant = make_ledger(home), members[Role.ACCOUNTANT]
        bank, sales = make_account(ledger, "1002"), make_account(ledger, "6001")
        entry = make_draft(ledger, (bank, "1.00"), (sales, "-1.00"), maker=accountant)
        file = attach_file(entry, SimpleUploadedFile("receipt.pdf", PDF), actor=accountant)
        colleague = make_user(home, Role.APPROVER)
        view = SavedView.objects.create(
            user=accountant, ledger=ledger, page="journal_entry_list", name="mine"
        )
        sent = JournalImport.objects.create(
            ledger=ledger,
            filename="a.csv",
            sha256="0" * 64,
            file=ContentFile(b"date,account,debit,credit\n", "a.csv"),
            created_by=accountant,
        )
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
            **make_rollout(home),
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
    return {"open_item": items[0].pk, "settlement": settlement.pk}


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


def make_rollout(home: Organization) -> dict[str, object]:
    """Return a flag that is rolled out, and a department that can be pinned."""
    return {"name": make_flag(home).name, "override": make_department(home).pk}


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
