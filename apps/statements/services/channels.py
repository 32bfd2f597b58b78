"""Open and change channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.statements.database_errors import refusals_in_words, unique_codes
from apps.statements.domain.mapping import TableMapping
from apps.statements.models import Channel, FormatMapping, StatementPartner

if TYPE_CHECKING:
    from apps.organizations.models import User


def create_channel(*, actor: User, **values: Any) -> Channel:
    """Open a channel of the actor's organization; `values` are its columns.

    Raises:
        Forbidden: the actor's roles do not allow it.
        ForeignChannel: ledger, account, currency, partner and mapping do not belong together.
        CodeIsTaken: there is one with this code.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    _clean(values)
    with operation("channel.create", actor=actor), refusals_in_words(), unique_codes():
        return Channel.create_versioned(
            actor=actor, organization_id=actor.organization_id, **values
        )


def change_channel(
    channel: Channel, *, version: int, actor: User, reason: str = "", **changes: Any
) -> Channel:
    """Change what may change of a channel, at the version that the actor saw.

    Raises:
        Forbidden, ForeignChannel: as for `create_channel`.
        StatementIsFixed: its books would change although statements count.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    _clean(changes)
    with operation("channel.change", actor=actor, reason=reason), refusals_in_words():
        return channel.update_versioned(
            actor=actor, reason=reason, expected_version=version, **changes
        )


def create_partner(*, code: str, name: str, name_zh: str, actor: User) -> StatementPartner:
    """Add a partner of the actor's organization.

    Raises:
        Forbidden: the actor's roles do not allow it.
        CodeIsTaken: there is one with this code.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    with operation("statement_partner.create", actor=actor), unique_codes():
        return StatementPartner.create_versioned(
            actor=actor,
            organization_id=actor.organization_id,
            code=code,
            name=clean_text(name, field="name"),
            name_zh=clean_text(name_zh, field="name_zh"),
        )


def change_partner(
    partner: StatementPartner,
    *,
    name: str,
    name_zh: str,
    is_active: bool,
    version: int,
    actor: User,
) -> StatementPartner:
    """Change a partner at the version that the actor saw; its code stays.

    Raises:
        Forbidden: the actor's roles do not allow it.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    with operation("statement_partner.change", actor=actor):
        return partner.update_versioned(
            actor=actor,
            reason="",
            expected_version=version,
            name=clean_text(name, field="name"),
            name_zh=clean_text(name_zh, field="name_zh"),
            is_active=is_active,
        )


def save_mapping(
    mapping: FormatMapping | None,
    *,
    name: str,
    rules: TableMapping,
    actor: User,
    version: int = 0,
) -> FormatMapping:
    """Add a mapping, or change one at the version that the actor saw.

    Raises:
        Forbidden: the actor's roles do not allow it.
        CodeIsTaken: there is another one of this name.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.CHANNEL_MANAGE)
    values: dict[str, Any] = {"name": clean_text(name, field="name"), "rules": rules.to_json()}
    with operation("statement_mapping.save", actor=actor), unique_codes():
        if mapping is None:
            return FormatMapping.create_versioned(
                actor=actor, organization_id=actor.organization_id, **values
            )
        return mapping.update_versioned(
            actor=actor, reason="", expected_version=version, **values
        )


def _clean(values: dict[str, Any]) -> None:
    for name in {"name", "name_zh", "external_account"} & values.keys():
        values[name] = clean_text(values[name], field=name)
