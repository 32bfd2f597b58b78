"""What the engine knows of a subject, and how it carries a verdict out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.approvals.services.counterparties import Counterparty
from apps.approvals.services.flows import Scope
from apps.ledgers.models import Ledger
from apps.ledgers.services.history import Change
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

Verdict = Callable[[int, "User", str], object]
NOT_AT_ALL = Decimal(-1)


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """A subject as it is now, locked; `amount` is in `currency_id`."""

    id: int
    organization_id: int
    # None for what concerns no single ledger.
    ledger: Ledger | None
    currency_id: str
    maker: User
    policy_id: int | None
    amount: Decimal
    content_hash: str

    def scope(self) -> Scope:
        """Return what its flow is chosen by."""
        return Scope(self.organization_id, self.ledger, self.maker.department)


@dataclass(frozen=True, slots=True)
class SubjectService:
    """How a kind of subject is read, and what becomes of it."""

    lock: Callable[[int], object]
    read: Callable[[int], SubjectFacts]
    # Who has it may approve such subjects, as far as `authority` reaches.
    permission: Permission
    # Up to which amount a person may approve: None without limit, Decimal(-1) not at all.
    authority: Callable[[SubjectFacts, User], Decimal | None]
    # Each takes the subject, the actor and the reason.
    approve: Verdict
    reject: Verdict
    withdraw: Verdict
    # What of the content changed since a moment; None where nobody can tell.
    changes: Callable[[int, datetime], list[Change]] | None = None
    # Back to the maker without a No; where a kind knows no difference: as `reject`.
    give_back: Verdict | None = None
    # With whom the business is done; None where it is with nobody.
    counterparties: Callable[[int], list[Counterparty]] | None = None
    # Who answers for what it is booked on, by the key of a dimension or None for all of them;
    # None where nothing is booked.
    owners: Callable[[int, int | None], list[int]] | None = None


def is_within(amount: Decimal, limit: Decimal | None) -> bool:
    """Say whether a limit covers an amount of either sign."""
    return limit is None or amount.copy_abs() <= limit
