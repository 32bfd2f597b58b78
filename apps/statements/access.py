"""Who sees statements: whoever may, of the own organization; 404 for what is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.organizations.access import tenant_of
from apps.statements.models import (
    Channel,
    FormatMapping,
    StatedBalance,
    StatementFile,
    StatementLine,
    StatementPartner,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.organizations.models import User


def channels_for(user: User) -> QuerySet[Channel]:
    """Return the channels of the user's organization with what their pages show."""
    rows = Channel.objects.filter(organization=tenant_of(user))
    return rows.select_related("partner", "ledger", "account", "currency", "mapping")


def get_channel_for(user: User, code: str) -> Channel:
    """Return a channel of the user's organization."""
    return get_object_or_404(channels_for(user), code=code)


def partners_for(user: User) -> QuerySet[StatementPartner]:
    """Return the partners of the user's organization."""
    return StatementPartner.objects.filter(organization=tenant_of(user))


def get_partner_for(user: User, code: str) -> StatementPartner:
    """Return a partner of the user's organization."""
    return get_object_or_404(partners_for(user), code=code)


def mappings_for(user: User) -> QuerySet[FormatMapping]:
    """Return the mappings of the user's organization."""
    return FormatMapping.objects.filter(organization=tenant_of(user))


def get_mapping_for(user: User, pk: int) -> FormatMapping:
    """Return a mapping of the user's organization."""
    return get_object_or_404(mappings_for(user), pk=pk)


def statements_for(user: User) -> QuerySet[StatementFile]:
    """Return the statements of the user's organization."""
    rows = StatementFile.objects.filter(channel__organization=tenant_of(user))
    return rows.select_related("channel", "created_by", "imported_by")


def get_statement_for(user: User, channel: str, pk: int) -> StatementFile:
    """Return a statement of one of the user's channels."""
    return get_object_or_404(statements_for(user), channel__code=channel, pk=pk)


def get_stated_balance_for(user: User, channel: str, pk: int) -> StatedBalance:
    """Return a stated balance of one of the user's channels."""
    rows = StatedBalance.objects.filter(channel__organization=tenant_of(user))
    rows = rows.select_related("channel", "stated_by")
    return get_object_or_404(rows, channel__code=channel, pk=pk)


def lines_for(user: User) -> QuerySet[StatementLine]:
    """Return the lines of imported statements of the user's organization."""
    return StatementLine.objects.filter(channel__organization=tenant_of(user))


def lines_of(statement: StatementFile) -> QuerySet[StatementLine]:
    """Return the lines that a statement added, which was fetched for its reader."""
    # By their days they are found in their order.
    days = (statement.from_on, statement.to_on)
    rows = StatementLine.objects.filter(channel=statement.channel_id, booked_on__range=days)
    return rows.filter(statement=statement)
