"""Subjects of approval that are no entries, one of each kind, for tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Any, Self

from apps.approvals.models import ApprovalRequest
from apps.fx.services.rates import NewRate, confirm_rate, enter_rate, reject_rate
from apps.ledgers.models import PeriodState, SettlementProposal
from apps.ledgers.services.closing.reopen import (
    approve_reopening,
    reject_reopening,
    request_reopening,
    withdraw_reopening,
)
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.settlement import Choice
from apps.ledgers.services.settlement_decisions import (
    approve_settlement,
    reject_settlement,
    withdraw_settlement,
)
from apps.ledgers.services.settlement_proposals import submit_settlement
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.structure import change_settlement_limit
from apps.policies.domain.facts import PolicyContent
from apps.policies.services.decisions import confirm_policy, reject_policy
from apps.policies.services.proposals import propose_policy
from tests.approvals.rounds import ask, make_flow
from tests.closing_books import make_closing_books
from tests.factories import (
    DAY,
    make_organization,
    make_user,
)
from tests.open_items import ItemBooks
from tests.sql import refuse, run


class Subject(ABC):
    """Something that two people are asked for, one after the other, once it is submitted."""

    kind = ""
    done = ""
    # What it is after a No.
    refused = "rejected"
    decider = Role.APPROVER
    organization: Organization
    maker: User
    row: Any

    def asked(self) -> Self:
        """Submit it where a flow asks two people."""
        self.first = make_user(self.organization, self.decider)
        self.second = make_user(self.organization, self.decider)
        make_flow(self.organization, ask(self.first, 1), ask(self.second, 2), kind=self.kind)
        self.row = self.submit()
        return self

    @abstractmethod
    def submit(self) -> Any:
        """Return the new row."""

    @abstractmethod
    def approve(self, person: User) -> object:
        """Approve in the name of the person."""

    def state(self) -> tuple[str, str]:
        """Return the state of the round, and of the subject."""
        return self.round().state, self.subject_state()

    def subject_state(self) -> str:
        """Return the state of the subject alone."""
        self.row.refresh_from_db()
        return str(self.row.state)

    def go_around(self) -> None:
        """Have PostgreSQL refuse that it is carried out without its round."""
        state = "approved" if self.done == "done" else self.done
        update = f"UPDATE {self.row._meta.db_table} SET state = %(state)s WHERE id = %(id)s"
        refuse("FM058", update, state=state, id=self.row.pk)

    def round(self) -> ApprovalRequest:
        """Return the round."""
        return ApprovalRequest.objects.get(subject_kind=self.kind, subject_id=self.row.pk)


class Reopening(Subject):
    """A request to reopen a period."""

    kind, done = "period_reopen", "done"

    def __init__(self) -> None:
        """Close a period."""
        self.books = make_closing_books()
        self.organization = self.books.ledger.organization
        self.maker = self.books.senior
        self.period = self.books.close(1)

    def submit(self) -> Any:
        """Ask for it."""
        return request_reopening(self.period, actor=self.maker, reason="late bill")

    def approve(self, person: User) -> object:
        """Approve."""
        return approve_reopening(self.row, actor=person)

    def reject(self, person: User) -> object:
        """Reject."""
        return reject_reopening(self.row, actor=person, note="too late")

    def withdraw(self) -> object:
        """Withdraw."""
        return withdraw_reopening(self.row, actor=self.maker)

    def change(self) -> None:
        """Lock the period."""
        self.period.refresh_from_db()
        change_period(
            self.period,
            PeriodState.LOCKED,
            version=self.period.version,
            actor=self.books.approver,
            reason="audited",
        )


class Policy(Subject):
    """A policy that is proposed."""

    kind, done = "policy_change", "confirmed"

    def __init__(self) -> None:
        """Set an organization up."""
        self.organization = make_organization()
        self.maker = make_user(self.organization, Role.SENIOR_ACCOUNTANT)

    def submit(self) -> Any:
        """Propose it."""
        content = PolicyContent(default_tax_rate=Decimal("0.09"))
        return propose_policy(content, effective_from=DAY, reason="law", actor=self.maker)

    def approve(self, person: User) -> object:
        """Approve."""
        return confirm_policy(self.row, version=self.row.version, actor=person, reason="fine")

    def reject(self, person: User) -> object:
        """Reject."""
        return reject_policy(self.row, version=self.row.version, actor=person, reason="no")

    def withdraw(self) -> object:
        """Withdraw."""
        return self.reject(self.maker)

    def change(self) -> None:
        """Change it past its guard."""
        past_guards("UPDATE policies_financepolicy SET tax_rate = 0.01", self.row)


class Rate(Subject):
    """A rate that somebody entered."""

    kind, done, decider = "manual_rate", "confirmed", Role.SENIOR_ACCOUNTANT

    def __init__(self) -> None:
        """Set an organization up."""
        self.organization = make_organization()
        self.maker = make_user(self.organization, Role.TREASURY)

    def submit(self) -> Any:
        """Enter it."""
        return enter_rate(NewRate("spot", "USD", "CNY", Decimal("7.1"), DAY), actor=self.maker)

    def approve(self, person: User) -> object:
        """Approve."""
        return confirm_rate(self.row, version=self.row.version, actor=person)

    def reject(self, person: User) -> object:
        """Reject."""
        return reject_rate(self.row, version=self.row.version, actor=person, reason="typo")

    def change(self) -> None:
        """Change it past its guard."""
        past_guards("UPDATE fx_exchangerate SET rate = 8", self.row)


class Settlement(Subject):
    """A settlement above the limit."""

    kind, done = "settlement", "settled"

    def __init__(self) -> None:
        """Set books with a limit of CNY 500 up."""
        self.books = ItemBooks()
        self.organization, self.maker = self.books.ledger.organization, self.books.accountant
        admin = make_user(self.organization, Role.ADMIN)
        change_settlement_limit(
            self.organization,
            limit=Decimal(500),
            version=self.organization.version,
            actor=admin,
        )
        self.items = self.books.invoice("600"), self.books.receipt("600")

    def submit(self) -> Any:
        """Propose it."""
        choices = {item.pk: Choice(Decimal(600), item.version) for item in self.items}
        made = submit_settlement(self.books.ledger, choices, settled_on=DAY, actor=self.maker)
        assert isinstance(made, SettlementProposal)
        return made

    def approve(self, person: User) -> object:
        """Approve."""
        return approve_settlement(self.row, version=self.row.version, actor=person)

    def reject(self, person: User) -> object:
        """Reject."""
        return reject_settlement(self.row, version=self.row.version, actor=person, reason="no")

    def withdraw(self) -> object:
        """Withdraw."""
        return withdraw_settlement(self.row, version=self.row.version, actor=self.maker)

    def change(self) -> None:
        """Settle a part of it elsewhere."""
        self.books.settle((self.items[0], "1"), (self.books.receipt("1"), "1"))


def past_guards(statement: str, row: Any) -> None:
    run("SET LOCAL session_replication_role = replica")
    run(f"{statement} WHERE id = %(id)s", id=row.pk)
    run("SET LOCAL session_replication_role = DEFAULT")
