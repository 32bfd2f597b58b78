"""Delegations in the browser's words: given, explained before they lead further, ended."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.approvals.models import Delegation
from apps.approvals.services.delegations import (
    chains_into,
    chains_of,
    delegate,
    revoke_delegation,
    state_of,
)
from apps.core.errors import Forbidden
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
LIST, CREATE = "approvals:delegation_list", "approvals:delegation_create"
TODAY = timezone.localdate
WEEK = timedelta(days=7)


class Team:
    """Ann, Bob, Cay, Dan and Eve, who all approve."""

    def __init__(self) -> None:
        """Make them."""
        self.home = make_organization()
        names = ("Ann", "Bob", "Cay", "Dan", "Eve")
        people = [make_user(self.home, Role.APPROVER, first_name=name) for name in names]
        self.ann, self.bob, self.cay, self.dan, self.eve = people

    def give(self, giver: User, taker: User, **values: Any) -> Delegation:
        """Let one decide for another this week."""
        return delegate(taker, (TODAY(), TODAY() + WEEK), actor=giver, **values)

    def send(self, giver: User, to: User, **more: object) -> Any:
        """Send the form of one who is away this week."""
        typed: dict[str, object] = {
            "taker": to.pk,
            "starts_on": TODAY(),
            "ends_on": TODAY() + WEEK,
        }
        return signed_in(giver).post(reverse(CREATE), typed | {"reason": "Leave"} | more)


@pytest.fixture
def team() -> Team:
    """Return a team."""
    return Team()


def test_a_person_lets_a_colleague_decide(team: Team) -> None:
    answer = team.send(team.ann, team.bob, limit="50,000")

    assert answer["Location"] == reverse(LIST)
    given = Delegation.objects.get()
    assert (given.giver, given.taker, given.limit, given.reason) == (
        team.ann, team.bob, Decimal(50_000), "Leave",
    )  # fmt: skip
    page = signed_in(team.ann).get(reverse(LIST)).content.decode()
    assert "Bob decides for you" in page


def test_one_that_leads_further_is_explained_before_it_is_given(team: Team) -> None:
    team.give(team.bob, team.cay)

    shown = team.send(team.ann, team.bob)

    assert "Cay would also decide for you." in shown.content.decode()
    assert Delegation.objects.count() == 1
    team.send(team.ann, team.bob, confirm="yes")
    assert Delegation.objects.count() == 2


def test_circles_and_long_chains_are_said_in_words(team: Team) -> None:
    for giver, taker in ((team.bob, team.cay), (team.cay, team.dan), (team.dan, team.eve)):
        team.give(giver, taker)

    long = team.send(team.ann, team.bob).content.decode()
    circle = team.send(team.cay, team.bob).content.decode()

    assert "it ends at Dan. Eve does not decide for Ann." in long
    assert "it comes back to Cay and ends there." in circle


def test_a_refused_form_says_where_and_changes_nothing(team: Team) -> None:
    stranger = make_user(make_organization(), Role.APPROVER)
    past = TODAY() - WEEK

    for typed in (
        {"taker": stranger.pk},
        {"taker": team.ann.pk},
        {"ends_on": past},
        {"limit": "1e5"},
        {"reason": ""},
    ):
        assert team.send(team.ann, team.bob, **typed).status_code == 422
    assert not Delegation.objects.exists()


def test_who_gave_it_ends_it_and_nobody_else(team: Team) -> None:
    given = team.give(team.ann, team.bob)
    url = reverse("approvals:delegation_revoke", args=(given.pk,))

    for other in (team.bob, team.cay):
        assert signed_in(other).post(url, {"version": 1}).status_code == 404
    with pytest.raises(Forbidden):
        revoke_delegation(given, version=1, actor=team.bob)
    signed_in(team.ann).post(url, {"version": "one"})
    given.refresh_from_db()
    assert given.revoked_at is None
    signed_in(team.ann).post(url, {"version": 1})

    given.refresh_from_db()
    assert given.revoked_at is not None


def test_who_manages_people_ends_what_somebody_left_behind(team: Team) -> None:
    given = team.give(team.ann, team.bob)
    admin = make_user(team.home, Role.ADMIN, first_name="Ada")
    stranger = make_user(make_organization(), Role.ADMIN)
    url = reverse("approvals:delegation_revoke", args=(given.pk,))

    assert signed_in(stranger).post(url, {"version": 1}).status_code == 404
    page = signed_in(admin).post(url, {"version": 1}, follow=True).content.decode()

    given.refresh_from_db()
    assert given.revoked_at is not None
    assert "Bob" in page
    assert "does not decide for Ann" in page.replace("\xa0", " ")


def test_people_see_their_own_and_administrators_all(team: Team) -> None:
    team.give(team.ann, team.bob)
    admin = make_user(team.home, Role.ADMIN)
    foreign = make_user(make_organization(), Role.ADMIN)

    seen = {
        person: len(signed_in(person).get(reverse(LIST)).context["rows"])
        for person in (team.ann, team.bob, team.cay, admin, foreign)
    }

    assert list(seen.values()) == [1, 1, 0, 1, 0]


def test_the_list_says_for_whom_one_decides_and_by_which_way(team: Team) -> None:
    team.give(team.ann, team.bob)
    team.give(team.bob, team.cay)

    ways = [[p.first_name for p in one.people] for one in chains_into(team.cay, TODAY())]

    assert ways == [["Bob", "Cay"], ["Ann", "Bob", "Cay"]]
    assert "You decide for Ann." in signed_in(team.cay).get(reverse(LIST)).content.decode()
    assert chains_into(team.cay, TODAY() + 2 * WEEK) == []


def test_the_state_follows_the_day(team: Team) -> None:
    given = team.give(team.ann, team.bob)
    days: list[date] = [TODAY() - WEEK, TODAY(), TODAY() + 2 * WEEK]

    assert [state_of(given, day) for day in days] == ["planned", "active", "over"]
    assert chains_of(team.bob, (TODAY(), TODAY() - WEEK), actor=team.ann) == []
    revoked = revoke_delegation(given, version=1, actor=team.ann)
    assert state_of(revoked, TODAY()) == "revoked"
