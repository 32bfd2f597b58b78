"""Reversals, write-offs, transfer entries: rounds of their kind, a flow of their own or all."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.approvals.errors import FlowIsTheLast
from apps.approvals.models import ApprovalRequest
from apps.approvals.services.flows import retire_flow
from apps.approvals.services.shipping import ship_flows
from apps.approvals.words import ENTRY_KINDS, SubjectKind
from apps.ledgers.errors import RoundDecides
from apps.ledgers.models import JournalEntry, Ledger
from apps.ledgers.services.decisions import approve_journal_entry, mark_approved
from apps.ledgers.services.drafts import withdraw_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.organizations.permissions import Role
from tests.approvals.rounds import ask, make_entry, make_flow
from tests.factories import make_account, make_approver, make_ledger, make_posted, make_user

pytestmark = pytest.mark.django_db

SPECIAL = [
    (SubjectKind.WRITE_OFF, {"kind": "write_off"}),
    (SubjectKind.TRANSFER, {"word": "transfer"}),
]


def round_of(entry: JournalEntry) -> ApprovalRequest:
    return ApprovalRequest.objects.filter(subject_id=entry.pk).latest("pk")


def reversal_in(ledger: Ledger) -> JournalEntry:
    """Return a submitted reversal."""
    lines = (make_account(ledger), "100"), (make_account(ledger), "-100")
    posted = make_posted(ledger, *lines)
    maker = make_user(ledger.organization, Role.ACCOUNTANT)
    return reverse_journal_entry(posted, actor=maker, reason="Wrong account")


@pytest.mark.parametrize(("kind", "values"), SPECIAL)
def test_a_special_entry_takes_the_flow_of_all_entries(
    kind: str, values: dict[str, str]
) -> None:
    ledger = make_ledger()
    first, second = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(first, 1), ask(second, 2))
    entry = make_entry(ledger, **values)

    approve_journal_entry(entry, version=entry.version, actor=first)

    assert (round_of(entry).subject_kind, round_of(entry).flow.subject_kind) == (
        kind,
        SubjectKind.JOURNAL_ENTRY,
    )
    assert entry.state == "submitted"


@pytest.mark.parametrize(("kind", "values"), SPECIAL)
def test_a_flow_of_its_own_beats_that_of_all_entries(kind: str, values: dict[str, str]) -> None:
    ledger = make_ledger()
    of_all, of_kind = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(of_all))
    make_flow(ledger.organization, ask(of_kind), kind=kind)
    entry = make_entry(ledger, **values)

    approve_journal_entry(entry, version=entry.version, actor=of_kind)

    assert (entry.state, entry.checker) == ("approved", of_kind)
    assert round_of(make_entry(ledger)).flow.subject_kind == SubjectKind.JOURNAL_ENTRY


def test_a_reversal_is_approved_by_whom_its_flow_asks() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    reversal = reversal_in(ledger)
    assert not ApprovalRequest.objects.exists()
    withdraw_journal_entry(reversal, version=reversal.version, actor=reversal.maker)
    make_flow(ledger.organization, ask(person), kind=SubjectKind.REVERSAL)
    again = reversal_in(ledger)

    approve_journal_entry(again, version=again.version, actor=person)

    assert (again.state, round_of(again).subject_kind) == ("approved", "reversal")


def test_no_organization_begins_with_flows_that_an_easier_word_would_lead_to() -> None:
    ledger = make_ledger()

    shipped = ship_flows(ledger.organization, actor=make_approver(ledger))

    assert {flow.subject_kind for flow in shipped} & {*ENTRY_KINDS} == {"journal_entry"}


def test_a_flow_of_its_own_is_retired_when_that_of_all_entries_is_there() -> None:
    ledger = make_ledger()
    own = make_flow(ledger.organization, kind=SubjectKind.WRITE_OFF)
    admin = make_user(ledger.organization, Role.ADMIN)

    with pytest.raises(FlowIsTheLast):
        retire_flow(own, version=own.version, actor=admin)
    make_flow(ledger.organization)

    assert retire_flow(own, version=own.version, actor=admin).state == "retired"


def test_nobody_approves_around_an_open_round() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization, ask(make_approver(ledger)))
    entry = make_entry(ledger, word="transfer")

    with pytest.raises(RoundDecides):
        mark_approved(entry, version=entry.version, actor=make_approver(ledger))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledgers_journalentry SET state = 'approved'")

    entry.refresh_from_db()
    assert entry.state == "submitted"
