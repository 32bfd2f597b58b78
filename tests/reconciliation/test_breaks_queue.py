"""The queue of breaks: filters, order, pages by key, ages, and giving rows to people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.errors import Forbidden
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.reconciliation.domain.ageing import BANDS, band_of
from apps.reconciliation.errors import NoBreakChosen, OwnerCannotWork, TooManyBreaks
from apps.reconciliation.models import Break
from apps.reconciliation.services import breaks_queue
from apps.reconciliation.services.breaks import assign_breaks
from apps.reconciliation.services.breaks_queue import ageing, filtered, page_of
from apps.statements.models import Channel
from tests.factories import make_organization, make_user
from tests.permission_world import signed_in
from tests.reconciliation.world import make_books, run_now

pytestmark = pytest.mark.django_db
LIST = "reconciliation:break_list"


def make_breaks(*amounts: str) -> tuple[Channel, User]:
    """Return a channel whose books have rows that nobody tells of, and an accountant."""
    channel = make_books(*((f"TXN-{n}", amount) for n, amount in enumerate(amounts)))
    run_now(channel)
    return channel, make_user(channel.organization, Role.ACCOUNTANT)


def test_the_queue_shows_what_is_open_with_ages_and_what_is_at_risk() -> None:
    channel, user = make_breaks("100.00", "-7.00")

    page = signed_in(user).get(reverse(LIST)).content.decode()

    (total,) = ageing(Break.objects.all())
    assert (total.currency, total.count, total.total) == ("CNY", 2, Decimal("107.00"))
    assert "TXN-0" in page
    assert "107.00" in page
    assert channel.label in page


def test_filters_narrow_the_queue() -> None:
    channel, user = make_breaks("100.00", "7.00")
    Break.objects.filter(amount=7).update(owner=user, state="assigned", version=2)

    def found(**chosen: object) -> list[Decimal]:
        rows = filtered(Break.objects.order_by("amount"), chosen, user)
        return [one.amount.normalize() for one in rows]

    assert found(channel=channel, above=Decimal(50)) == [100]
    assert found(owner="me") == found(state="assigned") == found(owner=str(user.pk)) == [7]
    assert found(owner="nobody", category="missing_theirs") == [100]
    assert found(age="0-1") == []
    assert found(state="all", age=band_of(age_of_breaks()).code) == [7, 100]


def age_of_breaks() -> int:
    """Return for how many days the rows are there."""
    return (timezone.localdate() - Break.objects.earliest("booked_on").booked_on).days


@pytest.mark.parametrize("sort", ["", "-day", "risk", "-risk"])
def test_pages_go_on_from_their_last_row_and_back(
    sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_breaks("3.00", "1.00", "2.00", "2.00", "5.00")
    monkeypatch.setattr(breaks_queue, "ROWS_PER_PAGE", 2)

    def keys(query: str) -> tuple[list[int], str | None, str | None]:
        page = page_of(Break.objects.all(), sort, QueryDict(query))
        return [row.found.pk for row in page.rows], page.after, page.before

    first, after, before = keys("")
    second, after_second, _before = keys(f"after={after}")
    third, end, back = keys(f"after={after_second}")

    assert (before, end, len({*first, *second, *third})) == (None, None, 5)
    assert keys(f"before={back}")[0] == second


def test_a_key_that_is_none_begins_anew(client: Client) -> None:
    _channel, user = make_breaks("1.00")
    client.force_login(user)

    for text in ("x", "1_x", "NaN_1", "1e99_1", "2026-99-01_1", f"1_{10**30}"):
        page = client.get(reverse(LIST), {"after": text, "sort": "risk"})
        assert "TXN-0" in page.content.decode()


def test_chosen_breaks_are_given_to_a_person_unless_they_changed_meanwhile() -> None:
    _channel, user = make_breaks("1.00", "2.00", "3.00")
    first, second, third = Break.objects.order_by("amount")
    Break.objects.filter(pk=second.pk).update(version=2)
    Break.objects.filter(pk=third.pk).update(
        state="waiting", waits_until="2099-01-01", version=2
    )

    sent = {"chosen": [f"{first.pk}:1", f"{second.pk}:1", f"{third.pk}:2"], "owner": user.pk}
    signed_in(user).post(reverse("reconciliation:break_assign"), sent)

    rows = Break.objects.order_by("amount").values_list("state", "owner", "version")
    assert list(rows) == [("assigned", user.pk, 2), ("open", None, 2), ("waiting", user.pk, 3)]
    assert first.history.latest("history_id").history_change_reason == "assign"


def test_breaks_are_given_to_people_who_can_work_on_them() -> None:
    channel, user = make_breaks("1.00")
    home = channel.organization
    seen = {Break.objects.get().pk: 1}

    for owner in (
        make_user(home, Role.AUDITOR),
        make_user(make_organization(), Role.TREASURY),
    ):
        with pytest.raises(OwnerCannotWork, match="no role"):
            assign_breaks(seen, owner, actor=user)
    with pytest.raises(NoBreakChosen):
        assign_breaks({}, user, actor=user)
    with pytest.raises(TooManyBreaks):
        assign_breaks(dict.fromkeys(range(501), 1), user, actor=user)
    with pytest.raises(Forbidden):
        assign_breaks(seen, user, actor=make_user(home, Role.AUDITOR))


def test_breaks_of_another_organization_are_neither_shown_nor_given() -> None:
    make_breaks("1.00")
    stranger = make_user(make_organization(), Role.SENIOR_ACCOUNTANT)
    row = Break.objects.get()

    page = signed_in(stranger).get(reverse(LIST)).content.decode()

    assert "TXN-0" not in page
    assert signed_in(stranger).get(row.get_absolute_url()).status_code == 404
    assert assign_breaks({row.pk: 1}, stranger, actor=stranger) == 0


def test_each_age_is_in_one_band() -> None:
    today = timezone.localdate()
    for age in range(-3, 200):
        day = today - timedelta(age)
        within = [
            band
            for band in BANDS
            if (band.days(today)[0] or day) <= day <= (band.days(today)[1] or day)
        ]
        assert within == [band_of(age)]
