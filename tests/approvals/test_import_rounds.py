"""Imports as one subject: what leaves one, what stands behind it, what is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from apps.approvals.models import ApprovalFlow, ApprovalRequest
from apps.approvals.services.counterparties import counterparties_of_import
from apps.approvals.services.shipping import ship_flows
from apps.core.errors import FinanceError
from apps.ledgers.import_errors import ImportDecides, ImportIsNotHandedIn, OthersAreAsked
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.decisions import (
    approve_journal_entry,
    reject_journal_entry,
    unapprove_journal_entry,
)
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.drafts import submit_journal_entry, withdraw_journal_entry
from apps.ledgers.services.import_decisions import check_decision, post_import_entries
from apps.ledgers.services.import_rounds import submit_journal_import
from apps.organizations.permissions import Role
from tests.approvals.imported import FILE, Import
from tests.approvals.rounds import ask, make_flow, make_partner
from tests.approvals.test_verify_approvals import findings
from tests.factories import make_senior, make_user
from tests.sql import refuse, run

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def rounds_of(subject: Import) -> list[tuple[str, int]]:
    """Return state and amount of the rounds of an import, the first one first."""
    rounds = ApprovalRequest.objects.filter(subject_kind=subject.kind).order_by("pk")
    return [(one.state, int(one.amount)) for one in rounds]


def take_back(entry: JournalEntry) -> JournalEntry:
    """Take an entry back in the name of its maker."""
    return withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)


def test_it_is_one_subject_of_the_size_of_its_largest_entry() -> None:
    subject = Import(FILE.replace(b"50.00", b"-50.00")).asked()

    assert subject.round().amount == 1000
    assert subject.round().maker == subject.maker
    assert ApprovalRequest.objects.count() == 1


def test_its_entries_for_one_counterparty_count_together() -> None:
    subject = Import().asked()
    partner = make_partner(subject.ledger)
    both = intern_dimension_set([partner])
    assert both is not None
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE ledgers_journalline SET dimension_set_id = %(both)s", both=both.pk)

    assert run("SELECT approvals_import_amount(%(key)s)", key=subject.row.pk) == [(1050,)]
    assert [one.name for one in counterparties_of_import(subject.row.pk)] == [partner.name]


def test_an_entry_of_it_is_not_decided_on_alone() -> None:
    subject = Import().asked()
    entry = subject.entries()[0]

    with pytest.raises(ImportDecides):
        approve_journal_entry(entry, version=entry.version, actor=subject.first)
    with pytest.raises(ImportDecides):
        reject_journal_entry(entry, version=entry.version, actor=subject.first, reason="no")

    assert subject.state() == ("open", EntryState.SUBMITTED)


def test_an_entry_that_is_taken_back_leaves_it_and_the_others_are_asked_for_anew() -> None:
    subject = Import().asked()
    subject.approve(subject.first)

    take_back(subject.entries()[0])

    assert rounds_of(subject) == [("void", 1000), ("open", 50)]
    assert [entry.state for entry in subject.entries()] == ["draft", "submitted"]


def test_the_last_entry_that_is_taken_back_ends_the_round() -> None:
    subject = Import().asked()

    for entry in subject.entries():
        take_back(entry)

    assert rounds_of(subject) == [("void", 1000), ("withdrawn", 50)]


def test_what_left_it_and_was_submitted_alone_has_a_round_of_its_own() -> None:
    subject = Import().asked()
    make_flow(subject.organization, ask(subject.second))
    entry = take_back(subject.entries()[0])
    submit_journal_entry(entry, version=entry.version, actor=subject.maker)

    subject.approve(subject.first)
    subject.approve(subject.second)
    assert [one.state for one in subject.entries()] == ["submitted", "approved"]
    entry.refresh_from_db()
    approve_journal_entry(entry, version=entry.version, actor=subject.second)

    assert [one.state for one in subject.entries()] == ["approved", "approved"]
    assert findings() == set()


def test_what_was_rejected_is_handed_in_again_as_it_came() -> None:
    subject = Import().asked()
    subject.reject(subject.first)
    subject.row.refresh_from_db()

    submit_journal_import(subject.row, version=subject.row.version, actor=subject.maker)

    assert rounds_of(subject) == [("rejected", 1000), ("open", 1000)]
    assert subject.subject_state() == EntryState.SUBMITTED


def test_an_approval_taken_back_of_one_entry_asks_for_it_alone() -> None:
    subject = Import().asked()
    make_flow(subject.organization, ask(subject.second))
    subject.approve(subject.first)
    subject.approve(subject.second)
    entry = subject.entries()[0]

    unapprove_journal_entry(entry, version=entry.version, actor=subject.second, reason="oops")

    own = ApprovalRequest.objects.get(subject_kind="journal_entry", subject_id=entry.pk)
    assert (own.state, own.amount) == ("open", 1000)
    assert rounds_of(subject) == [("approved", 1000)]


def test_postgresql_refuses_an_entry_that_came_after_the_round_began() -> None:
    subject = Import().asked()
    subject.approve(subject.first)
    subject.approve(subject.second)
    entry = subject.entries()[0]
    for state, extra in (
        ("submitted", ", checker_id = NULL, approved_at = NULL"),
        ("draft", ""),
    ):
        run(f"UPDATE ledgers_journalentry SET state = %(to)s{extra} WHERE id = %(id)s",
            to=state, id=entry.pk)  # fmt: skip
    run("UPDATE ledgers_journalentry SET state = 'submitted', submitted_at = clock_timestamp()"
        " WHERE id = %(id)s", id=entry.pk)  # fmt: skip

    subject.first = subject.second
    subject.go_around()


def test_postgresql_keeps_an_entry_with_its_import() -> None:
    subject = Import().asked()

    leave = "UPDATE ledgers_journalentry SET journal_import_id = NULL WHERE id = %(id)s"
    refuse("FM058", leave, id=subject.entries()[0].pk)


def test_whoever_is_not_asked_is_told_before_any_work_starts() -> None:
    subject = Import().asked()
    other = make_senior(subject.ledger)

    with pytest.raises(OthersAreAsked):
        check_decision(subject.row, actor=other, posts_too=False)
    subject.change()
    with pytest.raises(FinanceError):
        subject.approve(subject.first)
    with pytest.raises(ImportIsNotHandedIn):
        check_decision(subject.row, actor=other, posts_too=False)


def test_the_books_prove_that_a_round_stands_behind_every_entry() -> None:
    subject = Import().asked()
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE ledgers_journalentry SET state = 'approved', checker_id = %(who)s,"
        " approved_at = clock_timestamp()", who=subject.first.pk)  # fmt: skip
    run("SET LOCAL session_replication_role = origin")

    assert any("what was imported was approved" in fault for fault in findings())


def test_an_import_above_a_limit_asks_those_whose_limit_reaches() -> None:
    subject = Import(FILE.replace(b"1000.00", b"600000.00"))
    approver = make_user(subject.organization, Role.APPROVER)
    make_user(subject.organization, Role.SENIOR_ACCOUNTANT)
    ship_flows(subject.organization, actor=approver)
    subject.row = subject.submit()

    assert [task.person for task in subject.round().tasks.all()] == [approver]
    assert ApprovalFlow.objects.filter(subject_kind=subject.kind).count() == 2


def test_approved_entries_of_it_are_posted_in_one_go() -> None:
    subject = Import().asked()
    subject.approve(subject.first)
    subject.approve(subject.second)

    assert post_import_entries(subject.row, actor=make_senior(subject.ledger)) == 2
    assert findings() == set()


def test_its_page_offers_its_maker_to_withdraw_and_hand_in_again(client: Client) -> None:
    subject = Import().asked()
    client.force_login(subject.maker)
    keys = (subject.ledger.code, subject.row.pk)
    page, decide = (reverse(f"ledgers:journal_import_{one}", args=keys)
                    for one in ("detail", "decide"))  # fmt: skip

    assert "Withdraw all" in client.get(page).content.decode()
    client.post(decide, {"act": "withdraw", "version": subject.row.version})
    assert subject.state() == ("withdrawn", EntryState.DRAFT)
    assert "Hand in again" in client.get(page).content.decode()
    client.post(decide, {"act": "submit", "version": subject.row.version})

    assert [state for state, _amount in rounds_of(subject)] == ["withdrawn", "open"]


def test_who_is_asked_rejects_all_of_it_on_its_page(client: Client) -> None:
    subject = Import().asked()
    client.force_login(subject.first)
    url = reverse("ledgers:journal_import_decide", args=(subject.ledger.code, subject.row.pk))

    client.post(url, {"act": "reject", "version": subject.row.version})
    assert subject.state() == ("open", EntryState.SUBMITTED)
    client.post(url, {"act": "reject", "version": subject.row.version, "reason": "Which file?"})

    assert subject.state() == ("rejected", EntryState.DRAFT)
    assert {entry.review_note for entry in subject.entries()} == {"Which file?"}
