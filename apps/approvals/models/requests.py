"""Requests, the tasks of people, and their decisions."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.approvals.models.flows import ApprovalFlow, FlowStep, amount_field
from apps.approvals.words import (
    KINDS_WITHOUT_AMOUNT,
    VERDICTS,
    DecisionKind,
    RequestState,
    SubjectKind,
    TaskState,
)
from apps.core.models import VersionedModel


class ApprovalRequest(VersionedModel):
    """A round of approval of one subject; what it was opened with never changes.

    A subject has at most one open round. Another content needs another round.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="approval_requests"
    )
    subject_kind = models.CharField(_("subject"), max_length=20, choices=SubjectKind)
    subject_id = models.PositiveBigIntegerField(_("key of the subject"))
    flow = models.ForeignKey(ApprovalFlow, models.PROTECT, related_name="requests")
    # What the rollout said: {"is_on": …, "bucket": …, "percent": "15", "reason": …}.
    choice = models.JSONField(_("choice of the rollout"))
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, null=True, related_name="+"
    )
    policy = models.ForeignKey(
        "policies.FinancePolicy", models.PROTECT, null=True, related_name="+"
    )
    amount = amount_field(_("amount"))
    # What else counts with it, without sign: the same maker, counterparty and day.
    amount_beside = amount_field(_("counted beside it"), default=Decimal(0))
    counterparties = ArrayField(
        models.CharField(max_length=50), verbose_name=_("counterparties"), default=list
    )
    # The day in the time zone of the installation.
    submitted_on = models.DateField(_("submitted on"), null=True)
    currency = models.ForeignKey("organizations.Currency", models.PROTECT, related_name="+")
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    state = models.CharField(
        _("state"), max_length=9, choices=RequestState, default=RequestState.OPEN
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # Since when the maker has been asked something; the clocks of its tasks stand still.
    asked_at = models.DateTimeField(_("asked at"), null=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("approval request")
        constraints = (
            models.UniqueConstraint(
                fields=("subject_kind", "subject_id"),
                condition=Q(state=RequestState.OPEN),
                name="request_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, closed_at=None)
                | ~Q(state=RequestState.OPEN) & Q(closed_at__isnull=False),
                name="request_knows_when_it_was_closed",
            ),
            models.CheckConstraint(
                condition=Q(amount_beside__gte=0), name="request_counts_no_less_than_it_is"
            ),
        )
        indexes = (
            models.Index(fields=("subject_kind", "subject_id"), name="request_by_subject"),
            # What became of the requests of some weeks.
            models.Index(fields=("organization", "created_at"), name="request_by_time"),
            models.Index(fields=("maker", "submitted_on"), name="request_by_day_of_maker"),
        )

    @property
    def has_amount(self) -> bool:
        """Whether the amount says anything."""
        return self.subject_kind not in KINDS_WITHOUT_AMOUNT

    def __str__(self) -> str:
        """Return what is asked for."""
        return f"{self.get_subject_kind_display()} {self.subject_id}"

    @property
    def counted_amount(self) -> Decimal:
        """The amount that steps, limits and delegations are compared with, without sign."""
        counted: Decimal = self.amount.copy_abs() + self.amount_beside
        return counted


class ApprovalTask(models.Model):
    """What one person is asked in one step of a request; decided once.

    A task that was added by escalation, or by a person who handed over, shares the seat of the
    one that it was added for: of the two one approval counts.
    """

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="tasks")
    step = models.ForeignKey(FlowStep, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="approval_tasks"
    )
    state = models.CharField(_("state"), max_length=8, choices=TaskState)
    opened_at = models.DateTimeField(_("opened at"), null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    # When somebody is added; null: nobody, or somebody was.
    escalate_at = models.DateTimeField(_("escalated at"), null=True)
    escalated_for = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="escalation"
    )
    # Who passed the other task on to this person; null: escalation did, or nobody.
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("approval task")
        constraints = (
            models.UniqueConstraint(
                fields=("request", "step", "person"), name="task_is_one_for_each_person"
            ),
        )
        indexes = (
            models.Index(
                fields=("person", "opened_at"),
                condition=Q(state=TaskState.OPEN),
                name="task_open_by_person",
            ),
            models.Index(
                fields=("escalate_at",),
                condition=Q(state=TaskState.OPEN, escalate_at__isnull=False),
                name="task_to_escalate",
            ),
        )

    def __str__(self) -> str:
        """Return who is asked."""
        return f"{self.request_id}: {self.person_id}"


class ApprovalDecision(models.Model):
    """What somebody did with a request; append-only."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="decisions")
    task = models.ForeignKey(
        ApprovalTask, models.PROTECT, null=True, related_name="decisions", db_index=False
    )
    kind = models.CharField(_("decision"), max_length=9, choices=DecisionKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # From the person asked to the actor, by delegations; empty where nobody was asked.
    way = ArrayField(models.BigIntegerField(), verbose_name=_("by way of"), default=list)
    # How far the actor's authority reached at that time.
    limit = amount_field(_("limit"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    # The day by which delegations were looked up, in the time zone of the installation.
    decided_on = models.DateField(_("day"), null=True)

    class Meta:
        verbose_name = _("approval decision")
        ordering = ("request", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("task",),
                condition=Q(kind__in=VERDICTS),
                name="task_is_decided_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=VERDICTS) | Q(task__isnull=False),
                name="decision_answers_a_task",
            ),
            models.UniqueConstraint(
                fields=("request",),
                condition=Q(kind=DecisionKind.UNAPPROVE),
                name="approval_is_taken_back_once",
            ),
        )
        indexes = (models.Index(fields=("actor", "id"), name="decision_by_actor"),)

    def __str__(self) -> str:
        """Return who did what."""
        return f"{self.actor_id}: {self.kind}"
