"""How the rows of a channel are matched, version by version, each tried before it is saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RuleSet(models.Model):
    """The rules of a channel; what they say stands in their versions."""

    channel = models.OneToOneField(
        "statements.Channel", models.PROTECT, related_name="rule_set"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("matching rules")

    def __str__(self) -> str:
        """Return the channel."""
        return str(self.channel)


class RuleSetVersion(models.Model):
    """One version: draft → active → retired, or draft → retired. What it says never changes.

    `passes` is a list in order and `options` says how references and days are read; both as
    domain/rules.py knows them. The rules that a channel starts with are activated by nobody;
    all others by another person than who wrote them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.DRAFT)
    passes = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    activated_at = models.DateTimeField(_("activated"), null=True)
    # Only the rules that a channel starts with were never tried.
    trial = models.ForeignKey(
        "reconciliation.RuleTrial", models.PROTECT, null=True, related_name="versions"
    )

    class Meta:
        verbose_name = _("version of matching rules")
        ordering = ("rule_set", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("rule_set", "number"), name="rules_have_one_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=("rule_set",),
                condition=Q(state="active"),
                name="rules_have_one_active_version",
            ),
            models.CheckConstraint(
                condition=Q(activated_by=None) | ~Q(activated_by=F("created_by")),
                name="rules_are_activated_by_another_person",
            ),
        )

    def __str__(self) -> str:
        """Return the number."""
        return f"v{self.number}"

    def get_absolute_url(self) -> str:
        """Return the page of the version."""
        code = self.rule_set.channel.code
        return reverse("reconciliation:rule_detail", args=(code, self.number))


class RuleTrial(models.Model):
    """What rules would do with a sample of the channel's rows: waiting → done.

    The rules are written here first; `digest` is SHA-256 of them. `baseline` was active then
    and is compared with. `from_on` and `to_on` are the days that were asked for; `result` says
    which rows took part and what became of them (services/rule_comparing.py). Nothing of it
    counts: no result of a run is touched.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("trial", "waiting")
        DONE = "done", _("done")

    channel = models.ForeignKey(
        "statements.Channel", models.PROTECT, related_name="rule_trials"
    )
    baseline = models.ForeignKey(RuleSetVersion, models.PROTECT, related_name="trials")
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    passes = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=500)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("until"))
    result = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("trial of matching rules")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(from_on__lte=F("to_on")), name="rule_trial_begins_before_it_ends"
            ),
        )
        indexes = (models.Index(fields=("channel", "digest"), name="rule_trial_by_digest"),)

    def __str__(self) -> str:
        """Return the number."""
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page of the trial."""
        return reverse("reconciliation:rule_trial_detail", args=(self.channel.code, self.pk))
