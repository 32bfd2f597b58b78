"""Flows by version, their steps, and delegations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.approvals.domain.people import Handover
from apps.approvals.domain.steps import Step
from apps.approvals.words import (
    FlowState,
    Resolver,
    SkipRule,
    StepRule,
    SubjectKind,
)
from apps.core.models import VersionedModel
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from datetime import date


def amount_field(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of an amount in a base currency."""
    return models.DecimalField(label, max_digits=20, decimal_places=4, **options)


class ApprovalFlow(VersionedModel):
    """One version of the way that subjects of a kind take; fixed once it is active.

    A flow of a ledger or a department beats the flow of the whole organization.
    """

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="approval_flows"
    )
    subject_kind = models.CharField(_("subject"), max_length=20, choices=SubjectKind)
    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, null=True, related_name="+"
    )
    # What the rollout chooses between: v1, v2, …
    word = models.SlugField(_("version of the flow"), max_length=20)
    state = models.CharField(
        _("state"), max_length=7, choices=FlowState, default=FlowState.DRAFT
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("approval flow")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "subject_kind", "ledger", "department", "word"),
                condition=Q(state=FlowState.ACTIVE),
                nulls_distinct=False,
                name="flow_is_active_once",
            ),
        )

    def __str__(self) -> str:
        """Return the version as people call it."""
        return self.word


class FlowStep(models.Model):
    """A step of a flow; written with it, and never changed."""

    flow = models.ForeignKey(ApprovalFlow, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=80)
    rule = models.CharField(_("rule"), max_length=6, choices=StepRule, default=StepRule.ANY)
    needed = models.PositiveSmallIntegerField(_("people needed"), default=1)
    above = amount_field(_("above"), null=True)
    up_to = amount_field(_("up to"), null=True)
    skip = models.CharField(
        _("skipped when"), max_length=11, choices=SkipRule, default=SkipRule.NEVER
    )
    resolver = models.CharField(_("who is asked"), max_length=15, choices=Resolver)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    # Whose owners are asked; null: those of every dimension.
    dimension = models.ForeignKey(
        "ledgers.DimensionType", models.PROTECT, null=True, related_name="+"
    )
    # Asked only where the credit of a counterparty is not certainly good.
    checks_credit = models.BooleanField(
        _("only when credit is in doubt"), default=False, db_default=False
    )
    # Hours of the clock from the moment that a task is opened.
    sla_hours = models.PositiveSmallIntegerField(_("due within hours"), null=True)
    escalate_after = models.PositiveSmallIntegerField(_("escalated after hours"), null=True)
    escalate_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    escalate_role = models.CharField(_("escalated to"), max_length=20, choices=Role, blank=True)

    class Meta:
        verbose_name = _("step of a flow")
        ordering = ("flow", "number", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(escalate_after=None, escalate_to=None, escalate_role="")
                    | Q(escalate_after__gte=1, escalate_to__isnull=False, escalate_role="")
                    | Q(escalate_after__gte=1, escalate_to=None) & ~Q(escalate_role="")
                ),
                name="step_says_to_whom_it_escalates",
            ),
            models.CheckConstraint(
                condition=Q(dimension=None) | Q(resolver=Resolver.DIMENSION_OWNER),
                name="step_asks_owners_of_its_dimension",
            ),
            models.CheckConstraint(
                condition=Q(sla_hours=None) | Q(sla_hours__gte=1),
                name="step_is_due_after_an_hour_at_least",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, needed__gte=1), name="step_needs_somebody"
            ),
            models.CheckConstraint(
                condition=Q(above=None) | Q(up_to=None) | Q(above__lt=F("up_to")),
                name="step_band_is_not_empty",
            ),
            models.CheckConstraint(
                condition=(
                    Q(resolver=Resolver.USER, person__isnull=False, role="")
                    | Q(resolver=Resolver.ROLE, person=None) & ~Q(role="")
                    | Q(
                        resolver__in=(
                            Resolver.DEPARTMENT_HEAD,
                            Resolver.AUTHORITY,
                            Resolver.DIMENSION_OWNER,
                        ),
                        person=None,
                        role="",
                    )
                ),
                name="step_says_whom_it_asks",
            ),
        )

    def __str__(self) -> str:
        """Return the name; that of a shipped step in the reader's language."""
        return gettext(self.name) if self.name else ""

    def facts(self) -> Step:
        """Return the step as the domain reads it."""
        return Step(
            id=self.pk,
            number=self.number,
            rule=StepRule(self.rule),
            needed=self.needed,
            above=self.above,
            up_to=self.up_to,
            skip=SkipRule(self.skip),
        )


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Reads of delegations."""

    def in_force_on(self, day: date) -> DelegationQuerySet:
        """Return the delegations that count on a day."""
        return self.filter(revoked_at=None, starts_on__lte=day, ends_on__gte=day)


class Delegation(VersionedModel):
    """One person decides for another, from the first to the last day, up to a limit."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="delegations"
    )
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations_given"
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations_taken"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    limit = amount_field(_("limit"), null=True)
    reason = models.CharField(_("reason"), max_length=500)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    history = HistoricalRecords()

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        constraints = (
            models.CheckConstraint(
                condition=~Q(giver=F("taker")), name="delegation_is_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="delegation_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=0),
                name="delegation_limit_is_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Return who decides for whom."""
        return f"{self.giver_id}: {self.taker_id}"

    def facts(self) -> Handover:
        """Return the delegation as the domain reads it."""
        return Handover(self.giver_id, self.taker_id, self.starts_on, self.ends_on, self.limit)
