"""What a proposed policy would have made of last month's entries, beside what was in force.

Everything is added up by PostgreSQL, in four statements whatever the number of entries, and
each stops after `LONGEST_SECONDS`.

    limits       entries that a role could approve before and no more, or only now
    people       entries whose own checker could not have approved them
    taxes        invoices to customers and from suppliers, split anew
    conversions  lines in another currency, converted anew
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from apps.ledgers.errors import PreviewTakesTooLong
from apps.ledgers.services.policy_preview_sql import CONVERSIONS, LIMITS, PEOPLE, TAXES
from apps.organizations.models import User
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from apps.policies.domain.facts import PolicyContent

LONGEST_SECONDS = 15
MOST_PEOPLE = 20


@dataclass(frozen=True, slots=True)
class LimitChange:
    """Entries that a role's new limit moves, in one base currency."""

    role: Role
    currency: str
    lost: int
    lost_amount: Decimal
    won: int
    won_amount: Decimal


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What one person approved last month and could not have under the proposal."""

    person: User
    currency: str
    entries: int
    amount: Decimal
    largest: Decimal


@dataclass(frozen=True, slots=True)
class TaxChange:
    """The tax in last month's invoices of one currency, before and after."""

    currency: str
    invoices: int
    gross: Decimal
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """Return how much more tax there would be."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ConversionChange:
    """Lines of one currency whose base amount another rounding would change."""

    currency: str
    base_currency: str
    lines: int
    changed: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """A month under two policies; the rows say only what differs."""

    first: date
    last: date
    entries: int
    limits: list[LimitChange]
    people: list[PersonChange]
    taxes: list[TaxChange]
    conversions: list[ConversionChange]
    later_days: int

    @property
    def is_the_same(self) -> bool:
        """Say whether nothing of the month would have been different."""
        tax_differs = any(row.difference for row in self.taxes)
        return not (self.limits or self.people or tax_differs or self._converts_otherwise)

    @property
    def _converts_otherwise(self) -> bool:
        return any(row.changed for row in self.conversions) or self.later_days != 0


def preview_policy(
    before: PolicyContent, after: PolicyContent, *, organization_id: int, today: date
) -> Preview:
    """Work last month's submitted and posted entries out under two policies.

    Raises:
        PreviewTakesTooLong: there are more than the database adds up in time.
    """
    last = today.replace(day=1) - timedelta(days=1)
    values = _values(before, after) | {
        "organization": organization_id,
        "first": last.replace(day=1),
        "last": last,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'")
            return _preview(cursor, values)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise PreviewTakesTooLong from error
        raise


def _preview(cursor: Any, values: dict[str, Any]) -> Preview:
    def rows(sql: str) -> list[Any]:
        cursor.execute(sql, values)
        return list(cursor.fetchall())

    limits = rows(LIMITS)
    return Preview(
        first=values["first"],
        last=values["last"],
        entries=max((row[-1] for row in limits), default=0),
        limits=[LimitChange(Role(row[0]), *row[1:-1]) for row in limits if row[2] or row[4]],
        people=_people(rows(PEOPLE)),
        taxes=[TaxChange(*row) for row in rows(TAXES)],
        conversions=[ConversionChange(*row) for row in rows(CONVERSIONS)],
        later_days=values["later_days"],
    )


def _people(rows: list[Any]) -> list[PersonChange]:
    people = User.objects.in_bulk([pk for pk, *_ in rows])
    return [PersonChange(people[pk], *rest) for pk, *rest in rows]


def _values(before: PolicyContent, after: PolicyContent) -> dict[str, Any]:
    roles = list(after.approval_limits)
    return {
        "roles": [str(role) for role in roles],
        "old_limits": [before.approval_limits.get(role) for role in roles],
        "new_limits": [after.approval_limits.get(role) for role in roles],
        "old_rate": before.default_tax_rate,
        "new_rate": after.default_tax_rate,
        "old_mode": before.rounding_mode,
        "new_mode": after.rounding_mode,
        "most_people": MOST_PEOPLE,
        "later_days": after.default_payment_term - before.default_payment_term,
    }
