"""Operations of a person, or of the system where no person stands behind a call."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.core.operation import operation

if TYPE_CHECKING:
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class _System:
    """What the operation log is told where nobody asked in person."""

    organization_id: int
    pk: None = None

    def get_username(self) -> str:
        """Return no name."""
        return ""


def recorded(
    kind: str, *, actor: User | None, organization_id: int
) -> AbstractContextManager[None]:
    """Run a block as an operation of the actor, or of the system for an organization."""
    return operation(kind, actor=actor or _System(organization_id))
