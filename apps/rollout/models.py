"""Flags that are rolled out by department.

    Organization 1 ──* Flag 1 ──* FlagOverride *── 1 Department
                            1 ──* RampStep
                            1 ──* FlagExposure *── 1 Department

A flag and what hangs on it change together: every change writes the next version of the flag,
with its kind and its reason, so that the history of the flag is the history of the rollout.
Nothing is deleted; PostgreSQL refuses it, and a change without a reason too.

The model stands in for waffle's own (`WAFFLE_FLAG_MODEL`), so that waffle's decorators and
template tags ask it. What waffle decides by (cookies, query, headers, superusers, chance) is
never asked: its columns hold nothing, and PostgreSQL keeps it so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from waffle.models import AbstractUserFlag

from apps.core.models import VersionedModel
from apps.rollout.words import (
    FLAG_TITLES,
    ChangeKind,
    OverrideMode,
    Reason,
    RolloutState,
    StepState,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from apps.organizations.models import Department
    from apps.rollout.domain.buckets import Choice

EVERYBODY = 100
# Waffle's columns and what they hold for ever.
WAFFLE_AT_REST = Q(
    everyone=None,
    testing=False,
    superusers=False,
    staff=False,
    authenticated=False,
    rollout=False,
    languages="",
)


@dataclass(slots=True)
class WaffleDoor:
    """How waffle gets the answers of `services.decisions`: rows know no services.

    The app's configuration fills it in.
    """

    choose: Callable[[str, Department | None], Choice] = field(init=False)


waffle_door = WaffleDoor()


def percent_field(label: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of per cent with two decimals, 0 to 100."""
    return models.DecimalField(label, max_digits=5, decimal_places=2, **options)


class FlagQuerySet(models.QuerySet["Flag"]):
    """Reads of flags."""

    def moving(self) -> FlagQuerySet:
        """Return the flags whose ramp goes on by itself."""
        return self.filter(is_killed=False, is_ramp_halted=False)

    def with_steps_planned(self) -> FlagQuerySet:
        """Return the flags that have a step to take."""
        planned = RampStep.objects.filter(state=StepState.PLANNED)
        return self.filter(pk__in=planned.values("flag"))


