"""The journal hands what is submitted to the flow of the organization, and asks it first."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apps.approvals.errors import (
    ContentHasChanged,
    MakerNeverDecides,
    NotYourTask,
    RequestIsClosed,
)
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.requests import void_round
from apps.approvals.services.shipping import ship_flows
from apps.approvals.tasks import ship_flows as run_by_beat
from apps.ledgers.errors import RoundDecides
from apps.ledgers.models import JournalEntry, Ledger
from apps.ledgers.services.decisions import (
    approve_journal_entry,
    mark_approved,
    reject_journal_entry,
    unapprove_journal_entry,
)
from apps.ledgers.services.drafts import withdraw_journal_entry
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from apps.portal.tenants import create_tenant
from tests.approvals.rounds import KIND, ask, make_entry, make_flow
from tests.factories import make_approver, make_ledger, make_organization, make_user

pytestmark = pytest.mark.django_db


def with_v1() -> tuple[Ledger, User]:
    """Return a ledger of an organization with the shipped flows, and its one approver."""
    ledger = make_ledger()
    approver = make_approver(ledger)
    ship_flows(ledger.organization, actor=approver)
    return ledger, approver


def approved(entry: JournalEntry, person: User) -> JournalEntry:
    return approve_journal_entry(entry, version=entry.version, actor=person)


def rounds_of(entry: JournalEntry) -> list[str]:
    rounds = ApprovalRequest.objects.filter(subject_kind=KIND, subject_id=entry.pk)
    return list(rounds.order_by("pk").values_list("state", flat=True))


def test_a_new_organization_asks_whoever_may_approve() -> None:
    flow = create_tenant("new", "New").approval_flows.get(subject_kind=KIND, word="v1")

    assert (flow.word, flow.state) == ("v1", "active")
    assert flow.steps.get().resolver == "authority"


def test_a_shipped_step_has_its_name_in_the_readers_language() -> None:
    flow = create_tenant("new", "New").approval_flows.get(subject_kind=KIND, word="v1")

    with translation.override("zh-hans"):
        assert str(flow.steps.get()) == "审核"


def test_flows_are_shipped_once() -> None:
    organization = create_tenant("new", "New")

    assert ship_flows(organization, actor=make_user(organization)) == []


def test_organizations_from_before_get_their_flows_by_beat() -> None:
    organization = make_organization()

    run_by_beat()
    run_by_beat()

    assert organization.approval_flows.get(subject_kind=KIND, word="v1").state == "active"


def test_an_entry_is_asked_for_when_it_is_submitted_and_approved_by_its_round() -> None:
    ledger, approver = with_v1()
    entry = make_entry(ledger)

    assert rounds_of(entry) == ["open"]
    assert approved(entry, approver).state == "approved"
    assert rounds_of(entry) == ["approved"]


def test_only_those_are_asked_whose_limit_reaches() -> None:
    ledger, approver = with_v1()
    senior = make_user(ledger.organization, Role.SENIOR_ACCOUNTANT)
    RoleAssignment.objects.filter(user=senior).update(approval_limit=99)
    entry = make_entry(ledger)

    request = ApprovalRequest.objects.get(subject_id=entry.pk)
    assert [task.person for task in request.tasks.all()] == [approver]
    with pytest.raises(NotYourTask):
        approved(entry, senior)


def test_an_entry_waits_until_everybody_asked_has_approved() -> None:
    ledger = make_ledger()
    first, second = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(first, 1), ask(second, 2))
    entry = make_entry(ledger)

    assert approved(entry, first).state == "submitted"
    with pytest.raises(NotYourTask):
        approved(entry, first)
    assert approved(entry, second).state == "approved"


def test_a_maker_who_may_approve_does_not_approve_the_own_entry() -> None:
    ledger, _approver = with_v1()
    maker = make_user(ledger.organization, Role.ACCOUNTANT, Role.APPROVER)

    with pytest.raises(MakerNeverDecides):
        approved(make_entry(ledger, maker=maker), maker)


def test_a_rejection_ends_the_round_and_the_next_submission_begins_another() -> None:
    ledger, approver = with_v1()
    entry = make_entry(ledger)

    reject_journal_entry(entry, version=entry.version, actor=approver, reason="No receipt")

    assert (entry.state, entry.review_note) == ("draft", "No receipt")
    assert rounds_of(entry) == ["rejected"]


def test_who_comes_second_is_told_who_was_faster() -> None:
    ledger, approver = with_v1()
    other = make_approver(ledger)
    entry = make_entry(ledger)
    seen = JournalEntry.objects.get(pk=entry.pk)
    approved(entry, approver)

    with pytest.raises(RequestIsClosed, match=approver.username):
        approved(seen, other)
    with pytest.raises(RequestIsClosed, match=approver.username):
        withdraw_journal_entry(seen, version=seen.version, actor=entry.maker)


def test_a_withdrawal_ends_the_round() -> None:
    ledger, _approver = with_v1()
    entry = make_entry(ledger)

    withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)

    assert entry.state == "draft"
    assert rounds_of(entry) == ["withdrawn"]


def test_an_approval_that_is_taken_back_is_asked_for_again() -> None:
    ledger, approver = with_v1()
    entry = approved(make_entry(ledger), approver)

    unapprove_journal_entry(entry, version=entry.version, actor=approver, reason="Too fast")

    assert entry.state == "submitted"
    assert rounds_of(entry) == ["undone", "open"]
    assert approved(entry, approver).state == "approved"


def test_nothing_is_approved_around_a_round_that_became_void() -> None:
    ledger, approver = with_v1()
    entry = make_entry(ledger)
    void_round(KIND, entry.pk, actor=entry.maker)

    with pytest.raises(ContentHasChanged):
        approved(entry, approver)
    assert withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)


def test_postgresql_refuses_an_approval_around_the_round() -> None:
    ledger, approver = with_v1()
    entry = make_entry(ledger)

    with pytest.raises(RoundDecides):
        mark_approved(entry, version=entry.version, actor=approver)


def test_without_a_flow_one_other_person_approves_as_before() -> None:
    ledger = make_ledger()
    entry = make_entry(ledger)

    assert rounds_of(entry) == []
    assert approved(entry, make_approver(ledger)).state == "approved"


def test_the_page_says_who_is_asked_and_offers_the_buttons_to_nobody_else() -> None:
    ledger, approver = with_v1()
    senior = make_user(ledger.organization, Role.SENIOR_ACCOUNTANT)
    RoleAssignment.objects.filter(user=senior).update(approval_limit=99)
    entry = make_entry(ledger)
    approve_url = reverse("ledgers:journal_entry_approve", args=(ledger.code, entry.pk))
    client = Client()

    for reader, is_asked in ((approver, True), (senior, False)):
        client.force_login(reader)
        page = client.get(entry.get_absolute_url()).content.decode()

        assert approver.display_name() in page
        assert (approve_url in page) is is_asked
        request = ApprovalRequest.objects.get(subject_id=entry.pk)
        assert reverse("approvals:approval_detail", args=(request.pk,)) in page
