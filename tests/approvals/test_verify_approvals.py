"""`verify_books` finds approvals that were made or changed past the guards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.deciding import decide, return_request
from apps.approvals.services.delegations import delegate
from apps.approvals.services.escalating import escalate_due
from apps.approvals.services.requests import void_round, withdraw_request
from apps.approvals.services.talk import attach
from apps.approvals.services.verification import register_checks
from apps.approvals.words import SkipRule, StepRule
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import unapprove_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.verification import CHECKS, verify_inside_a_transaction
from apps.organizations.models import User
from tests.approvals.rounds import (
    APPROVE,
    KIND,
    REJECT,
    approve,
    ask,
    ask_approvers,
    ask_for,
    make_entry,
    make_flow,
    make_round,
    task_of,
)
from tests.factories import make_approver, make_ledger, make_senior
from tests.ledgers.test_verify_books import broken_by
from tests.ledgers.uploads import make_upload

if TYPE_CHECKING:
    from pathlib import Path

    from django.conf import LazySettings

pytestmark = pytest.mark.django_db
ENOUGH = "rounds were approved by as many people as every step takes"
LAST = "what counts was approved by its last round"
MAKERS = "makers decided nothing"
WAYS = "decisions lead from who was asked to who decided"
LIMITS = "approvals are within the limits of their time"
ROLES = "whoever approved held a role that may"
LOGGED = "decisions have their row in the operation log, of their day"
ENDED = "rounds ended as somebody decided"
MISSING = "nothing of a round is missing that the operation log holds"
GUARDS = "guards of approvals are present and enabled"
HISTORY = "history of flows, rounds and delegations ends with the live row"
FILES = "files of rounds are those of their digests"


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def request_() -> ApprovalRequest:
    """Return a round in two steps: approved by a stand-in, then by somebody asked."""
    ledger = make_ledger()
    asked, stand_in, last = (make_approver(ledger) for _ in range(3))
    today = timezone.localdate()
    request = make_round(ask(asked), ask(last, 2), ledger=ledger)
    delegate(stand_in, (today, today), actor=asked)
    decide(task_of(request, asked), APPROVE, actor=stand_in)
    return approve(request, last)


def findings() -> set[str]:
    """Return the names of the checks that find something."""
    return {one.name for one in verify_inside_a_transaction() if one.count}


def unapprove(request: ApprovalRequest, person: User) -> None:
    """Take the approval of the entry back."""
    entry = JournalEntry.objects.get(pk=request.subject_id)
    unapprove_journal_entry(entry, version=entry.version, actor=person, reason="Too fast")


def test_rounds_of_every_end_hold() -> None:
    ledger = make_ledger()
    person, boss = make_approver(ledger), make_senior(ledger)
    step = ask(person, escalate_after=1, escalate_to=boss)
    make_flow(ledger.organization, step, ask(person, 2, skip=SkipRule.SAME_PERSON))
    rounds = [ask_for(make_entry(ledger)) for _ in range(7)]
    for request in rounds[:2]:
        approve(request, person)
    unapprove(rounds[1], person)
    decide(task_of(rounds[2], person), REJECT, actor=person, reason="No")
    return_request(task_of(rounds[3], person), "Mend it", actor=person)
    withdraw_request(rounds[4], actor=rounds[4].maker)
    void_round(KIND, rounds[5].subject_id, actor=rounds[5].maker)
    escalate_due(timezone.now() + timedelta(hours=2))
    entry = JournalEntry.objects.get(pk=rounds[0].subject_id)
    post_journal_entry(entry, version=entry.version, actor=boss)

    assert findings() == set()


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("DELETE FROM approvals_approvaldecision WHERE kind = 'approve'", ENOUGH),
        ("DELETE FROM approvals_approvaldecision WHERE kind = 'approve'", MISSING),
        ("DELETE FROM approvals_approvaldecision WHERE task_id = {first}", ENOUGH),
        ("DELETE FROM approvals_approvaltask WHERE id = {first}", ENOUGH),
        ("UPDATE approvals_flowstep SET rule = 'n_of_m', needed = 2", ENOUGH),
        ("UPDATE approvals_approvalrequest SET state = 'void'", LAST),
        ("UPDATE approvals_approvalrequest SET state = 'void'", ENDED),
        ("UPDATE approvals_approvalrequest SET state = 'undone'", HISTORY),
        ("UPDATE approvals_approvalrequest SET content_hash = 'x'", LAST),
        ("UPDATE ledgers_journalentry SET checker_id = {asked}", LAST),
        ("UPDATE approvals_approvalrequest SET maker_id = {last}", MAKERS),
        ("UPDATE approvals_approvaldecision SET actor_id = {maker}", MAKERS),
        (
            "UPDATE approvals_approvaldecision SET way[1] = {maker} WHERE task_id = {first}",
            MAKERS,
        ),
        ("UPDATE approvals_approvaltask SET person_id = {maker}", MAKERS),
        ("UPDATE approvals_approvaldecision SET way = '{{}}'", WAYS),
        ("UPDATE approvals_approvaldecision SET way = array[{last}, {last}]", WAYS),
        (
            "UPDATE approvals_delegation SET starts_on = '2020-01-01', ends_on = '2020-01-02'",
            WAYS,
        ),
        ('UPDATE approvals_delegation SET "limit" = 99.99', WAYS),
        ("UPDATE approvals_delegation SET revoked_at = now() - interval '1 day'", WAYS),
        ("DELETE FROM approvals_delegation", WAYS),
        ('UPDATE approvals_approvaldecision SET "limit" = 99.99', LIMITS),
        ("UPDATE approvals_approvalrequest SET amount = 1e9, amount_beside = 1", HISTORY),
        ("UPDATE organizations_roleassignment SET role = 'treasury'", ROLES),
        ("UPDATE organizations_roleassignment SET revoked_at = '2020-01-01'", ROLES),
        ("UPDATE approvals_approvaldecision SET decided_on = decided_on - 3", LOGGED),
        ("DELETE FROM audit_operationlog", LOGGED),
        ("ALTER TABLE approvals_approvaldecision DISABLE TRIGGER decision_guard", GUARDS),
        ("ALTER TABLE ledgers_journalentry DISABLE TRIGGER entry_approved_by_round", GUARDS),
        ("DROP TRIGGER round_decides ON fx_exchangerate", GUARDS),
    ],
)
def test_it_finds(request_: ApprovalRequest, sql: str, check: str) -> None:
    first, last = request_.tasks.order_by("step__number")
    keys = {"first": first.pk, "asked": first.person_id, "last": last.person_id}
    keys["maker"] = request_.maker_id

    assert check in broken_by(sql.format(**keys))


def test_it_finds_one_person_who_counted_twice() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    request = make_round(ask_approvers(rule=StepRule.ALL), ledger=ledger)
    for person in (one, two):
        approve(request, person)

    same = "UPDATE approvals_approvaldecision SET actor_id = %(one)s WHERE kind = 'approve'"

    assert ENOUGH in broken_by(same, one=one.pk)


def test_it_finds_a_step_that_was_never_asked() -> None:
    ledger = make_ledger()
    one, two = make_approver(ledger), make_approver(ledger)
    approve(make_round(ask(one), ask(two, 2, above=100), ledger=ledger), one)
    assert findings() == set()

    assert ENOUGH in broken_by("UPDATE approvals_flowstep SET above = 99 WHERE above = 100")


def test_it_finds_a_changed_file() -> None:
    ledger = make_ledger()
    make_approver(ledger)
    request = make_round(ledger=ledger)
    file = attach(request, make_upload("a.txt", b"original"), actor=request.maker)
    with file.file.storage.open(file.file.name or "", "wb") as stored:
        stored.write(b"changed")

    assert findings() == {FILES}


def test_a_ledger_is_looked_at_by_itself(request_: ApprovalRequest) -> None:
    ledger = JournalEntry.objects.get(pk=request_.subject_id).ledger
    broken_by('UPDATE approvals_approvaldecision SET "limit" = 1')

    def found(ledger_id: int) -> set[str]:
        return {one.name for one in verify_inside_a_transaction(ledger_id) if one.count}

    assert (found(ledger.pk), found(make_ledger().pk)) == ({LIMITS}, set())


def test_the_checks_are_registered_once() -> None:
    register_checks()
    names: list[Any] = [check.name for check in CHECKS]

    assert len(names) == len(set(names))
    assert ENOUGH in names
