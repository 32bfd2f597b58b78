r"""Jobs: work that takes longer than a request.

    queued → running → done
        \________├──→ failed        nothing of the failed step was changed
                 └──→ cancelled     at the person's wish, between two steps

The state lives here, not in the queue: a worker that dies is replaced after its lease.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.identity import uuid7

# How long a job may wait for its first worker before somebody rings again.
PATIENCE = timedelta(seconds=30)


class Job(models.Model):
    """One piece of long work.

    `kind` names what does it (`services/kinds.py`), `parameters` are what it is about.
    `done_count` of `total_count` steps or rows are finished; `result` holds plain values.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED: ClassVar[tuple[str, ...]] = (State.QUEUED, State.RUNNING)

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    # What the job is about, as people call it, and the page that they came from.
    subject = models.CharField(_("subject"), max_length=200)
    subject_url = models.CharField(max_length=200, blank=True)
    # Only one unfinished job has this key: a second start finds the first one's job.
    exclusive_key = models.CharField(max_length=100)
    parameters = models.JSONField(default=dict)
    total_count = models.PositiveIntegerField(_("all"), default=0)
    done_count = models.PositiveIntegerField(_("done"), default=0)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=200, blank=True)
    # A FinanceError as JSON: code, values, text.
    failure = models.TextField(_("failure"), blank=True)
    # A claim of a worker ends at `lease_until`; `attempt` fences a late one off.
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    is_cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("job")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "exclusive_key"),
                condition=Q(state__in=("queued", "running")),
                name="job_runs_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        """Return kind and subject."""
        return f"{self.kind}: {self.subject}"

    def get_absolute_url(self) -> str:
        """Return the page of the job."""
        return reverse("jobs:job_detail", args=(self.public_id,))

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker is at it or should be."""
        return self.state in self.UNFINISHED

    @property
    def is_stuck(self) -> bool:
        """Whether a worker should be at work and none shows life."""
        expected = self.lease_until or self.created_at + PATIENCE
        return self.is_unfinished and expected < timezone.now()
