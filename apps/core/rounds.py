"""Rounds of approval, as the apps below the engine see them.

Whatever needs another person's yes tells its submission here, and asks here before it takes a
verdict by itself. `apps.approvals` lies above and provides the engine in `AppConfig.ready`. A
kind for which an organization has no flow gets no round: the app's own rule of one other
person counts.

    submit     begin(kind, key)             in the transaction of the submission
    approve    approve(kind, key) or ...    True: the round took it, and carries it out itself
    page       standing(kind, key)          who is asked now
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that is open, as the page of its subject tells of it."""

    url: str
    # The names of those who are asked now.
    waits_for: tuple[str, ...]
    # Whether the reader is one of them, or stands in for one.
    may_answer: bool


class Rounds(Protocol):
    """What an approval engine does for the subjects of other apps."""

    def begin(self, kind: str, subject_id: int, *, actor: User) -> None:
        """Ask the people of the flow, if the organization has one for the kind."""

    def approve(self, kind: str, subject_id: int, *, actor: User, reason: str = "") -> bool:
        """Give the actor's approval in the open round; False: there is no round."""

    def reject(self, kind: str, subject_id: int, *, actor: User, reason: str) -> bool:
        """Give the actor's rejection in the open round; False: there is no round."""

    def withdraw(self, kind: str, subject_id: int, *, actor: User, reason: str = "") -> bool:
        """Take the subject back for its maker; False: there is no round."""

    def take_back(self, kind: str, subject_id: int, *, actor: User, reason: str) -> None:
        """Begin again what had been approved by a round."""

    def standing(self, kind: str, subject_id: int, *, reader: User) -> OpenRound | None:
        """Return the open round of a subject; None: there is none."""

    def rule_on(self, kind: str, subject_id: int) -> bool:
        """Say whether the subject ever had a round, so that nothing else decides on it."""


class NoRounds:
    """Without an engine: every kind is approved as its own app says."""

    def begin(self, kind: str, subject_id: int, *, actor: User) -> None:
        """Begin nothing."""

    def approve(
        self,
        _kind: str,
        _subject_id: int,
        *,
        actor: User,  # noqa: ARG002
        reason: str = "",  # noqa: ARG002
    ) -> bool:
        """Leave it to the app."""
        return False

    def reject(
        self,
        _kind: str,
        _subject_id: int,
        *,
        actor: User,  # noqa: ARG002
        reason: str,  # noqa: ARG002
    ) -> bool:
        """Leave it to the app."""
        return False

    def withdraw(
        self,
        _kind: str,
        _subject_id: int,
        *,
        actor: User,  # noqa: ARG002
        reason: str = "",  # noqa: ARG002
    ) -> bool:
        """Leave it to the app."""
        return False

    def take_back(self, kind: str, subject_id: int, *, actor: User, reason: str) -> None:
        """Begin nothing."""

    def standing(self, _kind: str, _subject_id: int, *, reader: User) -> OpenRound | None:  # noqa: ARG002
        """Return that no round is open."""
        return None

    def rule_on(self, _kind: str, _subject_id: int) -> bool:
        """Leave it to the app."""
        return False


_provided: list[Rounds] = [NoRounds()]


def provide_rounds(rounds: Rounds) -> None:
    """Let an engine rule from now on."""
    _provided[0] = rounds


def rounds() -> Rounds:
    """Return the engine that rules."""
    return _provided[0]
