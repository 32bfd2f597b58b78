"""Settlements above the limit of the organization wait for another person."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from apps.core.errors import Forbidden, StaleVersion
from apps.ledgers.errors import AboveLimit, ReasonIsMissing
from apps.ledgers.item_errors import (
    ItemWasSettled,
    OwnSettlement,
    SettlementIsDecided,
    SettlementNeedsApproval,
)
from apps.ledgers.models import OpenItem, Settlement, SettlementProposal
from apps.ledgers.services.settlement import Choice
from apps.ledgers.services.settlement_decisions import (
    approve_settlement,
    reject_settlement,
    withdraw_settlement,
)
from apps.ledgers.services.settlement_proposals import content_of_proposal, submit_settlement
from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from apps.organizations.services.people import change_approval_limit
from apps.organizations.services.structure import change_settlement_limit
from tests.factories import DAY, make_accountant, make_senior, make_user
from tests.open_items import ItemBooks, left_of

pytestmark = pytest.mark.django_db


def set_limit(organization: Organization, limit: str | None) -> None:
    """Let settlements above the limit wait."""
    organization.refresh_from_db()
    change_settlement_limit(
        organization,
        limit=None if limit is None else Decimal(limit),
        version=organization.version,
        actor=make_user(organization, Role.ADMIN),
    )


def submit(
    books: ItemBooks, *parts: tuple[OpenItem, str], form_key: str | None = None
) -> Settlement | SettlementProposal:
    """Settle or propose in the name of the accountant."""
    choices = {item.pk: Choice(Decimal(amount), item.version) for item, amount in parts}
    return submit_settlement(
        books.ledger, choices, settled_on=DAY, actor=books.accountant, form_key=form_key
    )


@pytest.fixture
def books() -> ItemBooks:
    """Return a ledger whose settlements above CNY 500 wait."""
    books = ItemBooks()
    set_limit(books.ledger.organization, "500")
    return books


def propose(books: ItemBooks, amount: str = "600") -> SettlementProposal:
    """Return a proposal to settle an invoice with its receipt."""
    made = submit(books, (books.invoice(amount), amount), (books.receipt(amount), amount))
    assert isinstance(made, SettlementProposal)
    return made


def test_one_at_the_limit_settles_at_once_and_one_above_it_waits(books: ItemBooks) -> None:
    invoice = books.invoice("501")

    at_limit = submit(books, (books.invoice("500"), "500"), (books.receipt("500"), "500"))
    above = submit(books, (invoice, "501"), (books.receipt("501"), "501"))

    assert isinstance(at_limit, Settlement)
    assert isinstance(above, SettlementProposal)
    assert left_of(invoice) == (Decimal(501), Decimal(501))


def test_what_is_decided_on_changes_with_its_items(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("600"), books.receipt("600")
    proposal = submit(books, (invoice, "600"), (receipt, "600"))
    assert isinstance(proposal, SettlementProposal)
    before = content_of_proposal(proposal)

    books.settle((invoice, "1"), (books.receipt("1"), "1"))

    assert content_of_proposal(propose(books)) != before
    assert content_of_proposal(proposal) != before


def test_without_a_limit_none_waits(books: ItemBooks) -> None:
    set_limit(books.ledger.organization, None)

    made = submit(books, (books.invoice("600"), "600"), (books.receipt("600"), "600"))

    assert isinstance(made, Settlement)


def test_the_size_is_the_larger_side_in_base_currency(books: ItemBooks) -> None:
    invoice = books.invoice("70", "497", currency="USD")
    receipt = books.receipt("70", "503", currency="USD")

    made = submit(books, (invoice, "70"), (receipt, "70"))

    assert isinstance(made, SettlementProposal)
    assert (made.base_amount, made.gain) == (Decimal(503), Decimal(6))


def test_another_person_approves_and_it_settles_in_the_name_of_both(books: ItemBooks) -> None:
    invoice = books.invoice("100", "700", currency="USD")
    receipt = books.receipt("100", "710", currency="USD")
    proposal = submit(books, (invoice, "100"), (receipt, "100"))
    assert isinstance(proposal, SettlementProposal)

    approve_settlement(proposal, version=1, actor=books.approver)

    settlement = Settlement.objects.get()
    assert (proposal.state, proposal.settlement) == ("settled", settlement)
    assert (settlement.made_by, settlement.gain) == (books.accountant, Decimal(10))
    assert settlement.entry is not None
    assert settlement.entry.checker == books.approver
    assert left_of(invoice) == (Decimal(0), Decimal(0))


def test_the_proposer_never_approves_whatever_the_roles(books: ItemBooks) -> None:
    books.accountant = make_senior(books.ledger)
    proposal = propose(books)

    with pytest.raises(OwnSettlement):
        approve_settlement(proposal, version=1, actor=books.accountant)
    with pytest.raises(OwnSettlement):
        reject_settlement(proposal, version=1, actor=books.accountant, reason="No")

    assert not Settlement.objects.exists()


def test_an_approver_needs_the_role_and_a_limit_that_reaches(books: ItemBooks) -> None:
    proposal = propose(books)
    admin = make_user(books.ledger.organization, Role.ADMIN)
    assignment = books.approver.role_assignments.get()
    change_approval_limit(assignment, Decimal("599.99"), version=1, actor=admin)

    with pytest.raises(AboveLimit):
        approve_settlement(proposal, version=1, actor=books.approver)
    with pytest.raises(Forbidden):
        approve_settlement(proposal, version=1, actor=make_accountant(books.ledger))


def test_a_rejection_says_why_and_settles_nothing(books: ItemBooks) -> None:
    proposal = propose(books)

    with pytest.raises(ReasonIsMissing):
        reject_settlement(proposal, version=1, actor=books.approver, reason=" ")
    reject_settlement(proposal, version=1, actor=books.approver, reason="Wrong invoice")

    assert (proposal.state, proposal.note) == ("rejected", "Wrong invoice")
    with pytest.raises(SettlementIsDecided):
        approve_settlement(proposal, version=2, actor=books.approver)


def test_only_the_proposer_withdraws(books: ItemBooks) -> None:
    proposal = propose(books)

    with pytest.raises(Forbidden):
        withdraw_settlement(proposal, version=1, actor=books.approver)
    withdraw_settlement(proposal, version=1, actor=books.accountant)

    assert proposal.state == "withdrawn"


def test_an_older_version_decides_nothing(books: ItemBooks) -> None:
    proposal = propose(books)

    with pytest.raises(StaleVersion):
        approve_settlement(proposal, version=7, actor=books.approver)

    assert not Settlement.objects.exists()


def test_an_item_that_moved_meanwhile_keeps_it_from_being_settled(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("600"), books.receipt("600")
    proposal = submit(books, (invoice, "600"), (receipt, "600"))
    assert isinstance(proposal, SettlementProposal)
    books.settle((invoice, "1"), (books.receipt("1"), "1"))

    with pytest.raises(ItemWasSettled):
        approve_settlement(proposal, version=1, actor=books.approver)

    proposal.refresh_from_db()
    assert proposal.state == "waiting"


def test_the_same_form_proposes_once_and_leads_to_what_became_of_it(books: ItemBooks) -> None:
    invoice, receipt = books.invoice("600"), books.receipt("600")
    parts = (invoice, "600"), (receipt, "600")

    proposal = submit(books, *parts, form_key="a")
    again = submit(books, *parts, form_key="a")

    assert again == proposal
    assert SettlementProposal.objects.count() == 1


def test_no_service_settles_past_the_limit(books: ItemBooks) -> None:
    with pytest.raises(SettlementNeedsApproval, match=r"CNY 500\.00"):
        books.settle((books.invoice("600"), "600"), (books.receipt("600"), "600"))


def test_postgresql_refuses_one_above_the_limit_that_nobody_approved(books: ItemBooks) -> None:
    set_limit(books.ledger.organization, None)
    with transaction.atomic(), connection.cursor() as cursor:
        books.settle((books.invoice("600"), "600"), (books.receipt("600"), "600"))
        set_limit(books.ledger.organization, "599.99")
        with pytest.raises(DatabaseError, match="above the limit"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "change",
    [
        "amount = 1",
        "state = 'settled'",
        "state = 'rejected', decided_by_id = proposed_by_id, decided_at = now()",
        "parts = '[]'",
    ],
)
def test_postgresql_keeps_a_proposal_as_it_was_made(books: ItemBooks, change: str) -> None:
    proposal = propose(books)
    statement = f"UPDATE ledgers_settlementproposal SET {change} WHERE id = %s"

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [proposal.pk])

    proposal.refresh_from_db()
    assert (proposal.state, proposal.amount) == ("waiting", Decimal(600))


def test_the_limit_is_changed_by_administrators_of_the_own_organization(
    books: ItemBooks,
) -> None:
    organization = books.ledger.organization
    stranger = make_user(ItemBooks().ledger.organization, Role.ADMIN)

    for person in (stranger, books.approver):
        with pytest.raises(Forbidden):
            change_settlement_limit(
                organization, limit=None, version=organization.version, actor=person
            )

    assert organization.history.count() == 2
