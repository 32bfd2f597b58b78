"""Entries obey the finance policy of their date, and remember which one it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.ledgers.domain.entries import CREDIT
from apps.ledgers.errors import AboveLimit
from apps.ledgers.models import Account, JournalEntry, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.drafts import submit_journal_entry
from apps.ledgers.services.posting import post_entries
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from apps.policies.words import ReversalStyle
from tests.factories import (
    DAY,
    make_account,
    make_draft,
    make_ledger,
    make_new_entry,
    make_organization,
    make_posted,
    make_senior,
    make_submitted,
    make_system_user,
    make_user,
)
from tests.policies.policy_rows import make_policy, make_proposal
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
FOREIGN, FIXED = "FM006", "FM002"


def lines_over(ledger: Ledger, amount: str) -> tuple[tuple[Account, str], tuple[Account, str]]:
    return (make_account(ledger), amount), (make_account(ledger), f"-{amount}")


def findings() -> set[str]:
    return {outcome.name for outcome in verify_inside_a_transaction() if outcome.count}


def test_a_draft_follows_the_policy_and_a_submitted_entry_keeps_its_own() -> None:
    ledger = make_ledger()
    draft = make_draft(ledger, *lines_over(ledger, "5.00"))
    waiting = make_submitted(ledger, *lines_over(ledger, "5.00"))
    policy = make_policy(ledger.organization)

    submit_journal_entry(draft, version=draft.version, actor=draft.maker)

    waiting.refresh_from_db()
    assert (draft.policy, waiting.policy) == (policy, None)


def test_an_entry_of_a_day_before_the_policy_remembers_none() -> None:
    ledger = make_ledger()
    make_policy(ledger.organization, effective_from=date(2026, 1, 16))

    assert make_submitted(ledger, *lines_over(ledger, "5.00"), day=DAY).policy is None


def test_an_entry_of_a_system_remembers_the_policy_of_its_date() -> None:
    ledger = make_ledger()
    policy = make_policy(ledger.organization)
    entry = make_new_entry(ledger, *lines_over(ledger, "5.00"))

    post_entries([entry], actor=make_senior(ledger), base_currency="CNY")

    assert JournalEntry.objects.get().policy == policy
    assert findings() == set()


@pytest.mark.parametrize(("amount", "is_allowed"), [("800.00", True), ("800.01", False)])
def test_the_limit_of_the_policy_counts(amount: str, *, is_allowed: bool) -> None:
    ledger = make_ledger()
    make_policy(ledger.organization, senior_accountant_limit=Decimal(800))
    entry = make_submitted(ledger, *lines_over(ledger, amount))

    if is_allowed:
        approve_journal_entry(entry, version=entry.version, actor=make_senior(ledger))
    else:
        with pytest.raises(AboveLimit, match="800"):
            approve_journal_entry(entry, version=entry.version, actor=make_senior(ledger))


def test_a_limit_of_the_person_beats_the_policy() -> None:
    ledger = make_ledger()
    make_policy(ledger.organization, approver_limit=Decimal(10))
    person = make_user(ledger.organization)
    grant_role(person, Role.APPROVER, actor=make_system_user(), approval_limit=Decimal(500))
    entry = make_submitted(ledger, *lines_over(ledger, "400.00"))

    approve_journal_entry(entry, version=entry.version, actor=person)

    assert entry.checker == person


def test_a_policy_confirmed_while_an_entry_waits_changes_nothing_for_it() -> None:
    ledger = make_ledger()
    entry = make_submitted(ledger, *lines_over(ledger, "400.00"))
    make_policy(ledger.organization, senior_accountant_limit=Decimal(1))

    approve_journal_entry(entry, version=entry.version, actor=make_senior(ledger))

    assert entry.checker is not None


@pytest.mark.parametrize(("own", "side"), [("", CREDIT), (ReversalStyle.RED, -CREDIT)])
def test_the_policy_says_how_to_reverse_where_the_ledger_does_not(own: str, side: int) -> None:
    ledger = make_ledger(reversal_style=own)
    make_policy(ledger.organization, reversal_style=ReversalStyle.SWAP)
    wrong = make_posted(ledger, *lines_over(ledger, "5.00"))

    reversal = reverse_journal_entry(wrong, actor=make_senior(ledger), reason="wrong")

    assert reversal.lines.get(position=1).side == side


def test_postgresql_keeps_a_policy_of_another_organization_out() -> None:
    ledger = make_ledger()
    draft = make_draft(ledger, *lines_over(ledger, "5.00"))
    foreign, proposed = make_policy(make_organization()), make_proposal(ledger.organization)

    for policy in (foreign, proposed):
        sql = "UPDATE ledgers_journalentry SET policy_id = %(policy)s WHERE id = %(id)s"
        refuse(FOREIGN, sql, policy=policy.pk, id=draft.pk)


def test_postgresql_keeps_the_policy_of_a_submitted_entry() -> None:
    ledger = make_ledger()
    entry = make_submitted(ledger, *lines_over(ledger, "5.00"))
    policy = make_policy(ledger.organization)

    sql = "UPDATE ledgers_journalentry SET policy_id = %(policy)s WHERE id = %(id)s"
    refuse(FIXED, sql, policy=policy.pk, id=entry.pk)


def broken_by(sql: str, **values: object) -> set[str]:
    """Run SQL past the guards; return the checks of verify_books that find it."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run(sql, **values)
    run("SET LOCAL session_replication_role = origin")
    return findings()


def test_verify_books_finds_an_entry_with_the_policy_of_another_day() -> None:
    ledger = make_ledger()
    policy = make_policy(ledger.organization, effective_from=date(2026, 2, 1))
    entry = make_posted(ledger, *lines_over(ledger, "5.00"), day=DAY)
    assert findings() == set()

    sql = "UPDATE ledgers_journalentry SET policy_id = %(policy)s WHERE id = %(id)s"
    found = broken_by(sql, policy=policy.pk, id=entry.pk)

    assert found == {"entries remember the policy of their date"}


def test_verify_books_finds_an_entry_that_forgot_its_policy() -> None:
    ledger = make_ledger()
    make_policy(ledger.organization)
    make_posted(ledger, *lines_over(ledger, "5.00"))

    sql = """UPDATE ledgers_journalentry
        SET policy_id = NULL, submitted_at = submitted_at + interval '2 minutes'"""

    assert broken_by(sql) == {"entries remember the policy of their date"}


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        (
            "effective_to = '2026-06-30'",
            "policy versions do not overlap and leave no gap",
        ),
        ("tax_rate = 0.06", "history ends with the live row"),
    ],
)
def test_verify_books_finds_a_changed_policy(sql: str, check: str) -> None:
    make_policy(make_organization())

    assert check in broken_by(f"UPDATE policies_financepolicy SET {sql}")
