"""Dimensions: values with one code each, and one row for each combination."""

from __future__ import annotations

import pytest

from apps.core.errors import InvalidInput
from apps.ledgers.errors import UnknownDimension
from apps.ledgers.models import DimensionSet
from apps.ledgers.services.dimensions import create_dimension_value, intern_dimension_set
from apps.organizations.permissions import Role
from tests.factories import (
    make_dimension_type,
    make_dimension_value,
    make_organization,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_combination_is_kept_once_whatever_the_order() -> None:
    organization = make_organization()
    one = make_dimension_value(make_dimension_type(organization))
    other = make_dimension_value(make_dimension_type(organization))

    first, second = intern_dimension_set([one, other]), intern_dimension_set([other, one])

    assert first == second
    assert first is not None
    assert first.value_ids == sorted([one.pk, other.pk])
    assert DimensionSet.objects.count() == 1


def test_no_value_is_no_combination() -> None:
    assert intern_dimension_set([]) is None


def test_two_values_of_one_dimension_are_refused() -> None:
    kind = make_dimension_type(make_organization())

    with pytest.raises(UnknownDimension):
        intern_dimension_set([make_dimension_value(kind), make_dimension_value(kind)])

    assert not DimensionSet.objects.exists()


def test_a_code_exists_once_in_an_organization() -> None:
    organization = make_organization()
    kind, other = make_dimension_type(organization), make_dimension_type(organization)
    senior = make_user(organization, Role.SENIOR_ACCOUNTANT)
    create_dimension_value(kind, code="C01", name="Customer", name_zh="客户", actor=senior)

    with pytest.raises(InvalidInput) as caught:
        create_dimension_value(other, code="C01", name="Other", actor=senior)

    assert caught.value.field == "code"


def test_a_value_is_found_by_pinyin_initials() -> None:
    organization = make_organization()
    kind = make_dimension_type(organization)

    value = create_dimension_value(
        kind,
        code="D01",
        name="Sales",
        name_zh="销售部",
        actor=make_user(organization, Role.SENIOR_ACCOUNTANT),
    )

    assert value.initials.startswith("xsb")
