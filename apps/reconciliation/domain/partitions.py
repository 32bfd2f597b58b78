"""Which passes a partition can do alone, and into how many a run is split.

Rows of one reference are in one partition. A pass whose key holds the reference finds there
what it would find among all rows; the first one that has not, and all after it, see what is
left of every partition.
"""

from __future__ import annotations

from apps.reconciliation.domain.rules import Kind, Pass, Rules

_LOCAL = (Kind.EXACT, Kind.DATE, Kind.REVERSAL, Kind.DUPLICATE, Kind.TOLERANCE)


def is_local(step: Pass) -> bool:
    """Say whether the key of a pass holds the reference."""
    return step.kind in _LOCAL or (step.kind == Kind.GROUP and step.key == "reference")


def local_passes(rules: Rules) -> tuple[Pass, ...]:
    """Return the passes that partitions do: the first ones, as long as they are local."""
    return rules.passes[: _local_count(rules)]


def later_passes(rules: Rules) -> tuple[Pass, ...]:
    """Return the passes that are done over what all partitions left."""
    return rules.passes[_local_count(rules) :]


def partitions_of(rows: int, most: int) -> int:
    """Return how many partitions so many rows need, each of about `most` rows."""
    return max(-(-rows // most), 1)


def _local_count(rules: Rules) -> int:
    places = (place for place, step in enumerate(rules.passes) if not is_local(step))
    return next(places, len(rules.passes))
