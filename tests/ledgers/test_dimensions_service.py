"""Dimensions: values with one code each, and one row for each combination."""

from __future__ import annotations

import pytest

from apps.core.errors import InvalidInput, StaleVersion
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.errors import UnknownDimension, UnknownOwner
from apps.ledgers.models import DimensionSet
from apps.ledgers.services.dimensions import (
    change_dimension_owner,
    create_dimension_value,
    intern_dimension_set,
    owners_on_lines,
)
from apps.ledgers.services.drafts import create_draft
from apps.organizations.permissions import Role
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_organization,
    make_system_user,
    make_user,
)
from tests.sql import refuse

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


def test_a_value_is_owned_by_a_colleague_who_is_active_and_never_by_a_stranger() -> None:
    organization = make_organization()
    value = make_dimension_value(make_dimension_type(organization))
    senior, owner = (make_user(organization, Role.SENIOR_ACCOUNTANT) for _ in range(2))
    gone = make_user(organization, is_active=False)

    for stranger in (make_user(make_organization()), gone):
        with pytest.raises(UnknownOwner):
            change_dimension_owner(value, stranger, version=1, actor=senior)
    change_dimension_owner(value, owner, version=1, actor=senior)
    with pytest.raises(StaleVersion):
        change_dimension_owner(value, None, version=1, actor=senior)

    assert value.owner == owner
    refuse("FM006", f"UPDATE ledgers_dimensionvalue SET owner_id = {make_system_user().pk}")


def test_the_owners_of_what_an_entry_is_booked_on_are_found_once() -> None:
    ledger = make_ledger()
    one, two = (make_user(ledger.organization) for _ in range(2))
    first, second = (make_dimension_type(ledger.organization) for _ in range(2))
    values = [make_dimension_value(kind) for kind in (first, second, first)]
    for value, owner in zip(values, (one, two, one), strict=True):
        change_dimension_owner(value, owner, version=1, actor=one)
    booked = intern_dimension_set(values[:2]), intern_dimension_set(values[2:])
    account = make_account(ledger)
    lines = tuple(
        make_line(account, amount, dimension_set_id=chosen and chosen.pk)
        for amount, chosen in (("3", booked[0]), ("-1", booked[1]), ("-2", None))
    )
    content = EntryInput(entry_date=DAY, lines=lines)
    entry = create_draft(ledger, content, actor=make_accountant(ledger))

    assert owners_on_lines(entry.pk) == sorted([one.pk, two.pk])
    assert owners_on_lines(entry.pk, second.pk) == [two.pk]
