"""The menu: filtered by role, links that exist, one current entry."""

from __future__ import annotations

import pytest

from apps.organizations.permissions import MATRIX, Permission, Role
from apps.portal.navigation import MENU, menu_for


def _labels(role: Role, ledger: str = "main") -> list[str]:
    allowed = [permission for permission, roles in MATRIX.items() if role in roles]
    groups = menu_for(allowed, ledger, "portal:home")
    return [str(link.label) for group in groups for link in group.links]


def test_an_accountant_sees_the_ledger_and_no_administration() -> None:
    labels = _labels(Role.ACCOUNTANT)

    assert "Journal entries" in labels
    assert "Imports" in labels
    assert not {"People", "Audit trail"} & set(labels)


def test_an_administrator_sees_people_and_no_ledger() -> None:
    labels = _labels(Role.ADMIN, ledger="")

    assert labels == [
        "My work",
        "Finance policies",
        "Rollouts",
        "Organization",
        "Credit checks",
        "People",
        "Approval flows",
        "Delegations",
        "Permissions",
        "Audit trail",
        "Events",
    ]


def test_it_offers_nothing_of_a_ledger_where_there_is_none() -> None:
    labels = _labels(Role.ACCOUNTANT, ledger="")

    assert labels == [
        "My work",
        "Inbox",
        "Exchange rates",
        "Account statements",
        "Reconciliation",
        "Finance policies",
    ]


@pytest.mark.parametrize("view", ["ledgers:journal_entry_list", "ledgers:journal_entry_detail"])
def test_a_page_below_an_entry_marks_it_as_current(view: str) -> None:
    groups = menu_for(list(Permission), "main", view)

    current = [str(link.label) for group in groups for link in group.links if link.is_current]
    assert current == ["Journal entries"]


def test_a_count_stands_beside_its_entry() -> None:
    groups = menu_for([], "", "", {"portal:home": 3})

    assert groups[0].links[0].count == 3


def test_keys_are_given_once() -> None:
    keys = [item.key for group in MENU for item in group.items if item.key]

    assert len(keys) == len(set(keys))
