"""Dimensions: values, and the interning of their combinations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError

from apps.core.errors import InvalidInput
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.errors import UnknownDimension, UnknownOwner
from apps.ledgers.models import DimensionSet, DimensionType, DimensionValue, JournalLine
from apps.ledgers.services.accounts import initials_of

if TYPE_CHECKING:
    from apps.organizations.models import User


def create_dimension_value(
    kind: DimensionType,
    *,
    code: str,
    name: str,
    name_zh: str = "",
    owner: User | None = None,
    actor: User,
) -> DimensionValue:
    """Add a value of a dimension, such as a department or customer.

    Raises:
        UnknownOwner: the owner is not an active person of the organization.
        InvalidInput: the code exists already.
    """
    _require_colleague(owner, kind.organization_id)
    try:
        with operation("dimension_value.create", actor=actor):
            return DimensionValue.create_versioned(
                actor=actor,
                organization_id=kind.organization_id,
                type=kind,
                code=clean_text(code, field="code"),
                name=clean_text(name, field="name"),
                name_zh=clean_text(name_zh, field="name_zh"),
                initials=initials_of(name, name_zh),
                owner=owner,
            )
    except IntegrityError as error:
        raise InvalidInput(
            field="code",
            field_name=DimensionValue._meta.get_field("code").verbose_name,
            problem=code,
        ) from error


def change_dimension_owner(
    value: DimensionValue, owner: User | None, *, version: int, actor: User
) -> DimensionValue:
    """Let another person answer for what is booked on a value, or nobody.

    Raises:
        UnknownOwner: the owner is not an active person of the organization.
        StaleVersion: somebody else changed the value meanwhile.
    """
    _require_colleague(owner, value.organization_id)
    with operation("dimension_value.owner", actor=actor):
        return value.update_versioned(
            actor=actor, reason="owner", expected_version=version, owner=owner
        )


def owners_on_lines(entry_id: int, kind_id: int | None = None) -> list[int]:
    """Return the keys of the owners of the values on the lines of an entry, each once.

    `kind_id` narrows it to the values of one dimension.
    """
    sets = JournalLine.objects.filter(entry=entry_id, dimension_set__isnull=False)
    chosen = DimensionSet.objects.filter(pk__in=sets.values("dimension_set"))
    keys = {
        key for value_ids in chosen.values_list("value_ids", flat=True) for key in value_ids
    }
    values = DimensionValue.objects.filter(pk__in=keys, owner__isnull=False)
    if kind_id is not None:
        values = values.filter(type=kind_id)
    return sorted({value.owner_id for value in values if value.owner_id})


def _require_colleague(owner: User | None, organization_id: int) -> None:
    if owner and (owner.organization_id != organization_id or not owner.is_active):
        raise UnknownOwner(field="owner")


def intern_dimension_set(values: Iterable[DimensionValue]) -> DimensionSet | None:
    """Return the one row of a combination of values, None for no value.

    Raises:
        UnknownDimension: two values are of one dimension.
    """
    chosen = sorted(values, key=lambda value: value.pk)
    if not chosen:
        return None
    type_ids = sorted(value.type_id for value in chosen)
    if len(set(type_ids)) < len(type_ids):
        raise UnknownDimension(field="dimensions", text=" ".join(v.code for v in chosen))
    value_ids = [value.pk for value in chosen]
    found, _made = DimensionSet.objects.get_or_create(
        organization_id=chosen[0].organization_id,
        value_ids=value_ids,
        defaults={
            "type_ids": type_ids,
            "label": " ".join(value.code for value in chosen)[:200],
        },
    )
    return found
