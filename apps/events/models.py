r"""Events: written with the change that they tell of, in the same transaction.

    OutboxEvent --relay: position, signature--> OutboxEvent --deliver--> effect + InboxEvent
                                                          \____________> TroubledDelivery

An event is written once and never changes; the relay adds what was open: its place in its
partition and the signature. A consumer goes through the positions of each partition by a
cursor of its own. That an event had its effect is kept in the inbox, in the transaction of
the effect: a delivery may be made twice, its effect comes once. What failed stands aside
with all that came later under the same key, and everything else goes on.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.events.words import Flaw, Topic


class OutboxEvent(models.Model):
    """One event; `partition` follows from `key`, `number` is the order of writing.

    `position` counts the events of a partition without a gap from 1, once they are relayed.
    """

    event_id = models.UUIDField(_("event"), primary_key=True)
    number = models.BigIntegerField(
        db_default=Func(Value("events_number"), function="nextval"), editable=False
    )
    topic = models.CharField(_("topic"), max_length=40, choices=Topic)
    key = models.CharField(_("key"), max_length=100)
    partition = models.SmallIntegerField(_("partition"))
    # No foreign key in the database: what is told of lies in the same transaction.
    organization = models.ForeignKey(
        "organizations.Organization",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    body = models.TextField(_("body"))
    checksum = models.BinaryField()
    trace_id = models.CharField(_("trace"), max_length=32, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    key_id = models.CharField(_("signed with"), max_length=20, blank=True)
    signature = models.BinaryField(null=True)
    position = models.BigIntegerField(_("position"), null=True)
    relayed_at = models.DateTimeField(_("relayed"), null=True)

    class Meta:
        verbose_name = _("event")
        # Each constraint and index, even one that a row does not come into, is paid for by
        # every posting.
        constraints = (
            models.UniqueConstraint(
                fields=("partition", "position"),
                condition=~Q(position=None),
                name="event_position_is_unique",
            ),
        )
        indexes = (
            models.Index(
                fields=("partition", "number"),
                condition=Q(position=None),
                name="event_waits_for_relay",
            ),
            # Summaries of some hundred rows each: a posting pays next to nothing for them.
            BrinIndex(
                fields=("key",),
                name="event_of_key",
                opclasses=("text_bloom_ops",),
                autosummarize=True,
                pages_per_range=32,
            ),
        )

    def __str__(self) -> str:
        """Return topic and key."""
        return f"{self.topic} {self.key}"

    def get_absolute_url(self) -> str:
        """Return the page of the event."""
        return reverse("events:event_detail", args=(self.pk,))

    @property
    def trace_parent(self) -> str:
        """The event as a parent in the sense of W3C's `traceparent`, "" without a trace."""
        return f"00-{self.trace_id}-{self.event_id.hex[-16:]}-01" if self.trace_id else ""


class EventPartition(models.Model):
    """How far a partition has been relayed; whoever relays it holds its row."""

    number = models.SmallIntegerField(primary_key=True)
    last_position = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("partition")

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)


class EventPurge(models.Model):
    """A batch of old events that were let go; written by the purge alone, for ever.

    `checksum` is SHA-256 over id and checksum of each, in the order of positions. Some between
    the two positions may have stayed, being in trouble, so `count` may be less than their span.
    """

    partition = models.SmallIntegerField(_("partition"))
    first_position = models.BigIntegerField(_("from"))
    last_position = models.BigIntegerField(_("to"))
    count = models.PositiveIntegerField(_("count"))
    by_topic = models.JSONField(_("topics"))
    checksum = models.BinaryField()
    kept_from = models.DateTimeField(_("kept from"))
    purged_at = models.DateTimeField(_("when"))
    # The transaction of PostgreSQL, for the guard of the outbox.
    made_in = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name = _("purge of events")

    def __str__(self) -> str:
        """Return partition and positions."""
        return f"{self.partition}: {self.first_position} – {self.last_position}"


class ConsumerCursor(models.Model):
    """How far a consumer got in a partition; whoever delivers holds its row.

    `tries` counts deliveries that began since one came to its end: a process that dies over
    an event again and again is noticed by it.
    """

    consumer = models.CharField(_("consumer"), max_length=40)
    partition = models.SmallIntegerField(_("partition"))
    position = models.BigIntegerField(_("position"), default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    # What Prometheus is told: see services/tally.py.
    delivered = models.BigIntegerField(db_default=0)
    retried = models.BigIntegerField(db_default=0)
    dead = models.BigIntegerField(db_default=0)
    quarantined = models.BigIntegerField(db_default=0)
    delay_ms = models.BigIntegerField(db_default=0)
    delays = ArrayField(models.BigIntegerField(), db_default=[0] * 10)

    class Meta:
        verbose_name = _("consumer")
        constraints = (
            models.UniqueConstraint(
                fields=("consumer", "partition"), name="cursor_is_one_for_each_partition"
            ),
        )

    def __str__(self) -> str:
        """Return consumer, partition and position."""
        return f"{self.consumer}/{self.partition}: {self.position}"


class InboxEvent(models.Model):
    """That an event had its effect at a consumer."""

    pk = models.CompositePrimaryKey("consumer", "event_id")
    consumer = models.CharField(_("consumer"), max_length=40)
    event_id = models.UUIDField(_("event"))
    delivered_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("delivered event")

    def __str__(self) -> str:
        """Return consumer and event."""
        return f"{self.consumer}: {self.event_id}"


class TroubledDelivery(models.Model):
    """An event that could not be delivered to a consumer, or waits behind such a one.

    The first of a key is retried (or dead, or in quarantine); the later ones wait for it.
    """

    class State(models.TextChoices):
        RETRYING = "retrying", _("is tried again")
        WAITING = "waiting", _("waits for an earlier one")
        DEAD = "dead", _("dead letter")
        QUARANTINED = "quarantined", _("in quarantine")
        DELIVERED = "delivered", _("delivered")
        DISCARDED = "discarded", _("discarded")

    # These keep the later events of their key waiting.
    OPEN: ClassVar[tuple[str, ...]] = (
        State.RETRYING,
        State.WAITING,
        State.DEAD,
        State.QUARANTINED,
    )

    consumer = models.CharField(_("consumer"), max_length=40)
    event = models.ForeignKey(OutboxEvent, models.PROTECT, related_name="troubles")
    organization = models.ForeignKey(
        "organizations.Organization",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    partition = models.SmallIntegerField(_("partition"))
    key = models.CharField(_("key"), max_length=100)
    position = models.BigIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=12, choices=State)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    flaw = models.CharField(_("flaw"), max_length=12, choices=Flaw, blank=True)
    error = models.TextField(_("error"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("since"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("troubled delivery")
        constraints = (
            models.UniqueConstraint(
                fields=("consumer", "event"), name="trouble_is_one_for_each_delivery"
            ),
        )
        indexes = (
            models.Index(
                fields=("consumer", "partition", "position"),
                condition=Q(state__in=("retrying", "waiting", "dead", "quarantined")),
                name="trouble_is_open",
            ),
        )

    def __str__(self) -> str:
        """Return consumer and event."""
        return f"{self.consumer}: {self.event_id}"
