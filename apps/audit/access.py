"""Who sees what of the operation log, and how its rows read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.models import OperationLog, OperationLogQuerySet
from apps.audit.words import in_words
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

    from apps.organizations.models import User

# Lines are recorded together, under the key of the entry that they belong to.
_RECORDED_UNDER = {"ledgers_journalline": "ledgers_journalentry"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row, before and after, as texts."""

    field: str
    before: str
    after: str


def operations_for(user: User) -> OperationLogQuerySet:
    """Return the log of the user's organization; without AUDIT_VIEW its security events."""
    operations = OperationLog.objects.seen_by(user).exclude(organization=None)
    if has_permission(user, Permission.AUDIT_VIEW):
        return operations
    return operations.security_events()


def matching(
    operations: OperationLogQuerySet, filters: Mapping[str, Any]
) -> OperationLogQuerySet:
    """Return the operations that the cleaned values of the filter form ask for."""
    if text := filters.get("q", ""):
        found = models.Q(kind__holds=text) | models.Q(reason__holds=text)
        found |= models.Q(actor_name__holds=text) | models.Q(resource_id=text)
        operations = operations.filter(found)
    wanted = {
        "actor_name__holds": filters.get("actor"),
        "kind__holds": filters.get("kind"),
        "action": filters.get("action"),
        "resource_type": filters.get("table"),
        "resource_id": filters.get("row"),
        "trace_id": filters.get("trace"),
    }
    operations = operations.filter(**{name: value for name, value in wanted.items() if value})
    if since := filters.get("since"):
        operations = operations.filter(at__gte=_moment(since, time.min))
    if until := filters.get("until"):
        operations = operations.filter(at__lte=_moment(until, time.max))
    return operations


def table_labels() -> dict[str, str | Promise]:
    """Return what people call the tables of the log."""
    labels: dict[str, str | Promise] = {"session": _("session")}
    for model in apps.get_models():
        if model.__module__.startswith("apps.") and not model.__name__.startswith("Historical"):
            name = model._meta.verbose_name or model.__name__
            labels[model._meta.db_table] = in_words(name)
    return labels


def changes_of(operation: OperationLog) -> list[Change]:
    """Return what changed, field by field; of lines, line by line."""
    before, after = _flat(operation.before), _flat(operation.after)
    model = _model(operation.resource_type)
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(_label(model, name), _shown(model, name, before), _shown(model, name, after))
        for name in names
        if before.get(name) not in (None, "") or after.get(name) not in (None, "")
    ]


def page_of(operation: OperationLog) -> str:
    """Return the address of the thing that an operation touched, "" if it has no page."""
    model = _model(_RECORDED_UNDER.get(operation.resource_type, operation.resource_type))
    if model is None or not hasattr(model, "get_absolute_url"):
        return ""
    if not operation.resource_id.isdecimal():
        return ""
    thing = model._default_manager.filter(pk=operation.resource_id).first()
    return str(thing.get_absolute_url()) if thing is not None else ""


def _moment(day: Any, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def _model(table: str) -> type[models.Model] | None:
    for model in apps.get_models():
        if model._meta.db_table == table:
            return model
    return None


def _flat(row: dict[str, Any] | None) -> dict[str, Any]:
    """Return a row with its lines as fields "1", "2", … of their own."""
    if not row or "lines" not in row:
        return row or {}
    return {str(line.get("position", "")): line for line in row["lines"]}


def _field(model: type[models.Model] | None, column: str) -> models.Field[Any, Any] | None:
    if model is None:
        return None
    fields = [field for field in model._meta.concrete_fields if field.column == column]
    return fields[0] if fields else None


def _label(model: type[models.Model] | None, column: str) -> str:
    field = _field(model, column)
    return in_words(field.verbose_name) if field is not None else column


def _shown(model: type[models.Model] | None, column: str, row: Mapping[str, Any]) -> str:
    value = row.get(column)
    if isinstance(value, dict):
        shown = [
            f"{_label(model, name)}: {_shown(model, name, value)}"
            for name, part in value.items()
            if name not in {"id", "position"} and part not in (None, "")
        ]
        return " · ".join(shown)
    field = _field(model, column)
    if value is None or field is None:
        return "" if value is None else str(value)
    if field.remote_field is not None:
        return _name_of(field.remote_field.model, value)
    return str(dict(field.flatchoices).get(value, value))


def _name_of(model: Any, pk: object) -> str:
    thing = model._default_manager.filter(pk=pk).first()
    return f"{thing} (#{pk})" if thing is not None else f"#{pk}"
