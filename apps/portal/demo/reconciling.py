"""Runs of the demo: each month of a bank account, and the bill of the wallet, in review.

Beside them other rules that a senior accountant tried and that wait for another person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.jobs.services.running import run_job
from apps.organizations.models import User
from apps.reconciliation.domain.rules import DEFAULT_PASSES
from apps.reconciliation.models import RuleTrial
from apps.reconciliation.services.rule_trials import job_of, start_trial
from apps.reconciliation.services.rules import propose_rules
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.starting import start_run
from apps.statements.models import Channel, StatementFile

if TYPE_CHECKING:
    from apps.organizations.models import Organization


def reconcile_statements(organization: Organization) -> None:
    """Run every channel for the days of each statement, the oldest first.

    Runs read what is committed, so this comes after the transaction of the other data.
    """
    for channel in Channel.objects.filter(organization=organization).order_by("code"):
        files = channel.statements.filter(state=StatementFile.State.IMPORTED)
        for file in files.select_related("imported_by").order_by("from_on", "pk"):
            if file.imported_by and file.from_on and file.to_on:
                first = file.from_on.replace(day=1)
                run = start_run(
                    channel, from_on=first, to_on=file.to_on, actor=file.imported_by
                )
                run_reconciliation(run.pk)


def propose_other_rules(organization: Organization) -> None:
    """Let a wider tolerance and business days be tried for a bank account, and saved."""
    author = User.objects.get(organization=organization, username="senior")
    channel = Channel.objects.filter(organization=organization, source_kind="bank").first()
    if channel is None:
        return
    passes = [
        step | {"absolute": 500, "basis_points": 50} if step["kind"] == "tolerance" else step
        for step in DEFAULT_PASSES
        if step["kind"] != "suggest_subset"
    ]
    said: dict[str, Any] = {
        "passes": passes,
        "options": {"business_days": True},
        "reason": "银行手续费上调：放宽容差，并按工作日计算",
    }
    trial = start_trial(channel, actor=author, **said)
    job = job_of(trial)
    if job is not None:
        run_job(job.pk)
    trial.refresh_from_db()
    if trial.state == RuleTrial.State.DONE:
        propose_rules(channel, actor=author, **said)
