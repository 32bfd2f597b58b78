"""Which steps a person may take with an entry: by its state, by duty and by who made it.

Services check the same when the step is taken; here it decides which buttons are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides; `may` are the values of the permissions held."""

    state: str
    may: frozenset[str]
    is_maker: bool
    is_checker: bool
    can_be_reversed: bool
    # Whether its round of approval, if one is open, asks the person.
    is_asked: bool = True


def _may_decide(it: Situation) -> bool:
    may = it.is_asked and not it.is_maker and "entry_approve" in it.may
    return it.state == "submitted" and may


_RULES: dict[str, Callable[[Situation], bool]] = {
    "edit": lambda it: it.state == "draft" and it.is_maker and "entry_draft" in it.may,
    "submit": lambda it: it.state == "draft" and it.is_maker and "entry_submit" in it.may,
    "approve": _may_decide,
    "reject": _may_decide,
    "withdraw": lambda it: it.state == "submitted" and it.is_maker and "entry_submit" in it.may,
    "post": lambda it: it.state == "approved" and "entry_post" in it.may,
    "unapprove": lambda it: (
        it.state == "approved" and it.is_checker and "entry_approve" in it.may
    ),
    "reverse": lambda it: (
        it.state == "posted" and it.can_be_reversed and "entry_reverse" in it.may
    ),
    "cancel": lambda it: it.state == "draft" and it.is_maker and "entry_submit" in it.may,
    "copy": lambda it: "entry_draft" in it.may,
    "attach": lambda it: it.state != "cancelled" and "entry_draft" in it.may,
}


def possible_actions(situation: Situation) -> frozenset[str]:
    """Return the names of the steps that are open to the person now."""
    return frozenset(name for name, holds in _RULES.items() if holds(situation))
