"""What a flow would do with a submission of today: asked, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.approvals.domain.steps import can_complete, people_needed, steps_for
from apps.approvals.errors import NobodyToAsk, NoFlow
from apps.approvals.services.asking import people_of_step
from apps.approvals.services.flow_words import StepWords, step_words
from apps.approvals.services.flows import flow_for
from apps.approvals.services.subjects import SubjectFacts
from apps.approvals.words import Resolver
from apps.organizations.models import User
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.approvals.models import ApprovalFlow, FlowStep
    from apps.ledgers.models import Ledger
    from apps.organizations.models import Department


@dataclass(frozen=True, slots=True)
class Trial:
    """A submission that nobody made; the amount is in the base currency of the ledger."""

    amount: Decimal
    maker: User
    department: Department | None
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class StepRehearsed:
    """A step with the people whom it would ask; None: not for this amount, or not known yet.

    `problem` says why it could not go on.
    """

    words: StepWords
    people: list[User] | None
    is_met: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Whom each step would ask, and the flow that such a submission takes now."""

    trial: Trial
    steps: list[StepRehearsed]
    flow_now: ApprovalFlow | None
    is_rolled_out: bool

    @property
    def refusal(self) -> str:
        """Why this flow does not carry the submission; empty where it does."""
        met = [step for step in self.steps if step.is_met]
        if all(step.words.step.checks_credit for step in met):
            return _("This amount meets no step, so that nobody would be asked.")
        return next((step.problem for step in met if step.problem), "")


def rehearse(flow: ApprovalFlow, trial: Trial) -> Rehearsal:
    """Return what a flow of any state would do with a submission."""
    facts = _facts(flow, trial)
    flow_now, is_on = _taken_now(flow, facts)
    steps = list(flow.steps.all())
    met = {step.id for step in steps_for((step.facts() for step in steps), trial.amount)}
    rehearsed = [_rehearsed(step, facts, is_met=step.pk in met) for step in steps]
    return Rehearsal(trial, rehearsed, flow_now, is_on)


def _facts(flow: ApprovalFlow, trial: Trial) -> SubjectFacts:
    # A copy, so that another department is tried without changing the person.
    maker = User.objects.get(pk=trial.maker.pk)
    maker.department = trial.department
    return SubjectFacts(
        id=0,
        organization_id=flow.organization_id,
        ledger=trial.ledger,
        currency_id=trial.ledger.base_currency_id,
        maker=maker,
        policy_id=policy_on(flow.organization_id, timezone.localdate()).version_id,
        amount=trial.amount,
        content_hash="",
    )


def _taken_now(flow: ApprovalFlow, facts: SubjectFacts) -> tuple[ApprovalFlow | None, bool]:
    try:
        taken, choice = flow_for(flow.subject_kind, facts.scope())
    except NoFlow:
        return None, False
    return taken, choice.is_on


def _rehearsed(step: FlowStep, facts: SubjectFacts, *, is_met: bool) -> StepRehearsed:
    words = step_words(step)
    # Who owns what an entry is booked on is known when it has lines.
    if not is_met or step.resolver == Resolver.DIMENSION_OWNER:
        return StepRehearsed(words, None, is_met)
    keys = people_of_step(step, facts)
    problem = ""
    if not can_complete(step.facts(), keys):
        needed = people_needed(step.facts(), keys)
        problem = str(NobodyToAsk(step=str(step), needed=needed, found=len(keys)))
    people = User.objects.in_bulk(keys)
    return StepRehearsed(words, [people[key] for key in keys], is_met, problem)
