"""The closed lists of words of a rollout, and the flags that come with the application."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

FINANCIAL_APPROVAL_V2 = "financial-approval-v2"

# What every organization begins with: the share of its departments, in per cent.
SHIPPED_FLAGS = MappingProxyType({FINANCIAL_APPROVAL_V2: Decimal(15)})
# Reasons that the system gives; pages show them in the reader's language.
SHIPPED = gettext_noop("shipped with the application")
BY_SCHEDULE = gettext_noop("by the schedule")
BY_GUARDRAIL = gettext_noop("by the guardrail")
SYSTEM_REASONS = frozenset({SHIPPED, BY_SCHEDULE, BY_GUARDRAIL})
# What a flag turns on, as the pages say it.
FLAG_TITLES = MappingProxyType({
    FINANCIAL_APPROVAL_V2: _("Approval flow v2: credit check and parallel steps"),
})  # fmt: skip


class OverrideMode(models.TextChoices):
    """Which flow a department gets, whatever its bucket says."""

    FOLLOW = "follow", _("Follow bucket")
    ON = "on", _("Always v2")
    OFF = "off", _("Always v1")


class StepState(models.TextChoices):
    """Where a step of a ramp stands; `dropped` is one that another schedule replaced."""

    PLANNED = "planned", _("planned")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


class RolloutState(models.TextChoices):
    """How a rollout stands, for people."""

    STOPPED = "stopped", _("stopped")
    HALTED = "halted", _("ramp halted")
    COMPLETE = "complete", _("everybody has it")
    LIVE = "live", _("live")


class ChangeKind(models.TextChoices):
    """What the last change of a flag was."""

    CREATED = "created", _("created")
    PERCENT = "percent", _("share changed")
    RAMP = "ramp", _("step of the ramp taken")
    KILLED = "killed", _("stopped")
    REVIVED = "revived", _("started again")
    HALTED = "halted", _("ramp halted by the guardrail")
    RESUMED = "resumed", _("ramp resumed")
    OVERRIDE = "override", _("department pinned")
    SCHEDULE = "schedule", _("ramp planned")
    GUARDRAIL = "guardrail", _("guardrail changed")


class Reason(models.TextChoices):
    """Which rule decided what a department gets; the first that applies, in this order."""

    NO_DEPARTMENT = "no_department", _("No department")
    NO_FLAG = "no_flag", _("Not shipped")
    KILLED = "killed", _("Stopped")
    OVERRIDE = "override", _("Pinned")
    BUCKET = "bucket", _("Bucket")
