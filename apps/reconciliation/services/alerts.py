r"""Watching channels: an alert opens once, closes by itself, and people acknowledge it.

measured > threshold → open ─ acknowledge_alert → acknowledged
                         \__ measured well again __/→ closed
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.core.public_network import NotPublic, check_public_url
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.organizations.services.people import system_user_of
from apps.reconciliation.domain.watching import Reading, fall_of
from apps.reconciliation.errors import AlertIsClosed, UnsafeAddress
from apps.reconciliation.models import Alert, AlertNotice, AlertThresholds, AlertWebhook
from apps.reconciliation.services.alert_facts import ChannelFacts, facts_of
from apps.reconciliation.words import AlertKind, AlertState, TellBy
from apps.statements.models import Channel, SourceKind

if TYPE_CHECKING:
    from apps.organizations.models import User

MINUTE, HOUR = 60, 3_600
# A value that is worse by less is not worth a row of history.
_WORSE = Decimal("1.1")
_TOLD_BY_FILES = (SourceKind.BANK, SourceKind.PROVIDER, SourceKind.EXPORT)
log = structlog.get_logger(__name__)


def thresholds_of(channel: Channel) -> AlertThresholds:
    """Return what a channel's values may be: what was set, else the defaults."""
    found = AlertThresholds.objects.filter(channel=channel).first()
    return found or AlertThresholds(channel=channel, version=0)


def save_thresholds(
    channel: Channel, *, version: int, actor: User, **values: Any
) -> AlertThresholds:
    """Set what a channel's values may be; `version` is 0 while the defaults hold.

    Raises:
        Forbidden: the actor may not write rules.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    with operation("alert_thresholds.save", actor=actor):
        found = AlertThresholds.objects.filter(channel=channel).first()
        if found is not None:
            return found.update_versioned(
                actor=actor, reason="change", expected_version=version, **values
            )
        try:
            with transaction.atomic():
                return AlertThresholds.create_versioned(actor=actor, channel=channel, **values)
        except IntegrityError as error:
            raise StaleVersion(what=AlertThresholds._meta.verbose_name) from error


def acknowledge_alert(alert: Alert, *, version: int, note: str, actor: User) -> Alert:
    """Say that somebody looks after an alert; it is not told again, and closes by itself.

    Raises:
        Forbidden: the actor does not work on reconciliation.
        AlertIsClosed: the value is good again.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    if alert.state == AlertState.CLOSED:
        raise AlertIsClosed
    with operation("alert.acknowledge", actor=actor, reason=note):
        return alert.update_versioned(
            actor=actor,
            reason=note,
            expected_version=version,
            state=AlertState.ACKNOWLEDGED,
            acknowledged_by=actor,
            acknowledged_at=timezone.now(),
            note=clean_text(note, field="note"),
        )


def watch_channels(now: datetime | None = None) -> int:
    """Measure all active channels and open and close alerts; return how many changed.

    Safe to run twice and beside itself: the database keeps one alert of a kind open.
    """
    now = now or timezone.now()
    channels = list(
        Channel.objects.filter(is_active=True)
        .select_related("organization", "alert_thresholds")
        .order_by("pk")
    )
    facts = facts_of(channels)
    is_open = {(one.channel_id, one.kind): one for one in _open_alerts()}
    changed = 0
    for channel in channels:
        for reading in readings_of(channel, facts[channel.pk], now):
            try:
                changed += _follow(
                    channel, reading, is_open.get((channel.pk, reading.kind)), now
                )
            except (IntegrityError, StaleVersion):
                log.info("alert is elsewhere", channel=channel.pk, kind=reading.kind)
    return changed


def _open_alerts() -> list[Alert]:
    return list(Alert.objects.exclude(state=AlertState.CLOSED))


