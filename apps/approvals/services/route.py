"""The route of a request: every step with its people, why it is asked, and who decided.

A step that the amount does not meet is shown too, so that nobody wonders where it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.approvals.domain.steps import people_needed
from apps.approvals.models import ApprovalDecision, ApprovalTask, FlowStep
from apps.approvals.services.credit_words import CreditOfRequest, credit_of
from apps.approvals.words import VERDICTS, Resolver, StepRule, TaskState
from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.organizations.models import User
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.approvals.models import ApprovalRequest


@dataclass(frozen=True, slots=True)
class Stop:
    """One person in one step: what they were asked and what came of it."""

    person: User
    state: str
    state_words: str
    decision: ApprovalDecision | None = None
    # Names of who stood in, from the one asked to the one who decided.
    way: tuple[str, ...] = ()
    # Who passed it on to this person, if anybody.
    handed_over_by: User | None = None
    # Whether the person was added because somebody else let it wait too long.
    is_added: bool = False


@dataclass(frozen=True, slots=True)
class RouteStep:
    """A step; `state` is done, now, refused, "" (later) or skipped (never asked)."""

    number: int
    name: str
    state: str
    reasons: tuple[str, ...]
    stops: tuple[Stop, ...] = field(default_factory=tuple)


def route_of(request: ApprovalRequest) -> list[RouteStep]:
    """Return the steps of the request's flow in their order; `with_rounds` finds the rest."""
    tasks = defaultdict(list)
    for task in request.tasks.all():
        tasks[task.step_id].append(task)
    decisions = {
        decision.task_id: decision
        for decision in request.decisions.all()
        if decision.kind in VERDICTS
    }
    names = _names_between(decisions.values())
    steps = list(request.flow.steps.order_by("number", "pk"))
    credit = credit_of(request) if any(step.checks_credit for step in steps) else None
    return [
        _saved(step, credit)
        if credit and credit.saves and step.checks_credit
        else _step(step, request, tasks[step.pk], decisions, names)
        for step in steps
    ]


def with_rounds(request: ApprovalRequest) -> ApprovalRequest:
    """Return the request with its tasks and decisions, which several parts of a page read."""
    tasks = ApprovalTask.objects.select_related("person", "handed_over_by")
    decisions = ApprovalDecision.objects.select_related("actor")
    prefetch_related_objects(
        [request],
        Prefetch("tasks", tasks.order_by("person__username")),
        Prefetch("decisions", decisions),
    )
    return request


def step_in_turn(route: Iterable[RouteStep]) -> tuple[int, int]:
    """Return which step is waiting, and how many there are, counted from 1; 0 for none."""
    asked = [step for step in route if step.state != "skipped"]
    waiting = [place for place, step in enumerate(asked, start=1) if step.state == "now"]
    return (waiting[0] if waiting else 0), len(asked)


def _saved(step: FlowStep, credit: CreditOfRequest) -> RouteStep:
    """Return a step that good credit saves: nobody is asked, and the score says why."""
    return RouteStep(step.number, str(step), "skipped", (credit.text(),))


def _step(
    step: FlowStep,
    request: ApprovalRequest,
    tasks: list[ApprovalTask],
    decisions: dict[int | None, ApprovalDecision],
    names: dict[int, str],
) -> RouteStep:
    return RouteStep(
        number=step.number,
        name=str(step),
        state=_state([task.state for task in tasks]),
        reasons=tuple(_reasons(step, request, tasks)),
        stops=tuple(_stop(task, decisions.get(task.pk), names) for task in tasks),
    )


def _state(states: list[str]) -> str:
    if not states:
        return "skipped"
    if TaskState.REJECTED in states or TaskState.RETURNED in states:
        return "refused"
    if TaskState.OPEN in states:
        return "now"
    return "done" if TaskState.APPROVED in states else ""


def _stop(task: ApprovalTask, decision: ApprovalDecision | None, names: dict[int, str]) -> Stop:
    way: tuple[str, ...] = ()
    if decision and decision.actor_id != task.person_id:
        between = (names.get(key, "") for key in decision.way[1:-1])
        way = (task.person.display_name(), *between, decision.actor.display_name())
    return Stop(
        task.person,
        task.state,
        task.get_state_display(),
        decision,
        way,
        handed_over_by=task.handed_over_by,
        is_added=task.escalated_for_id is not None,
    )


def _reasons(step: FlowStep, request: ApprovalRequest, tasks: list[ApprovalTask]) -> list[str]:
    """Say whom the step asks, how many of them it needs, and which amounts it is for."""
    band = _band(step, request)
    return [text for text in (_whom(step), _how_many(step, tasks), band) if text]


def _whom(step: FlowStep) -> str:
    if step.resolver == Resolver.ROLE:
        return _("role %(role)s") % {"role": Role(step.role).label}
    return str(step.get_resolver_display())


def _how_many(step: FlowStep, tasks: list[ApprovalTask]) -> str:
    people = [task.person_id for task in tasks]
    if len(people) < 2:  # noqa: PLR2004  (of one person nothing need be said)
        return ""
    if step.rule == StepRule.ANY:
        return _("one of %(count)s people") % {"count": len(people)}
    needed = people_needed(step.facts(), people)
    text = ngettext(
        "%(needed)s of %(count)s person", "%(needed)s of %(count)s people", len(people)
    )
    return text % {"needed": needed, "count": len(people)}


def _band(step: FlowStep, request: ApprovalRequest) -> str:
    def money(amount: Decimal) -> str:
        currency = request.currency_id
        return f"{format_amount(amount, minor_digits(currency))} {currency}"

    if step.above is not None and step.up_to is not None:
        values = {"above": money(step.above), "up_to": money(step.up_to)}
        return _("amount above %(above)s, up to %(up_to)s") % values
    if step.above is not None:
        return _("amount above %(above)s") % {"above": money(step.above)}
    if step.up_to is not None:
        return _("amount up to %(up_to)s") % {"up_to": money(step.up_to)}
    return ""


def _names_between(decisions: Iterable[ApprovalDecision]) -> dict[int, str]:
    keys = {key for decision in decisions for key in decision.way[1:-1]}
    people = User.objects.in_bulk(keys) if keys else {}
    return {key: person.display_name() for key, person in people.items()}
