"""The operation log: one row for each row that changed, written by triggers.

    operation 1 ──* OperationLog    (operation_id groups what one operation touched)

`before` and `after` are the row as JSON, with secrets left out: the whole row of an insert
(after) or a delete (before), and of an update the columns that changed. The table is
append-only: PostgreSQL refuses UPDATE, DELETE and TRUNCATE of it. Changes made past the
application appear too, with the database user and without an actor.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.operation_words import label_of

if TYPE_CHECKING:
    from apps.organizations.models import User


class ExactDecoder(json.JSONDecoder):
    """Read numbers as decimals: an amount in the log is the amount in the books."""

    def __init__(self, **options: Any) -> None:
        """Keep every other option."""
        super().__init__(**(options | {"parse_float": Decimal}))


class OperationLogQuerySet(models.QuerySet["OperationLog"]):
    """Reads of the operation log."""

    def of_resource(self, resource_type: str, resource_id: int) -> OperationLogQuerySet:
        """Return the log of one row, oldest first."""
        return self.filter(resource_type=resource_type, resource_id=str(resource_id)).order_by(
            "id"
        )

    def seen_by(self, user: User) -> OperationLogQuerySet:
        """Return the log of the user's organization."""
        return self.filter(organization_id=user.organization_id or 0)

    def security_events(self) -> OperationLogQuerySet:
        """Return what concerns access: people, roles, sign-ins."""
        return self.filter(
            resource_type__in=("organizations_user", "organizations_roleassignment", "session")
        )


class OperationLog(models.Model):
    """One changed row."""

    class Action(models.TextChoices):
        INSERT = "insert", _("created")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")
        EVENT = "event", _("happened")

    operation_id = models.UUIDField(null=True)
    kind = models.CharField(_("operation"), max_length=60)
    action = models.CharField(_("action"), max_length=10, choices=Action)
    # No foreign-key constraints: the log must accept every row whatever else happens, and
    # users and organizations are never deleted.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    organization = models.ForeignKey(
        "organizations.Organization",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    resource_type = models.CharField(_("table"), max_length=63)
    resource_id = models.CharField(_("row"), max_length=40)
    before = models.JSONField(
        _("before"), null=True, encoder=DjangoJSONEncoder, decoder=ExactDecoder
    )
    after = models.JSONField(
        _("after"), null=True, encoder=DjangoJSONEncoder, decoder=ExactDecoder
    )
    reason = models.TextField(_("reason"), blank=True)
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    database_user = models.CharField(_("database user"), max_length=63)
    at = models.DateTimeField(_("when"))

    objects = OperationLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("operation")
        indexes = (
            models.Index(
                fields=("resource_type", "resource_id"), name="operation_log_resource"
            ),
            models.Index(
                fields=("trace_id",),
                name="operation_log_trace",
                condition=~models.Q(trace_id=""),
            ),
            BrinIndex(fields=("at",), name="operation_log_at"),
        )

    def __str__(self) -> str:
        """Return what happened to which row."""
        return f"{self.kind} {self.resource_type} {self.resource_id}"

    @property
    def kind_label(self) -> str:
        """What was done, in the reader's language."""
        return label_of(self.kind)
