"""The topics that there are, and into how many partitions their keys fall."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# As in `events_partition_of` of the database. Another number needs a migration, and that
# everything written before has been relayed: a key must not change its partition on the way.
PARTITIONS = 8


class Topic(TextChoices):
    """What events tell of; docs/events.md says what stands in their bodies."""

    ENTRY_POSTED = "journal_entry.posted", _("entry posted")
    ENTRY_REVERSED = "journal_entry.reversed", _("entry reversed")
    TRANSACTION_COMPLETED = "transaction.completed", _("money moved")
    RATE_CONFIRMED = "fx_rate.confirmed", _("rate confirmed")
    APPROVAL_DECIDED = "approval.decided", _("request decided")
    RECONCILIATION_FINISHED = "reconciliation.finished", _("reconciliation finished")


class Flaw(TextChoices):
    """Why an event is not what was written."""

    CHECKSUM = "checksum", _("the body does not match its checksum")
    SIGNATURE = "signature", _("the signature is wrong")
    UNKNOWN_KEY = "unknown_key", _("signed with a key that nobody here has")
    UNSIGNED = "unsigned", _("not signed")
    BODY = "body", _("the body is not an object without fractions")
