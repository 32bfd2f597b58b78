"""Who sees reconciliation: whoever may, of the own organization; 404 for what is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.organizations.access import tenant_of
from apps.reconciliation.models import (
    Alert,
    AlertWebhook,
    Break,
    BreakAttachment,
    HandMatch,
    ReconciliationRun,
    RowSplit,
    RuleSetVersion,
    RuleTrial,
    SignOff,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.organizations.models import User


def breaks_for(user: User) -> QuerySet[Break]:
    """Return the breaks of the user's organization with what their pages show."""
    rows = Break.objects.filter(organization=tenant_of(user))
    return rows.select_related("channel", "owner")


def get_break_for(user: User, pk: int) -> Break:
    """Return a break of the user's organization."""
    return get_object_or_404(breaks_for(user), pk=pk)


def runs_for(user: User) -> QuerySet[ReconciliationRun]:
    """Return the runs of the user's organization with what their pages show."""
    rows = ReconciliationRun.objects.filter(channel__organization=tenant_of(user))
    return rows.select_related(
        "channel__ledger", "channel__account", "rule_version", "created_by"
    )


def get_run_for(user: User, pk: int) -> ReconciliationRun:
    """Return a run of the user's organization."""
    return get_object_or_404(runs_for(user), pk=pk)


def finished_runs_for(user: User) -> QuerySet[ReconciliationRun]:
    """Return the runs of the user's organization that have results."""
    rows = ReconciliationRun.objects.filter(
        channel__organization=tenant_of(user), state__in=("review", "signed_off")
    )
    return rows.select_related("channel__ledger", "channel__account", "rule_version")


def get_finished_run_for(user: User, pk: int) -> ReconciliationRun:
    """Return a run of the user's organization that has results."""
    return get_object_or_404(finished_runs_for(user), pk=pk)


def rules_for(user: User) -> QuerySet[RuleSetVersion]:
    """Return the versions of rules of the user's organization."""
    rows = RuleSetVersion.objects.filter(rule_set__channel__organization=tenant_of(user))
    return rows.select_related(
        "rule_set__channel", "created_by", "activated_by", "trial__channel", "trial__baseline"
    )


def get_rules_for(user: User, channel: str, number: int) -> RuleSetVersion:
    """Return a version of the rules of one of the user's channels."""
    return get_object_or_404(rules_for(user), rule_set__channel__code=channel, number=number)


def trials_for(user: User) -> QuerySet[RuleTrial]:
    """Return the trials of rules of the user's organization, the newest first."""
    rows = RuleTrial.objects.filter(channel__organization=tenant_of(user))
    return rows.select_related("channel__ledger", "baseline__rule_set__channel", "created_by")


def get_trial_for(user: User, channel: str, pk: int) -> RuleTrial:
    """Return a trial of the rules of one of the user's channels."""
    return get_object_or_404(trials_for(user), channel__code=channel, pk=pk)


def sign_offs_for(user: User) -> QuerySet[SignOff]:
    """Return the sign-offs of the user's organization."""
    rows = SignOff.objects.filter(run__channel__organization=tenant_of(user))
    return rows.select_related(
        "run__channel__ledger", "run__rule_version", "prepared_by", "reviewed_by"
    )


def get_sign_off_for(user: User, pk: int) -> SignOff:
    """Return a sign-off of the user's organization."""
    return get_object_or_404(sign_offs_for(user), pk=pk)


def get_hand_match_for(user: User, pk: int) -> HandMatch:
    """Return a match by hand of the user's organization."""
    rows = HandMatch.objects.filter(organization=tenant_of(user)).select_related("channel")
    return get_object_or_404(rows, pk=pk)


def splits_for(user: User) -> QuerySet[RowSplit]:
    """Return the split rows of the user's organization."""
    return RowSplit.objects.filter(organization=tenant_of(user)).select_related("channel")


def get_break_attachment_for(user: User, pk: int) -> BreakAttachment:
    """Return a file of a break of the user's organization."""
    rows = BreakAttachment.objects.filter(about__organization=tenant_of(user))
    return get_object_or_404(rows, pk=pk)


def alerts_for(user: User) -> QuerySet[Alert]:
    """Return the alerts of the user's organization, the newest first."""
    rows = Alert.objects.filter(organization=tenant_of(user))
    return rows.select_related("channel__partner", "acknowledged_by")


def get_alert_for(user: User, pk: int) -> Alert:
    """Return an alert of the user's organization."""
    return get_object_or_404(alerts_for(user), pk=pk)


def webhook_for(user: User) -> AlertWebhook:
    """Return where the alerts of the user's organization go; version 0: nowhere yet."""
    found = AlertWebhook.objects.filter(organization=tenant_of(user)).first()
    return found or AlertWebhook(version=0)
