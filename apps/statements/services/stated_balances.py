"""State the balance of a channel by hand: wallets tell none in their bills.

    state ─▶ version 1 ─▶ correct: version 2 … ─▶ take back: a version without a balance

Each version stays, with who said it, why, and the evidence that was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone

from apps.core.errors import InvalidAmount, StaleVersion
from apps.core.files import checked_file, store_file
from apps.core.money import has_scale_of, minor_digits
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.statements.database_errors import refusals_in_words
from apps.statements.errors import (
    BalanceDayIsToCome,
    BalancesAreTold,
    EvidenceIsMissing,
    StatedReasonIsMissing,
)
from apps.statements.models import Channel, StatedBalance
from apps.statements.services.overlap import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from apps.organizations.models import User

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says: the balance at the end of a day, why, and what shows it."""

    at_on: date
    balance: Decimal
    reason: str
    evidence: UploadedFile[Any] | None = None


def state_balance(channel: Channel, said: Said, *, version: int, actor: User) -> StatedBalance:
    """State a balance at the end of a day, or correct it at the version that the actor saw.

    `version` is 0 where the actor saw none. A correction without evidence keeps the old one.

    Raises:
        Forbidden: the actor's roles do not allow it.
        BalanceDayIsToCome, InvalidAmount, StatedReasonIsMissing, EvidenceIsMissing: it is not
            whole.
        FileIsTooLarge, FileTypeIsRefused: the evidence cannot be taken.
        StaleVersion: somebody else said something of that day meanwhile.
        BalancesAreTold, BalanceIsSigned: nothing is stated of that day any more.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    if said.at_on > timezone.localdate():
        raise BalanceDayIsToCome(field="at_on")
    if not has_scale_of(said.balance, channel.currency_id):
        raise InvalidAmount(
            field="balance",
            text=said.balance,
            digits=minor_digits(channel.currency_id),
            currency=channel.currency_id,
        )
    reason = _reason(said.reason)
    file = checked_file(said.evidence) if said.evidence else None
    with operation("balance.state", actor=actor, reason=reason), refusals_in_words():
        before = _before(channel, said.at_on, version)
        values = {
            "channel": channel, "at_on": said.at_on, "version": version + 1,
            "balance": said.balance, "reason": reason, "stated_by": actor,
        }  # fmt: skip
        if file is not None:
            return cast("StatedBalance", store_file(StatedBalance, file, **values))
        if before is None or not before.sha256:
            raise EvidenceIsMissing(field="file")
        return StatedBalance.objects.create(**values, **_evidence_of(before))


def take_back_balance(
    stated: StatedBalance, *, reason: str, version: int, actor: User
) -> StatedBalance:
    """Say that a stated balance counts no longer; it stays to be read.

    Raises:
        Forbidden, StatedReasonIsMissing: the actor may not, or says no reason.
        StaleVersion, BalanceIsSigned: as for `state_balance`.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    reason = _reason(reason)
    with operation("balance.take_back", actor=actor, reason=reason), refusals_in_words():
        before = _before(stated.channel, stated.at_on, version)
        if before is None or before.balance is None:
            raise StaleVersion(what=StatedBalance._meta.verbose_name)
        return StatedBalance.objects.create(
            channel=stated.channel,
            at_on=stated.at_on,
            version=version + 1,
            reason=reason,
            stated_by=actor,
        )


def tells_balances(channel: Channel) -> bool:
    """Say whether files of a channel told balances: then nobody states any."""
    return parts_of(channel).filter(closing_balance__isnull=False).exists()


def stated_of(channel: Channel) -> QuerySet[StatedBalance]:
    """Return what counts of a channel, the newest day first."""
    rows = StatedBalance.objects.filter(channel=channel).current()
    return rows.select_related("stated_by", "channel")


def versions_of(stated: StatedBalance) -> QuerySet[StatedBalance]:
    """Return all that was said of a day, the newest first."""
    rows = StatedBalance.objects.filter(channel=stated.channel_id, at_on=stated.at_on)
    return rows.select_related("stated_by", "channel").order_by("-version")


def stated_by_keys(keys: Iterable[int]) -> list[StatedBalance]:
    """Return stated balances by their keys, the oldest day first."""
    rows = StatedBalance.objects.filter(pk__in=list(keys)).order_by("at_on")
    return list(rows.select_related("stated_by", "channel"))


def _before(channel: Channel, at_on: date, version: int) -> StatedBalance | None:
    """Return the newest version of a day, which is the one that was seen."""
    # Files of the channel are imported under the same lock.
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if tells_balances(channel):
        raise BalancesAreTold(field="at_on")
    rows = StatedBalance.objects.filter(channel=channel, at_on=at_on)
    before = rows.order_by("-version").first()
    if (before.version if before else 0) != version:
        raise StaleVersion(field="at_on", what=StatedBalance._meta.verbose_name)
    return before


def _evidence_of(before: StatedBalance) -> dict[str, Any]:
    columns = ("filename", "content_type", "size", "sha256", "file")
    return {name: getattr(before, name) for name in columns}


def _reason(reason: str) -> str:
    text = clean_text(reason, field="reason").strip()[:_LONGEST]
    if not text:
        raise StatedReasonIsMissing(field="reason")
    return text
