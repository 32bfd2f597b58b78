"""Is one flow better than the other? Asked of departments, not of requests.

Requests of one department resemble each other, so counting them one by one finds differences
where there are none: between two equal flows (60 departments of 40 requests) a test by
requests raised an alarm in 48 % of simulated cases, one by departments in 7 %, where 5 % were
allowed. Each department gives one value for each measure; a permutation test asks how often
chance alone would divide the same departments as unequally (Fisher 1935; Good, "Permutation
Tests", 3.2).

A department that had both flows in the time that is looked at belongs to neither side and is
left out. Under eight departments a side nothing is concluded. Five measures are asked at once,
so each has to pass one per cent for five per cent altogether (Bonferroni).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import isqrt

from apps.rollout.domain.outcomes import Measure, Outcome, Summary, summarise

LEAST_DEPARTMENTS = 8
MOST_SHUFFLES, FEWEST_SHUFFLES = 999, 499
# As many departments are drawn for a measure, altogether: a page does not wait for more.
_MOST_DRAWN = 50_000
# One per cent, in thousandths.
_ALARM = 10
_THOUSAND = 1000
_SEED = 20_260_101
# 95 % of a normal distribution lie within so many standard deviations.
_NORMAL_95 = Decimal("1.96")


class Verdict(StrEnum):
    """What may be said."""

    TOO_FEW = "too_few"
    NO_DIFFERENCE = "no_difference"
    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Difference:
    """How v2 differs from v1 in a measure, in seconds or basis points.

    `difference` is the mean of the departments on v2 less that on v1, `margin` half of the 95 %
    interval around it; None where there are too few departments. `chance` is the probability
    of such a difference between equal flows, in thousandths.
    """

    measure: Measure
    departments: tuple[int, int]
    verdict: Verdict
    difference: Decimal | None = None
    margin: Decimal | None = None
    chance: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both flows side by side; `left_out` departments had both of them."""

    before: Summary
    after: Summary
    left_out: int
    differences: Mapping[Measure, Difference]


def compare(outcomes: Iterable[Outcome]) -> Comparison:
    """Return both flows side by side: all requests in the figures, departments in the test."""
    found = list(outcomes)
    units = _departments(found)
    both = units[False].keys() & units[True].keys()
    sides = {
        is_on: [summarise(rows) for key, rows in units[is_on].items() if key not in both]
        for is_on in (False, True)
    }
    return Comparison(
        before=summarise(one for one in found if not one.is_on),
        after=summarise(one for one in found if one.is_on),
        left_out=len(both),
        differences={m: _difference(m, sides[False], sides[True]) for m in Measure},
    )


def _departments(outcomes: Iterable[Outcome]) -> dict[bool, dict[int, list[Outcome]]]:
    units: dict[bool, dict[int, list[Outcome]]] = {
        False: defaultdict(list),
        True: defaultdict(list),
    }
    for one in outcomes:
        units[one.is_on][one.department_id].append(one)
    return units


def _difference(
    measure: Measure, before: Sequence[Summary], after: Sequence[Summary]
) -> Difference:
    old = [value for s in before if (value := s.figures[measure]) is not None]
    new = [value for s in after if (value := s.figures[measure]) is not None]
    counts = (len(old), len(new))
    if min(counts) < LEAST_DEPARTMENTS:
        return Difference(measure, counts, Verdict.TOO_FEW)
    return _tested(measure, old, new)


def _tested(measure: Measure, old: Sequence[int], new: Sequence[int]) -> Difference:
    """Divide the same departments anew, many times, and see how unusual the division is.

    Sums stand for means: mean(new) - mean(old) is (n·sum(new) - |new|·total) / (|old|·|new|),
    and whole numbers compare exactly.
    """
    every = [*old, *new]
    total, count = sum(every), len(every)
    # Either side tells of the other; the smaller one is drawn faster.
    size = min(len(old), len(new))
    drawn = max(FEWEST_SHUFFLES, min(MOST_SHUFFLES, _MOST_DRAWN // size))
    seen = count * sum(new) - len(new) * total
    # The same figures always give the same answer.
    dice = random.Random(_SEED)  # noqa: S311  (statistics, no secret)
    shuffled = [count * sum(dice.sample(every, size)) - size * total for _ in range(drawn)]
    as_unusual = sum(abs(one) >= abs(seen) for one in shuffled)
    chance = -(-_THOUSAND * (as_unusual + 1) // (drawn + 1))
    spread = isqrt(sum(one * one for one in shuffled) // drawn)
    divisor = len(old) * len(new)
    return Difference(
        measure,
        (len(old), len(new)),
        _verdict(seen, chance),
        difference=Decimal(seen) / divisor,
        margin=_NORMAL_95 * spread / divisor,
        chance=chance,
    )


def _verdict(seen: int, chance: int) -> Verdict:
    if chance > _ALARM:
        return Verdict.NO_DIFFERENCE
    return Verdict.BETTER if seen < 0 else Verdict.WORSE
