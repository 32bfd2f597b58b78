"""Rules are tried before they are saved: by a job, on a sample, and nothing real changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from apps.core.operation import operation
from apps.jobs.models import Job
from apps.jobs.services.kinds import KINDS, JobKind, Outcome, Work
from apps.jobs.services.starting import start_job
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.domain.rules import digest_of, read_rules
from apps.reconciliation.domain.schedules import month_of
from apps.reconciliation.errors import ReasonIsMissing
from apps.reconciliation.models import ReconciliationRun, RuleSetVersion, RuleTrial
from apps.reconciliation.rule_errors import TooManyTrials
from apps.reconciliation.services.rule_comparing import compare_rules, stages_of
from apps.reconciliation.services.rules import active_rules

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.statements.models import Channel

KIND = "reconciliation.rule_trial"
# So many trials of one organization wait or run at most.
MOST_WAITING = 5
State = RuleTrial.State


def start_trial(
    channel: Channel,
    *,
    passes: list[dict[str, Any]],
    options: Mapping[str, Any],
    reason: str,
    actor: User,
) -> RuleTrial:
    """Keep rules as they are written and have a job try them; the same ones only once.

    Raises:
        Forbidden: the actor may not write rules.
        InvalidRules: a pass or an option is not one that is known.
        ReasonIsMissing: nobody could tell why.
        TooManyTrials: enough wait already.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    read_rules(passes, options)
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    digest = digest_of(passes, options)
    with operation("rules.try", actor=actor, reason=reason):
        baseline = active_rules(channel, actor=actor)
        if known := _unfinished(baseline, digest):
            return known
        _admit(channel)
        from_on, to_on = days_to_try(channel)
        trial = RuleTrial.objects.create(
            channel=channel,
            baseline=baseline,
            passes=passes,
            options=dict(options),
            digest=digest,
            reason=reason.strip(),
            from_on=from_on,
            to_on=to_on,
            created_by=actor,
        )
        _start_job(trial)
    return trial


def days_to_try(channel: Channel, *, today: date | None = None) -> tuple[date, date]:
    """Return the days of the last finished run, or of the last month."""
    finished = (ReconciliationRun.State.REVIEW, ReconciliationRun.State.SIGNED_OFF)
    run = channel.runs.filter(state__in=finished).order_by("-pk").first()
    if run:
        return run.from_on, run.to_on
    first, _last = month_of(today or timezone.localdate())
    return month_of(date.fromordinal(first.toordinal() - 1))


def try_rules(job: Job, work: Work) -> Outcome:
    """Compare the rules of a trial with the active ones and keep what differs."""
    rows = RuleTrial.objects.select_related("channel__ledger", "baseline")
    trial = rows.get(pk=job.parameters["trial"], channel__organization=job.organization_id)
    if trial.state == State.WAITING:
        active = read_rules(trial.baseline.passes, trial.baseline.options)
        tried = read_rules(trial.passes, trial.options)
        work.expect(stages_of((active, tried)))
        result = compare_rules(trial, active, tried, work.advance)
        with operation("rules.tried", actor=job.created_by):
            work.hold()
            waiting = RuleTrial.objects.filter(pk=trial.pk, state=State.WAITING)
            waiting.update(state=State.DONE, result=result, finished_at=timezone.now())
        trial.refresh_from_db()
    return Outcome(trial.get_absolute_url(), {"changed": trial.result["changed"]})


def job_of(trial: RuleTrial, *, is_unfinished: bool = False) -> Job | None:
    """Return the job of a trial."""
    organization = trial.channel.organization_id
    jobs = Job.objects.filter(organization=organization, exclusive_key=_key(trial))
    return (jobs.filter(state__in=Job.UNFINISHED) if is_unfinished else jobs).first()


def register_trials() -> None:
    """Let trials be done by jobs."""
    KINDS[KIND] = JobKind(
        gettext_lazy("Trial of matching rules"),
        Permission.RECONCILIATION_RULES,
        try_rules,
        says=_in_words,
        view_permission=Permission.RECONCILIATION_VIEW,
    )


def _in_words(facts: dict[str, Any]) -> str:
    count = facts["changed"]
    return ngettext(
        "%(count)s row would end elsewhere.", "%(count)s rows would end elsewhere.", count
    ) % {"count": count}


def _unfinished(baseline: RuleSetVersion, digest: str) -> RuleTrial | None:
    """Return the trial of the same rules that a worker is at or will be."""
    waiting = baseline.trials.filter(digest=digest, state=State.WAITING)
    rows = waiting.select_related("channel")
    return next((trial for trial in rows if job_of(trial, is_unfinished=True)), None)


def _start_job(trial: RuleTrial) -> None:
    start_job(
        KIND,
        actor=trial.created_by,
        subject=trial.channel.code,
        exclusive_key=_key(trial),
        parameters={"trial": trial.pk},
        subject_url=trial.get_absolute_url(),
    )


def _key(trial: RuleTrial) -> str:
    return f"rule-trial:{trial.pk}"


def _admit(channel: Channel) -> None:
    waiting = Job.objects.filter(
        organization=channel.organization_id, kind=KIND, state__in=Job.UNFINISHED
    ).count()
    if waiting >= MOST_WAITING:
        raise TooManyTrials(count=waiting)
