"""Runs of the demo: each month of a bank account, and the bill of the wallet, in review.

Beside them other rules that a senior accountant tried and that wait for another person, a
payment that was split, and a schedule.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from apps.jobs.services.running import run_job
from apps.organizations.models import User
from apps.portal.demo.statements import PREPAID
from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.rules import DEFAULT_PASSES
from apps.reconciliation.models import Break, RuleTrial, RunSchedule
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.services.break_splitting import split_row
from apps.reconciliation.services.rule_trials import job_of, start_trial
from apps.reconciliation.services.rules import propose_rules
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.schedules import save_schedule
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


def work_on_bank(organization: Organization) -> None:
    """Let people do what they do with the bank account of an organization, if it has one."""
    channel = Channel.objects.filter(organization=organization, source_kind="bank").first()
    if channel is None:
        return
    people = User.objects.filter(organization=organization)
    _propose_other_rules(channel, people.get(username="senior"))
    accountant = people.get(username="accountant")
    _split_payment(channel, accountant)
    _set_schedule(channel, accountant)


def _propose_other_rules(channel: Channel, author: User) -> None:
    """Let a wider tolerance and business days be tried, and saved."""
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


def _split_payment(channel: Channel, actor: User) -> None:
    """Split what a customer paid, and match the part that is booked; the advance stays open."""
    apart = Break.objects.filter(channel=channel, bucket=Bucket.AMOUNT_BREAK)
    paid = apart.filter(side=Side.STATEMENT).order_by("-booked_on", "pk").first()
    if paid is None:
        return
    booked = apart.get(side=Side.BOOK, amount=paid.amount - PREPAID)
    parts = [(booked.amount, "已入账的货款"), (PREPAID, "预付下月货款，待入账")]
    made = split_row(
        paid, parts, version=paid.version, actor=actor, reason="一笔到账含货款和预付款"
    )
    first = made.parts.get(position=1)
    goods = Break.objects.get(channel=channel, side=made.side, item_id=first.item_id)
    seen = {one.pk: one.version for one in (booked, goods)}
    match_by_hand(channel, seen, actor=actor, reason="与收款凭证核对一致")


def _set_schedule(channel: Channel, actor: User) -> None:
    """Let the account be run in the morning of each workday when a statement came."""
    save_schedule(
        channel,
        version=0,
        actor=actor,
        rhythm=RunSchedule.Rhythm.WORKDAYS,
        at=time(7, 30),
        span=RunSchedule.Span.STATEMENT,
        only_with_news=True,
        is_on=True,
    )
