"""The chart of accounts: what can be added and changed, and what lines have fixed."""

from __future__ import annotations

import pytest

from apps.core.errors import InvalidInput, InvalidText, StaleVersion
from apps.ledgers.domain.standard_charts import StandardChart
from apps.ledgers.errors import AccountCannotChange
from apps.ledgers.import_errors import AccountsAppeared
from apps.ledgers.models import Account, AccountClass, Ledger, Side
from apps.ledgers.services.accounts import (
    change_account,
    create_account,
    create_accounts_below,
    import_standard_chart,
)
from tests.factories import make_account, make_chart, make_ledger, make_posted, make_senior

pytestmark = pytest.mark.django_db


def new_account(ledger: Ledger, code: str, **values: object) -> Account:
    """Add an asset through the service."""
    return create_account(
        ledger.chart,
        actor=make_senior(ledger),
        code=code,
        **{
            "name": f"Account {code}",
            "account_class": AccountClass.ASSET,
            "normal_side": Side.DEBIT,
            **values,
        },
    )


def test_an_account_is_found_by_code_name_and_pinyin_initials() -> None:
    ledger = make_ledger()
    account = new_account(ledger, "1002", name="Bank deposits", name_zh="银行存款")

    for text in ("10", "deposit", "银行", "yhck"):
        found = Account.objects.filter(chart=ledger.chart).matching(text)
        assert list(found) == [account], text


def test_a_code_exists_once_in_a_chart() -> None:
    ledger = make_ledger()
    new_account(ledger, "1002")

    with pytest.raises(InvalidInput) as caught:
        new_account(ledger, "1002")

    assert caught.value.field == "code"


def test_a_leaf_takes_no_sub_account_and_a_group_does() -> None:
    ledger = make_ledger()
    leaf, group = new_account(ledger, "1001"), new_account(ledger, "1002", is_leaf=False)

    with pytest.raises(AccountCannotChange, match="parent"):
        new_account(ledger, "100101", parent=leaf)

    assert new_account(ledger, "100201", parent=group).parent == group


def test_an_account_with_lines_keeps_its_class_and_side() -> None:
    ledger = make_ledger()
    bank = make_account(ledger)
    make_posted(ledger, (bank, "1.00"), (make_account(ledger), "-1.00"))

    with pytest.raises(AccountCannotChange, match="it has lines"):
        change_account(bank, version=1, actor=make_senior(ledger), normal_side=Side.CREDIT)

    bank.refresh_from_db()
    assert (bank.normal_side, bank.version) == (Side.DEBIT, 1)


def test_an_account_with_lines_can_be_renamed_and_deactivated() -> None:
    ledger = make_ledger()
    bank = make_account(ledger)
    make_posted(ledger, (bank, "1.00"), (make_account(ledger), "-1.00"))

    change_account(bank, version=1, actor=make_senior(ledger), name="Old", is_active=False)

    bank.refresh_from_db()
    assert (bank.name, bank.is_active, bank.version) == ("Old", False, 2)


def test_a_name_with_direction_marks_is_refused() -> None:
    ledger = make_ledger()
    bank = make_account(ledger)

    with pytest.raises(InvalidText):
        change_account(bank, version=1, actor=make_senior(ledger), name="Bank\u202eknaB")


def test_of_two_people_the_slower_one_is_told() -> None:
    ledger = make_ledger()
    bank = make_account(ledger)
    change_account(bank, version=1, actor=make_senior(ledger), name="First")

    with pytest.raises(StaleVersion):
        change_account(bank, version=1, actor=make_senior(ledger), name="Second")

    bank.refresh_from_db()
    assert bank.name == "First"


@pytest.mark.parametrize("standard", list(StandardChart))
def test_a_standard_chart_is_imported_once_and_keeps_what_people_changed(
    standard: StandardChart,
) -> None:
    ledger = make_ledger()
    chart, senior = make_chart(ledger.organization), make_senior(ledger)
    added = import_standard_chart(chart, standard, actor=senior)
    change_account(added[0], version=1, actor=senior, name="Our own name")

    again = import_standard_chart(chart, standard, actor=senior)

    assert len(added) > 100
    assert again == []
    assert chart.accounts.get(pk=added[0].pk).name == "Our own name"


def test_an_account_that_appeared_meanwhile_stops_the_making_of_many() -> None:
    ledger = make_ledger()
    group = make_account(ledger, "2011", is_leaf=False)
    new_account(ledger, "2011.1")

    with pytest.raises(AccountsAppeared):
        create_accounts_below(group, ["2011.2", "2011.1"], actor=make_senior(ledger))

    assert not Account.objects.filter(code="2011.2").exists()
