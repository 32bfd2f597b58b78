"""What a finding about credit says to who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.credit.models import CreditCheck

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest, CreditFinding


@dataclass(frozen=True, slots=True)
class CreditFact:
    """What was found out about a counterparty; all but the first are None without a check.

    `hours` is how old the score was then.
    """

    needs_person: bool
    counterparty: str | None = None
    source: str | None = None
    outcome: str | None = None
    score: int | None = None
    hours: int | None = None


def credit_text(fact: CreditFact) -> str:
    """Return one sentence; nothing where the score is good and was given just then."""
    if fact.source is None:
        return _("The bureau could not be asked about the credit of a counterparty.")
    values = {
        "name": fact.counterparty,
        "score": fact.score,
        "hours": fact.hours or 0,
        "why": CreditCheck.Outcome(fact.outcome or "").label,
    }
    if fact.source == CreditCheck.Source.CACHED:
        return _old_text(fact.hours or 0) % values
    if fact.source == CreditCheck.Source.NONE:
        return _("No credit score of %(name)s: %(why)s.") % values
    if fact.needs_person:
        return _("The credit score of %(name)s is %(score)s, which is not good.") % values
    return ""


@dataclass(frozen=True, slots=True)
class CreditOfRequest:
    """What was found about the counterparties of a request; nothing while it is asked."""

    findings: Sequence[CreditFinding]

    @property
    def saves(self) -> bool:
        """Whether it is so good that nobody need look at it."""
        return bool(self.findings) and not any(one.needs_person for one in self.findings)

    def text(self) -> str:
        """Return why nobody need look at it, with the scores."""
        checks = [one.credit_check for one in self.findings if one.credit_check]
        if not checks:
            return _("no counterparty whose credit could be asked for")
        scores = ", ".join(f"{check.counterparty} {check.score}" for check in checks)
        return _("good credit: %(scores)s") % {"scores": scores}


def credit_of(request: ApprovalRequest) -> CreditOfRequest:
    """Return what was found about the credit of a request's counterparties."""
    return CreditOfRequest(list(request.credit_findings.select_related("credit_check")))


def _old_text(hours: int) -> str:
    if hours < 1:
        return _("The credit score of %(name)s, %(score)s, is less than an hour old: %(why)s.")
    return ngettext(
        "The credit score of %(name)s, %(score)s, is %(hours)s hour old: %(why)s.",
        "The credit score of %(name)s, %(score)s, is %(hours)s hours old: %(why)s.",
        hours,
    )
