"""Opening ledgers: the service and its page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from apps.core.errors import Forbidden
from apps.ledgers.domain.standard_charts import StandardChart
from apps.ledgers.errors import DeltaDiffersFromBase, LedgerCodeIsTaken
from apps.ledgers.models import ChartOfAccounts, Ledger, PeriodState
from apps.ledgers.services.ledger_setup import NewLedger, open_ledger
from apps.organizations.models import LegalEntity, User
from apps.organizations.permissions import Role
from tests.factories import make_ledger, make_organization, make_system_user, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior() -> User:
    """Return somebody who may open ledgers, in an organization without any."""
    return make_user(make_organization(), Role.SENIOR_ACCOUNTANT)


@pytest.fixture
def new(senior: User) -> NewLedger:
    """Return a Chinese ledger of a new company."""
    assert senior.organization is not None
    entity = LegalEntity.create_versioned(
        actor=make_system_user(),
        organization=senior.organization,
        code="north",
        name="North",
        functional_currency_id="CNY",
    )
    return NewLedger(
        entity=entity,
        code="north-cny",
        name="North CNY",
        name_zh="",
        purpose=Ledger.Purpose.STATUTORY,
        currency_code="CNY",
        chart=StandardChart.CN_ENTERPRISE,
        first_year=2026,
    )


def test_a_ledger_begins_with_a_chart_dimensions_and_a_year(
    new: NewLedger, senior: User
) -> None:
    ledger = open_ledger(new, actor=senior)

    assert ledger.chart.accounts.filter(code="1002").exists()
    assert ledger.organization.dimension_types.count() == 5
    assert set(ledger.periods.values_list("fiscal_year", "state")) == {
        (2026, PeriodState.FUTURE)
    }


def test_a_second_chart_gets_a_code_of_its_own(new: NewLedger, senior: User) -> None:
    open_ledger(new, actor=senior)

    open_ledger(replace(new, code="second"), actor=senior)

    assert sorted(ChartOfAccounts.objects.values_list("code", flat=True)) == [
        "cn-enterprise",
        "cn-enterprise-2",
    ]


def test_a_code_is_given_once(new: NewLedger, senior: User) -> None:
    open_ledger(new, actor=senior)

    with pytest.raises(LedgerCodeIsTaken):
        open_ledger(new, actor=senior)


def test_a_delta_shares_entity_currency_and_chart(new: NewLedger, senior: User) -> None:
    base = open_ledger(new, actor=senior)
    delta = replace(new, code="delta", base_ledger=base)

    with pytest.raises(DeltaDiffersFromBase):
        open_ledger(delta, actor=senior)
    opened = open_ledger(replace(delta, chart=base.chart), actor=senior)

    assert opened.reported_ledger_ids() == [base.pk, opened.pk]


def test_nobody_opens_a_ledger_for_a_stranger(new: NewLedger) -> None:
    stranger = make_user(make_organization(), Role.SENIOR_ACCOUNTANT)

    with pytest.raises(Forbidden):
        open_ledger(new, actor=stranger)


def test_the_page_opens_a_ledger_in_the_currency_of_the_company(
    client: Client, new: NewLedger, senior: User
) -> None:
    client.force_login(senior)
    values = {
        "entity": new.entity.pk,
        "code": "north-cny",
        "name": "North",
        "purpose": "statutory",
        "chart": "standard:ifrs",
        "first_year": "2026",
    }

    answer = client.post("/ledgers/new/", values, follow=True)

    ledger = Ledger.objects.get(code="north-cny")
    assert (ledger.base_currency_id, ledger.chart.code) == ("CNY", "ifrs")
    assert answer.redirect_chain == [("/ledgers/north-cny/periods/", 302)]


def test_the_page_names_what_is_wrong(client: Client, new: NewLedger, senior: User) -> None:
    client.force_login(senior)
    foreign = make_ledger()
    values = {"entity": foreign.entity_id, "code": "no spaces", "chart": "own:0"}

    answer = client.post("/ledgers/new/", values)

    assert answer.status_code == 422
    assert {"entity", "code", "name", "chart", "first_year"} <= set(
        answer.context["form"].errors
    )
    assert not Ledger.objects.filter(organization=senior.organization).exists()