def readings_of(channel: Channel, facts: ChannelFacts, now: datetime) -> list[Reading]:
    """Return what is measured of a channel, beside what it may be; nothing if unwatched."""
    limits = getattr(channel, "alert_thresholds", None) or AlertThresholds(channel=channel)
    newest = facts.runs[0] if facts.runs else None
    found: dict[AlertKind, tuple[Decimal | None, Any]] = {
        AlertKind.EVENTS: (_seconds(facts.oldest_event, now), limits.event_minutes * MINUTE),
        AlertKind.LIVE: (_seconds(facts.oldest_open, now), limits.live_hours * HOUR),
        AlertKind.BREAKS: (newest.break_share if newest else None, limits.break_share),
        AlertKind.FALL: (fall_of(facts.runs), limits.match_fall),
        AlertKind.RISK: (facts.at_risk, limits.at_risk),
        AlertKind.FAILED: (Decimal(facts.has_failed), 0),
        AlertKind.SCHEDULE: (Decimal(facts.is_refused), 0),
    }
    if channel.source_kind in _TOLD_BY_FILES:
        last = facts.last_day or timezone.localtime(channel.created_at).date()
        days = Decimal((timezone.localtime(now).date() - last).days)
        found[AlertKind.STATEMENT] = (days, limits.statement_days)
        found[AlertKind.GAP] = (Decimal(facts.gaps), 0)
    if not limits.is_watched:
        found = {kind: (Decimal(0), 0) for kind in found}
    return [Reading(kind, value, Decimal(limit)) for kind, (value, limit) in found.items()]


def _seconds(since: datetime | None, now: datetime) -> Decimal:
    """Return how old something is; nothing is as good as new."""
    return Decimal(max((now - since).total_seconds(), 0) if since else 0).quantize(Decimal(1))


def _follow(channel: Channel, reading: Reading, alert: Alert | None, now: datetime) -> bool:
    """Open, worsen or close the alert of a reading; say whether it opened or closed."""
    if reading.value is None or (alert is None and not reading.is_bad):
        return False
    system = system_user_of(channel.organization)
    with operation("alert.watch", actor=system):
        if alert is None:
            _open(channel, reading, system, now)
        elif not reading.is_bad:
            alert.update_versioned(
                actor=system, reason="good again", expected_version=alert.version,
                state=AlertState.CLOSED, closed_at=now,
            )  # fmt: skip
            _give_notice(alert, now, is_closing=True)
        elif reading.value >= alert.worst * _WORSE:
            alert.update_versioned(
                actor=system, reason="worse", expected_version=alert.version,
                worst=reading.value,
            )  # fmt: skip
            return False
        else:
            return False
    return True


def _open(channel: Channel, reading: Reading, system: User, now: datetime) -> None:
    assert reading.value is not None  # noqa: S101  (`_follow` asks for it)
    alert = Alert.create_versioned(
        actor=system,
        organization_id=channel.organization_id,
        channel=channel,
        kind=reading.kind,
        value=reading.value,
        worst=reading.value,
        threshold=reading.threshold,
        opened_at=now,
    )
    _give_notice(alert, now, is_closing=False)


def _give_notice(alert: Alert, now: datetime, *, is_closing: bool) -> None:
    """Write who is to be told; mail tells of what begins, the webhook of both."""
    ways = [] if is_closing else [TellBy.MAIL]
    if AlertWebhook.objects.filter(organization=alert.organization_id, is_active=True).exists():
        ways.append(TellBy.WEBHOOK)
    AlertNotice.objects.bulk_create(
        AlertNotice(alert=alert, by=way, is_closing=is_closing, next_try_at=now) for way in ways
    )


def save_webhook(*, url: str, is_active: bool, version: int, actor: User) -> AlertWebhook:
    """Set where the alerts of the actor's organization are posted to.

    Raises:
        Forbidden: the actor is no administrator.
        UnsafeAddress: it is not https, or no public server.
        StaleVersion: somebody else was faster.
    """
    require(actor, Permission.EVENT_MANAGE)
    try:
        check_public_url(url)
    except NotPublic as error:
        raise UnsafeAddress(field="url") from error
    values: dict[str, Any] = {"url": url, "is_active": is_active}
    with operation("alert_webhook.save", actor=actor):
        found = AlertWebhook.objects.filter(organization=actor.organization_id).first()
        if found is not None:
            return found.update_versioned(
                actor=actor, reason="change", expected_version=version, **values
            )
        try:
            with transaction.atomic():
                return AlertWebhook.create_versioned(
                    actor=actor, organization_id=actor.organization_id, **values
                )
        except IntegrityError as error:
            raise StaleVersion(what=AlertWebhook._meta.verbose_name) from error