class Flag(VersionedModel, AbstractUserFlag):
    """How far something new has come in one organization."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="flags"
    )
    name = models.SlugField(_("flag"), max_length=100)
    percent = percent_field(_("share of the departments, in per cent"), default=0)
    is_killed = models.BooleanField(_("stopped"), default=False)
    is_ramp_halted = models.BooleanField(_("ramp halted"), default=False)
    # Breaches of the guardrail, as `domain.guardrail.Breach` in texts.
    halt_detail = models.JSONField(_("why the ramp was halted"), default=list)
    # The guardrail: None is not watched; below the least number nothing is concluded.
    guard_rejection_percent = percent_field(
        _("most rejections, in per cent"), null=True, blank=True
    )
    guard_reversal_percent = percent_field(
        _("most reversals after posting, in per cent"), null=True, blank=True
    )
    guard_p90_hours = models.DecimalField(
        _("longest 90 % take, in hours"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    guard_least_requests = models.PositiveIntegerField(
        _("decided requests before the guardrail judges"), default=30
    )
    change_kind = models.CharField(_("last change"), max_length=10, choices=ChangeKind)
    change_reason = models.CharField(_("reason of the last change"), max_length=500)
    # What the kind does not say, for people: {"department": "Legal", "mode": "on"} and such.
    change_detail = models.JSONField(_("detail of the last change"), default=dict)
    superusers = models.BooleanField(default=False, editable=False)
    created = None  # type: ignore[assignment]  # VersionedModel has both
    modified = None  # type: ignore[assignment]
    history = HistoricalRecords()

    objects = FlagQuerySet.as_manager()  # type: ignore[assignment, misc]  # not waffle's

    class Meta:
        verbose_name = _("rollout")
        ordering = ("organization", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "name"), name="flag_name_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="flag_percent_is_a_share"
            ),
            models.CheckConstraint(
                condition=~Q(change_reason=""), name="flag_change_has_a_reason"
            ),
            models.CheckConstraint(condition=WAFFLE_AT_REST, name="flag_leaves_waffle_at_rest"),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page of the flag."""
        return reverse("rollout:flag_detail", args=(self.name,))

    @property
    def title(self) -> str:
        """Return what the flag turns on, in the reader's language."""
        return str(FLAG_TITLES.get(self.name, self.name))

    @property
    def state(self) -> RolloutState:
        """Return how it stands; what stops more is said first."""
        if self.is_killed:
            return RolloutState.STOPPED
        if self.is_ramp_halted:
            return RolloutState.HALTED
        return RolloutState.COMPLETE if self.percent == EVERYBODY else RolloutState.LIVE

    @classmethod
    def get(cls, name: str) -> Flag:
        """Return a flag for waffle's functions: a bare name, which `is_active` decides."""
        return cls(name=name)

    @classmethod
    def get_all(cls) -> list[Flag]:
        """Return no flag to waffle's JavaScript view: flags belong to organizations."""
        return []

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002  (waffle's signature)
        """Return what the department of the signed-in person gets; ask nothing else of it."""
        department = getattr(request.user, "department", None)
        return waffle_door.choose(self.name, department).is_on

    def flush(self) -> None:
        """Keep waffle's cache out of it: processes hear of changes from PostgreSQL."""


class FlagOverride(VersionedModel):
    """A department that is pinned to one flow, or was."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="overrides")
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, related_name="flag_overrides"
    )
    mode = models.CharField(_("mode"), max_length=6, choices=OverrideMode)
    pin_reason = models.CharField(_("reason"), max_length=500)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pinned department")
        constraints = (
            models.UniqueConstraint(
                fields=("flag", "department"), name="override_is_one_for_each_department"
            ),
            models.CheckConstraint(condition=~Q(pin_reason=""), name="override_has_a_reason"),
        )

    def __str__(self) -> str:
        """Return what is pinned to what."""
        return f"{self.department}: {self.get_mode_display()}"


class RampStep(VersionedModel):
    """A percentage and the day from which a flag has it, in the time zone of the installation.

    A step is taken once, by the beat task; a new schedule drops what was planned.
    """

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="steps")
    percent = percent_field(_("share of the departments, in per cent"))
    starts_on = models.DateField(_("from"))
    state = models.CharField(
        _("state"), max_length=7, choices=StepState, default=StepState.PLANNED
    )
    done_at = models.DateTimeField(_("done at"), null=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("step of a ramp")
        ordering = ("flag", "starts_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("flag", "starts_on"),
                condition=Q(state=StepState.PLANNED),
                name="ramp_has_one_step_a_day",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="step_percent_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(state=StepState.DONE, done_at__isnull=False)
                | ~Q(state=StepState.DONE) & Q(done_at=None),
                name="step_knows_when_it_was_done",
            ),
        )

    def __str__(self) -> str:
        """Return the step as people say it."""
        return f"{self.percent} %, {self.starts_on}"


class FlagExposure(models.Model):
    """One time that a flag decided something for real; append-only."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="exposures")
    flag_version = models.PositiveIntegerField(_("version"))
    department = models.ForeignKey(
        "organizations.Department", models.PROTECT, null=True, related_name="+"
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_on = models.BooleanField(_("on"))
    bucket = models.PositiveSmallIntegerField(_("bucket"), null=True)
    percent = percent_field(_("share of the departments, in per cent"))
    reason = models.CharField(_("why"), max_length=14, choices=Reason)
    subject_kind = models.SlugField(_("subject"), max_length=40)
    subject_id = models.CharField(_("key of the subject"), max_length=64)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exposure")
        constraints = (
            models.UniqueConstraint(
                fields=("flag", "subject_kind", "subject_id"),
                name="exposure_is_one_for_each_subject",
            ),
        )
        indexes = (models.Index(fields=("flag", "at"), name="exposure_by_day"),)

    def __str__(self) -> str:
        """Return what was decided for what."""
        return f"{self.flag} {self.subject_kind} {self.subject_id}"
