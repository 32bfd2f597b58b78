"""My work shows drafts of matching rules to those who may activate them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.reconciliation.services.rules import activate_rules, withdraw_rules
from tests.factories import make_accountant, make_approver, make_senior
from tests.reconciliation.world import Passes, make_books, make_draft

if TYPE_CHECKING:
    from django.test import Client

    from apps.organizations.models import User
    from apps.statements.models import Channel

pytestmark = pytest.mark.django_db
TITLE, TITLE_ZH = "Matching rules to activate", "待启用的匹配规则"
OTHERS: list[Passes] = [
    [{"kind": "exact"}, {"kind": "date", "days": days}] for days in range(1, 9)
]


@pytest.fixture
def channel() -> Channel:
    """Return a channel without rows."""
    return make_books()


def page_of(client: Client, user: User, language: str = "en") -> str:
    """Return My work as a person sees it."""
    client.force_login(user)
    return client.get("/", headers={"accept-language": language}).content.decode()


def test_a_draft_waits_for_others_who_may_activate_it(client: Client, channel: Channel) -> None:
    author = make_senior(channel.ledger)
    draft = make_draft(channel, author)
    others = [make(channel.ledger) for make in (make_senior, make_accountant, make_approver)]

    pages = [page_of(client, user) for user in (author, *others)]

    link = draft.get_absolute_url()
    assert [link in page for page in pages] == [False, True, False, False]
    assert TITLE in pages[1]
    assert draft.reason in pages[1]


def test_it_is_said_in_both_languages(client: Client, channel: Channel) -> None:
    make_draft(channel, make_senior(channel.ledger))
    senior = make_senior(channel.ledger)

    assert TITLE in page_of(client, senior)
    assert TITLE_ZH in page_of(client, senior, "zh-hans")


def test_it_does_not_wait_any_more_when_it_is_decided(client: Client, channel: Channel) -> None:
    author, senior = make_senior(channel.ledger), make_senior(channel.ledger)
    first, second, third = (make_draft(channel, author, passes) for passes in OTHERS[:3])
    withdraw_rules(first, actor=author)
    assert third.get_absolute_url() in page_of(client, senior)

    activate_rules(second, actor=make_senior(channel.ledger))

    # The third one was compared with rules that are not active any more.
    assert TITLE not in page_of(client, senior)


def test_nobody_sees_drafts_of_another_organization(client: Client, channel: Channel) -> None:
    make_draft(channel, make_senior(channel.ledger))

    assert TITLE not in page_of(client, make_senior(make_books().ledger))


def test_its_queries_do_not_grow_with_the_drafts(client: Client, channel: Channel) -> None:
    author, senior = make_senior(channel.ledger), make_senior(channel.ledger)
    make_draft(channel, author, OTHERS[0])
    page_of(client, senior)
    counts = []
    for more in (OTHERS[1:2], OTHERS[2:]):
        for passes in more:
            make_draft(channel, author, passes)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, senior)
        counts.append(len(queries))

    assert counts[0] == counts[1]
