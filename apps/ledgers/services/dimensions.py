"""Dimensions: values, and the interning of their combinations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError

from apps.core.errors import InvalidInput
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.errors import UnknownDimension
from apps.ledgers.models import DimensionSet, DimensionType, DimensionValue
from apps.ledgers.services.accounts import initials_of

if TYPE_CHECKING:
    from apps.organizations.models import User


def create_dimension_value(
    kind: DimensionType, *, code: str, name: str, name_zh: str = "", actor: User
) -> DimensionValue:
    """Add a value of a dimension, such as a department or customer.

    Raises:
        InvalidInput: the code exists already.
    """
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
            )
    except IntegrityError as error:
        raise InvalidInput(
            field="code",
            field_name=DimensionValue._meta.get_field("code").verbose_name,
            problem=code,
        ) from error


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
