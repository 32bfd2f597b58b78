"""Alerts as pages and mails show them: values with their units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.reconciliation.models import Alert
from apps.reconciliation.words import AlertKind, AlertState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with its values in words."""

    alert: Alert
    value: str
    worst: str
    threshold: str


def filtered_alerts(rows: QuerySet[Alert], chosen: Mapping[str, Any]) -> QuerySet[Alert]:
    """Return the alerts that the cleaned filters ask for."""
    if channel := chosen.get("channel"):
        rows = rows.filter(channel=channel)
    if kind := chosen.get("kind"):
        rows = rows.filter(kind=kind)
    state = chosen.get("state")
    if not state:
        return rows.exclude(state=AlertState.CLOSED)
    return rows if state == "all" else rows.filter(state=state)


def rows_of(alerts: Iterable[Alert]) -> list[AlertRow]:
    """Return alerts with their values in words."""
    return [
        AlertRow(
            one, *(_in_words(one, value) for value in (one.value, one.worst, one.threshold))
        )
        for one in alerts
    ]


def _in_words(alert: Alert, value: Decimal) -> str:
    if alert.kind in {AlertKind.EVENTS, AlertKind.LIVE}:
        return _duration(int(value))
    if alert.kind == AlertKind.STATEMENT:
        return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": int(value)}
    if alert.kind == AlertKind.BREAKS:
        return f"{value.quantize(_TENTH).normalize():f} %"
    if alert.kind == AlertKind.FALL:
        points = f"{value.quantize(_TENTH).normalize():f}"
        return _("%(points)s points") % {"points": points}
    if alert.kind == AlertKind.RISK:
        currency = alert.channel.currency_id
        return f"{format_amount(value, minor_digits(currency))} {currency}"
    return str(int(value))


def _duration(seconds: int) -> str:
    """Return seconds as whole minutes, hours or days, whichever is at least two."""
    if seconds >= 2 * _DAY:
        return ngettext("%(n)s day", "%(n)s days", seconds // _DAY) % {"n": seconds // _DAY}
    if seconds >= 2 * _HOUR:
        hours = seconds // _HOUR
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    minutes = seconds // _MINUTE
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
