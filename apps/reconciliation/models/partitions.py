"""The partitions of a large run, and the files that its tasks hand to each other."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.runs import ReconciliationRun


class RunPartition(models.Model):
    """All rows of a run whose references have the same hash; one task for one worker.

    `facts` are what went in and what was found: totals, counts and outcomes, which the last
    task adds up. A worker that dies is replaced after its lease, as for runs.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")

    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="partitions")
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    facts = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("partition of a run")
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="partition_is_there_once"),
        )
        indexes = (
            models.Index(
                fields=("run",),
                condition=models.Q(state="waiting"),
                name="partition_waiting",
            ),
        )

    def __str__(self) -> str:
        """Return run and number."""
        return f"{self.run_id}.{self.number}"


class RunFile(models.Model):
    """A block of a file that one task of a run leaves for another one, on whatever machine.

    Number 0 is of the whole run, others of a partition. The files go when the run ends.
    """

    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=40)
    block = models.PositiveIntegerField(_("block"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("file of a run")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "number", "name", "block"), name="block_is_there_once"
            ),
        )

    def __str__(self) -> str:
        """Return run, number and name."""
        return f"{self.run_id}.{self.number} {self.name} {self.block}"
