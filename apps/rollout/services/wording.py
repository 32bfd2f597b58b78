"""Figures and changes of a rollout in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.rollout.domain.comparison import Comparison, Difference, Verdict
from apps.rollout.domain.guardrail import in_unit
from apps.rollout.domain.outcomes import TIMES, Measure
from apps.rollout.words import SYSTEM_REASONS, ChangeKind, OverrideMode

MEASURE_LABELS = MappingProxyType({
    Measure.MEDIAN: gettext_lazy("Median time to decision"),
    Measure.P90: gettext_lazy("90 % decided within"),
    Measure.REJECTION: pgettext_lazy("share", "Rejected"),
    Measure.REVERSAL: gettext_lazy("Reversed after posting"),
    Measure.LATE: gettext_lazy("Later than the SLA"),
})  # fmt: skip
_MOVE_TONES = {Verdict.BETTER: "ok", Verdict.WORSE: "bad"}


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure on the page: both figures, the verdict, and how sure it is."""

    label: str
    before: str
    after: str
    verdict: str
    tone: str
    note: str


def rows_of(comparison: Comparison) -> list[MeasureRow]:
    """Return the measures of a comparison, in words."""
    return [_row(comparison, measure) for measure in Measure]


def measured(measure: Measure, figure: int | Decimal | None) -> str:
    """Return a figure in its unit: 9.5 h, 4.10 %; a dash for nothing."""
    if figure is None:
        return "–"
    return with_unit(measure, in_unit(measure, figure))


def with_unit(measure: Measure, figure: Decimal) -> str:
    """Return hours or per cent with their unit."""
    if measure in TIMES:
        return _("%(hours)s h") % {"hours": f"{figure:.1f}"}
    return f"{figure:.1f} %"


def breach_in_words(breach: Mapping[str, str]) -> str:
    """Return a breach of the guardrail as a sentence."""
    measure = Measure(breach["measure"])
    values = {
        "measure": MEASURE_LABELS[measure],
        "figure": with_unit(measure, Decimal(breach["figure"])),
        "limit": with_unit(measure, Decimal(breach["limit"])),
    }
    return _("%(measure)s: %(figure)s, the limit is %(limit)s") % values


def change_in_words(row: Any, departments: Mapping[int, str]) -> str:
    """Return what a version of a flag changed, from its kind and detail."""
    in_words = _CHANGES.get(row.change_kind)
    return in_words(row.change_detail, departments) if in_words and row.change_detail else ""


def reason_in_words(reason: str) -> str:
    """Return why a version was written: the system's own reasons in the reader's language."""
    return _(reason) if reason in SYSTEM_REASONS else reason


def _pinned(detail: Mapping[str, Any], departments: Mapping[int, str]) -> str:
    name = departments.get(detail["department"], "?")
    mode = OverrideMode(detail["mode"]).label
    return _("%(department)s: %(mode)s") % {"department": name, "mode": mode}


def _steps(detail: Mapping[str, Any], _departments: Mapping[int, str]) -> str:
    steps = [f"{plain(Decimal(percent))} % ({day})" for day, percent in detail["steps"]]
    return " → ".join(steps) or _("no step any more")


def _halted(detail: Mapping[str, Any], _departments: Mapping[int, str]) -> str:
    return "; ".join(breach_in_words(breach) for breach in detail["breaches"])


def _limited(detail: Mapping[str, Any], _departments: Mapping[int, str]) -> str:
    limits = [
        f"{MEASURE_LABELS[Measure(name)]} ≤ {with_unit(Measure(name), Decimal(limit))}"
        for name, limit in detail["limits"].items()
    ]
    return "; ".join(limits) or _("nothing is watched any more")


_CHANGES: Mapping[str, Callable[[Mapping[str, Any], Mapping[int, str]], str]] = {
    ChangeKind.OVERRIDE: _pinned,
    ChangeKind.SCHEDULE: _steps,
    ChangeKind.RAMP: _steps,
    ChangeKind.HALTED: _halted,
    ChangeKind.GUARDRAIL: _limited,
}


def plain(number: Decimal) -> str:
    """Return a number without the zeros of its column: 15, not 15.00."""
    return f"{number.normalize():f}"


def _row(comparison: Comparison, measure: Measure) -> MeasureRow:
    found = comparison.differences[measure]
    return MeasureRow(
        label=str(MEASURE_LABELS[measure]),
        before=measured(measure, comparison.before.figures[measure]),
        after=measured(measure, comparison.after.figures[measure]),
        verdict=_verdict(found),
        tone=_MOVE_TONES.get(found.verdict, ""),
        note=_note(found),
    )


def _verdict(found: Difference) -> str:
    words = {
        Verdict.TOO_FEW: _("too few departments"),
        Verdict.NO_DIFFERENCE: _("no difference shown"),
        Verdict.BETTER: _("v2 is better"),
        Verdict.WORSE: _("v2 is worse"),
    }
    return words[found.verdict]


def _note(found: Difference) -> str:
    """Return how far apart the flows are: hours, or points where the measure is per cent."""
    counts = {"v1": found.departments[0], "v2": found.departments[1]}
    sides = _("%(v1)s and %(v2)s departments") % counts
    if found.difference is None or found.margin is None:
        return sides
    values = {
        "difference": _signed(in_unit(found.measure, found.difference)),
        "margin": f"{in_unit(found.measure, found.margin):.1f}",
        "sides": sides,
    }
    if found.measure in TIMES:
        return _("%(difference)s ± %(margin)s h, %(sides)s") % values
    return _("%(difference)s ± %(margin)s points, %(sides)s") % values


def _signed(figure: Decimal) -> str:
    sign = "+" if figure > 0 else "\u2212" if figure < 0 else ""
    return f"{sign}{abs(figure):.1f}"
