"""The parts of which the page of a request is made, for each kind of subject."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands in a row of the list: a title, the number of the subject, its page."""

    title: str
    number: str = ""
    url: str = ""


Context = Callable[[int, "User"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pane:
    """How a kind of subject is shown; `headlines` maps keys of subjects."""

    template: str
    headlines: Callable[[Collection[int]], dict[int, Headline]]
    context: Context
