"""A flag as people look at it: every department with its place, its flow and why.

And the rehearsal of a change, which writes nothing: who would move, by name, and how many of
their items run already (those go on as they began).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from apps.organizations.models import Department
from apps.rollout.domain.buckets import Choice, FlagFacts, decide
from apps.rollout.domain.outcomes import Outcome, share
from apps.rollout.models import Flag, FlagOverride
from apps.rollout.services.providers import outcomes_of, running_of
from apps.rollout.words import OverrideMode, Reason

# In a per cent.
BASIS_POINTS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A department in the line of a flag; `running` items go on as they began."""

    department: Department
    choice: Choice
    override: FlagOverride | None
    running: int | None

    @property
    def mode(self) -> OverrideMode:
        """Return what it is pinned to."""
        return OverrideMode(self.override.mode) if self.override else OverrideMode.FOLLOW

    @property
    def why(self) -> str:
        """Return the rule that decided, in words."""
        return str(Reason(self.choice.reason).label)

    @property
    def bucket_percent(self) -> str:
        """Return the place as people read it: 38.15."""
        return f"{Decimal(self.choice.bucket or 0) / BASIS_POINTS:05.2f}"


@dataclass(frozen=True, slots=True)
class Overview:
    """All departments, by name, and the requests of the last weeks if somebody tells."""

    flag: Flag
    facts: FlagFacts
    places: Sequence[Place]
    outcomes: Sequence[Outcome] | None

    @property
    def on_count(self) -> int:
        """Return how many departments have what is new."""
        return sum(place.choice.is_on for place in self.places)

    @property
    def real_percent(self) -> Decimal | None:
        """Return the share of the departments that have it."""
        return _percent(self.on_count, len(self.places))

    @property
    def volume_percent(self) -> Decimal | None:
        """Return the share of the requests that took it; None where nobody tells of them."""
        found = self.outcomes or ()
        return _percent(sum(one.is_on for one in found), len(found))

    @property
    def has_running(self) -> bool:
        """Say whether somebody counts what runs."""
        return any(place.running is not None for place in self.places)

    @property
    def limit(self) -> Decimal:
        """Return how far the line is served now, in per cent."""
        return Decimal(0) if self.facts.is_killed else self.facts.percent


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Who would move, and how many departments would have what is new then."""

    gains: Sequence[Place]
    losses: Sequence[Place]
    on_before: int
    on_after: int
    total: int
    has_running: bool

    @property
    def running(self) -> int:
        """Return how many items of those who move run already."""
        return sum(place.running or 0 for place in (*self.gains, *self.losses))

    @property
    def percent_after(self) -> Decimal | None:
        """Return the share of the departments that would have it."""
        return _percent(self.on_after, self.total)


def look_at(flag: Flag) -> Overview:
    """Return a flag with all departments of its organization."""
    overrides = {one.department_id: one for one in FlagOverride.objects.filter(flag=flag)}
    facts = _facts(flag, overrides)
    running = running_of(flag)
    found = Department.objects.filter(organization=flag.organization_id)
    places = [
        Place(
            department,
            decide(facts, department.pk),
            overrides.get(department.pk),
            None if running is None else running.get(department.pk, 0),
        )
        for department in found
    ]
    places.sort(key=lambda place: (str(place.department), place.department.pk))
    return Overview(flag, facts, places, outcomes_of(flag))


def rehearse(overview: Overview, **changes: Any) -> Rehearsal:
    """Return what changed facts would do: `percent`, `is_killed` or `overrides`."""
    facts = replace(overview.facts, **changes)
    after = [decide(facts, place.department.pk).is_on for place in overview.places]
    pairs = list(zip(overview.places, after, strict=True))
    return Rehearsal(
        gains=[place for place, is_on in pairs if is_on and not place.choice.is_on],
        losses=[place for place, is_on in pairs if place.choice.is_on and not is_on],
        on_before=overview.on_count,
        on_after=sum(after),
        total=len(after),
        has_running=overview.has_running,
    )


def rehearse_pin(overview: Overview, department: Department, mode: OverrideMode) -> Rehearsal:
    """Return what pinning a department would do."""
    others = {key: on for key, on in overview.facts.overrides.items() if key != department.pk}
    if mode != OverrideMode.FOLLOW:
        others[department.pk] = mode == OverrideMode.ON
    return rehearse(overview, overrides=others)


def _percent(count: int, total: int) -> Decimal | None:
    basis_points = share(count, total)
    return None if basis_points is None else Decimal(basis_points) / BASIS_POINTS


def _facts(flag: Flag, overrides: Mapping[int, FlagOverride]) -> FlagFacts:
    return FlagFacts(
        flag_id=flag.pk,
        name=flag.name,
        version=flag.version,
        percent=flag.percent,
        is_killed=flag.is_killed,
        overrides={
            key: one.mode == OverrideMode.ON
            for key, one in overrides.items()
            if one.mode != OverrideMode.FOLLOW
        },
    )
