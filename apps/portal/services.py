"""Writes of the portal: how a person wants pages to look."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from apps.core.operation import operation

if TYPE_CHECKING:
    from apps.organizations.models import User


@dataclass(frozen=True)
class Preferences:
    """What somebody chose just now; None leaves a choice as it is."""

    theme: str | None = None
    language: str | None = None
    has_single_key_shortcuts: bool | None = None


def save_preferences(user: User, preferences: Preferences) -> None:
    """Keep the choices of a person for the next browser, with history."""
    changes = {name: value for name, value in asdict(preferences).items() if value is not None}
    if not changes:
        return
    for name, value in changes.items():
        setattr(user, name, value)
    with operation("user.preferences", actor=user):
        user.save(update_fields=list(changes))
