"""Budgets: who writes them, what is refused, and what PostgreSQL keeps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.budgets.errors import BudgetAmountOutOfRange, BudgetIsAboutNothing, BudgetOfOthers
from apps.budgets.services.budgets import About, Terms, change_budget, create_budget
from apps.core.errors import FinanceError, Forbidden, StaleVersion
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.budgets.money import FIRST, LAST, House, taken_of
from tests.factories import make_account, make_ledger, make_senior
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db
TERMS = Terms("Travel", Decimal(100))


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"name": " "}, FinanceError),
        ({"amount": Decimal(0)}, BudgetAmountOutOfRange),
        ({"amount": Decimal("1.001")}, BudgetAmountOutOfRange),
        ({"amount": Decimal("NaN")}, BudgetAmountOutOfRange),
    ],
)
def test_bad_terms_are_refused(terms: dict[str, Any], error: type[FinanceError]) -> None:
    house = House()

    with pytest.raises(error):
        create_budget(
            house.ledger,
            About(FIRST, LAST, house.travel),
            replace(TERMS, **terms),
            actor=house.senior,
        )


def test_a_budget_is_about_something_of_its_ledger() -> None:
    house = House()

    with pytest.raises(BudgetIsAboutNothing):
        create_budget(house.ledger, About(FIRST, LAST), TERMS, actor=house.senior)
    foreign = About(FIRST, LAST, make_account(make_ledger()))
    with pytest.raises(BudgetOfOthers):
        create_budget(house.ledger, foreign, TERMS, actor=house.senior)
    with pytest.raises(FinanceError):
        create_budget(house.ledger, About(LAST, FIRST, house.travel), TERMS, actor=house.senior)


def test_neither_clerks_nor_strangers_write_budgets() -> None:
    house = House()
    about = About(FIRST, LAST, house.travel)

    for person in (house.maker, make_senior(make_ledger())):
        with pytest.raises(Forbidden):
            create_budget(house.ledger, about, TERMS, actor=person)
        with pytest.raises(Forbidden):
            change_budget(house.budget(), TERMS, version=1, actor=person)


def test_terms_change_by_versions_and_what_is_taken_stays() -> None:
    house = House()
    budget = house.budget("100")
    house.submit("80")

    change_budget(budget, replace(TERMS, amount=Decimal(50)), version=1, actor=house.senior)

    assert (budget.amount, budget.version) == (Decimal(50), 2)
    assert taken_of(budget) == (0, 80)
    with pytest.raises(StaleVersion):
        change_budget(budget, TERMS, version=1, actor=house.senior)


def test_one_that_is_no_longer_in_force_refuses_nothing_and_counts_on() -> None:
    house = House()
    budget = house.budget("100")
    terms = Terms("Travel", Decimal(100), is_hard=True, is_active=False)
    change_budget(budget, terms, version=1, actor=house.senior)

    house.submit("160")

    assert taken_of(budget) == (0, 160)


def test_postgresql_keeps_what_a_budget_is_about() -> None:
    house = House()
    house.budget()

    refuse("FM072", "UPDATE budgets_budget SET ends_on = ends_on + 1")
    refuse("FM072", "DELETE FROM budgets_budget")
    refuse("FM072", "DELETE FROM budgets_budgetuse")
    foreign = make_account(make_ledger())
    copy = (
        "INSERT INTO budgets_budget (version, created_at, updated_at, name, starts_on, ends_on,"
        " amount, is_hard, is_active, account_id, currency_id, ledger_id, organization_id)"
        " SELECT 1, now(), now(), name, starts_on, ends_on, amount, is_hard, is_active,"
        " %(account)s, currency_id, ledger_id, organization_id FROM budgets_budget"
    )
    refuse("FM071", copy, account=foreign.pk)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE budgets_budgettotal SET reserved = reserved + 1",
        "UPDATE budgets_budgetuse SET amount = amount + 1",
        "UPDATE budgets_budgetuse SET phase = 'released'",
    ],
)
def test_verify_books_finds_totals_that_do_not_match(damage: str) -> None:
    house = House()
    house.budget()
    house.submit("60")
    assert found() == []

    run(damage)

    assert found() != []


def found() -> list[str]:
    """Return what verify_books finds about budgets."""
    outcomes = verify_inside_a_transaction()
    return [text for one in outcomes if "budget" in one.name for text in one.findings]
