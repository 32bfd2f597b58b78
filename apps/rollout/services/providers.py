"""Figures that come from above: whoever asks a flag tells what became of it.

`apps.rollout` lies below what is rolled out, so it is told where to ask (in `AppConfig.ready`):

    provide_running("financial-approval-v2", running_by_department)
    provide_outcomes("financial-approval-v2", outcomes_since)

A flag that nobody provides for has no such figures; the pages leave them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from django.utils import timezone

from apps.rollout.domain.outcomes import Outcome

if TYPE_CHECKING:
    from apps.rollout.models import Flag

__all__ = ["Outcome", "provide_outcomes", "provide_running"]

# The days that figures and the guardrail look back.
WINDOW = timedelta(days=28)

# The organization's key -> how many items run in each of its departments, by key.
Running: TypeAlias = Callable[[int], Mapping[int, int]]
# The organization's key, the first moment -> the requests that were submitted since then.
Outcomes: TypeAlias = Callable[[int, datetime], Iterable[Outcome]]


@dataclass(slots=True)
class _Providers:
    running: dict[str, Running]
    outcomes: dict[str, Outcomes]


_providers = _Providers({}, {})


def provide_running(flag_name: str, running: Running) -> None:
    """Have running items counted by department: what a change would not touch any more."""
    _providers.running[flag_name] = running


def provide_outcomes(flag_name: str, outcomes: Outcomes) -> None:
    """Have both flows of a flag compared, and its guardrail fed."""
    _providers.outcomes[flag_name] = outcomes


def running_of(flag: Flag) -> Mapping[int, int] | None:
    """Return the running items of each department; None if nobody counts them."""
    count = _providers.running.get(flag.name)
    return count(flag.organization_id) if count else None


def outcomes_of(flag: Flag) -> list[Outcome] | None:
    """Return the requests of the last four weeks; None if nobody provides them."""
    provide = _providers.outcomes.get(flag.name)
    if provide is None:
        return None
    return list(provide(flag.organization_id, timezone.now() - WINDOW))
