"""Flows in words: who is asked, how many, for which amounts, and how two flows differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.approvals.words import FlowState, Resolver, SkipRule, StepRule
from apps.core.formatting import format_amount
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.approvals.models import ApprovalFlow, FlowStep

# Of a limit in any currency; an amount that has more shows them.
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step as people read it; amounts are in the base currency of the ledger."""

    step: FlowStep
    who: str
    rule: str
    band: str
    notes: tuple[str, ...]

    def in_one_line(self) -> str:
        """Return everything as one text, to be compared."""
        parts = (self.who, self.rule, self.band, *self.notes)
        return " · ".join(part for part in parts if part)


def step_words(step: FlowStep) -> StepWords:
    """Return a step in words."""
    return StepWords(step, _who(step), _rule(step), _band(step), tuple(_notes(step)))


def scope_words(flow: ApprovalFlow) -> str:
    """Say which subjects a flow takes."""
    ledger = flow.ledger.label if flow.ledger else ""
    parts = [part for part in (ledger, str(flow.department or "")) if part]
    return " · ".join(parts) if parts else _("whole organization")


def rungs(steps: Iterable[FlowStep]) -> list[tuple[int, list[StepWords]]]:
    """Return the steps by number; those of one number run side by side."""
    found: dict[int, list[StepWords]] = {}
    for step in steps:
        found.setdefault(step.number, []).append(step_words(step))
    return sorted(found.items())


def changes_between(
    before: Iterable[FlowStep], after: Iterable[FlowStep]
) -> list[dict[str, str]]:
    """Return which steps differ, as `components/diff_table.html` shows them."""
    numbers = dict(rungs(before)), dict(rungs(after))
    changes = []
    for number in sorted({*numbers[0], *numbers[1]}):
        pairs = zip_longest(*(_texts(rung.get(number, [])) for rung in numbers), fillvalue="")
        changes += [
            {"field": _("Step %(number)s") % {"number": number}, "before": old, "after": new}
            for old, new in pairs
            if old != new
        ]
    return changes


def history_of(flow: ApprovalFlow) -> list[dict[str, object]]:
    """Return what became of a flow, as `components/timeline.html` shows it."""
    said = {
        FlowState.DRAFT: _("wrote it"),
        FlowState.ACTIVE: _("activated it"),
        FlowState.RETIRED: _("retired it"),
        FlowState.DROPPED: _("discarded it"),
    }
    return [
        {
            "state": "done",
            "who": row.history_user.display_name() if row.history_user else "",
            "what": said[FlowState(row.state)],
            "at": row.history_date,
        }
        for row in flow.history.select_related("history_user").order_by("history_id")
    ]


def _texts(words: list[StepWords]) -> list[str]:
    return [f"{one.step}: {one.in_one_line()}" for one in words]


def _who(step: FlowStep) -> str:
    if step.resolver == Resolver.USER and step.person is not None:
        return step.person.display_name()
    if step.resolver == Resolver.ROLE:
        return _role(step.role)
    if step.dimension is not None:
        return _("owners of the %(dimension)s that it is booked on") % {
            "dimension": step.dimension.label
        }
    return str(step.get_resolver_display())


def _role(role: str) -> str:
    return _("everybody with the role %(role)s") % {"role": Role(role).label}


def _rule(step: FlowStep) -> str:
    if step.resolver in {Resolver.USER, Resolver.DEPARTMENT_HEAD}:
        return ""
    if step.rule == StepRule.ALL:
        return _("all of them")
    if step.rule == StepRule.N_OF_M:
        text = ngettext("%(count)s of them", "%(count)s of them", step.needed)
        return text % {"count": step.needed}
    return _("one of them is enough")


def _band(step: FlowStep) -> str:
    amounts = {"above": _amount(step.above), "up_to": _amount(step.up_to)}
    if step.above is not None and step.up_to is not None:
        return _("above %(above)s, up to %(up_to)s") % amounts
    if step.above is not None:
        return _("above %(above)s") % amounts
    if step.up_to is not None:
        return _("up to %(up_to)s") % amounts
    return _("every amount")


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format_amount(amount, _DIGITS)


def _notes(step: FlowStep) -> Iterable[str]:
    if step.checks_credit:
        yield _("only when the credit of a counterparty is in doubt")
    if step.skip == SkipRule.SAME_PERSON:
        yield _("whoever approved before is not asked again")
    if step.sla_hours:
        text = ngettext("due within an hour", "due within %(count)s hours", step.sla_hours)
        yield text % {"count": step.sla_hours}
    if step.escalate_after:
        to = step.escalate_to.display_name() if step.escalate_to else _role(step.escalate_role)
        text = ngettext(
            "after an hour also asks %(to)s",
            "after %(count)s hours also asks %(to)s",
            step.escalate_after,
        )
        yield text % {"count": step.escalate_after, "to": to}
