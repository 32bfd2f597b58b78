"""Partners on their pages: named anew at the version that was seen, by who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden, StaleVersion
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.statements.models import Channel, StatementPartner
from apps.statements.services.channels import change_partner, create_partner
from tests.factories import make_ledger, make_senior, make_user
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db
NAMES: dict[str, Any] = {"name": "ICBC", "name_zh": "工商银行", "is_active": True}


@pytest.fixture
def channel() -> Channel:
    """Return a channel."""
    return make_channel()


@pytest.fixture
def senior(channel: Channel) -> User:
    """Return who may change it."""
    return make_senior(channel.ledger)


@pytest.fixture
def client(senior: User) -> Client:
    """Return that person's browser."""
    browser = Client()
    browser.force_login(senior)
    return browser


@pytest.fixture
def partner(channel: Channel, senior: User) -> StatementPartner:
    """Return the partner of the channel."""
    made = create_partner(code="icbc", name="Icbc", name_zh="", actor=senior)
    channel.update_versioned(actor=senior, reason="", expected_version=1, partner=made)
    return made


def test_a_partner_is_named_anew_and_the_change_leaves_a_trace(
    client: Client, channel: Channel, partner: StatementPartner
) -> None:
    url = reverse("statements:partner_edit", args=(partner.code,))
    page = client.get(url).content.decode()

    answer = client.post(url, NAMES | {"is_active": "on", "version": 1})

    partner.refresh_from_db()
    assert channel.label in page
    assert answer["Location"] == reverse("statements:partner_list")
    assert (partner.name, partner.name_zh, partner.version) == ("ICBC", "工商银行", 2)
    assert OperationLog.objects.filter(kind="statement_partner.change").exists()
    assert [row.name for row in partner.history.order_by("history_id")] == ["Icbc", "ICBC"]


def test_who_saw_an_older_version_overwrites_nothing(
    client: Client, senior: User, partner: StatementPartner
) -> None:
    change_partner(partner, version=1, actor=senior, **NAMES)

    url = reverse("statements:partner_edit", args=(partner.code,))
    answer = client.post(url, {"name": "Other", "version": 1})

    assert answer.status_code == 422
    assert "Somebody else changed" in answer.content.decode()
    partner.refresh_from_db()
    assert partner.name == "ICBC"
    with pytest.raises(StaleVersion):
        change_partner(partner, version=1, actor=senior, **NAMES)


def test_an_empty_name_is_told_at_its_field(client: Client, partner: StatementPartner) -> None:
    url = reverse("statements:partner_edit", args=(partner.code,))

    answer = client.post(url, {"name": "", "version": 1})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"name"}


def test_an_inactive_partner_stays_where_it_is_and_is_offered_nowhere_else(
    client: Client, channel: Channel, senior: User, partner: StatementPartner
) -> None:
    change_partner(partner, version=1, actor=senior, **NAMES | {"is_active": False})
    other = make_channel(channel.ledger)

    edit = reverse("statements:channel_edit", args=(channel.code,))
    saved = client.post(
        edit,
        {"name": "New", "partner": partner.pk, "format": "mt940", "is_active": "on",
         "version": 2},
    )  # fmt: skip
    elsewhere = client.post(
        reverse("statements:channel_edit", args=(other.code,)),
        {"name": "New", "partner": partner.pk, "format": "mt940", "version": 1},
    )

    channel.refresh_from_db()
    assert (saved.status_code, channel.partner_id) == (302, partner.pk)
    assert elsewhere.status_code == 422
    assert "ICBC" in client.get(reverse("statements:partner_list")).content.decode()


def test_partners_are_changed_by_who_manages_channels_of_their_organization(
    channel: Channel, partner: StatementPartner
) -> None:
    reader = make_user(channel.organization, Role.ACCOUNTANT)
    stranger = Client()
    stranger.force_login(make_senior(make_ledger()))

    with pytest.raises(Forbidden):
        change_partner(partner, version=1, actor=reader, **NAMES)
    url = reverse("statements:partner_edit", args=(partner.code,))
    assert stranger.post(url, NAMES | {"version": 1}).status_code == 404
    browser = Client()
    browser.force_login(reader)
    listed = browser.get(reverse("statements:partner_list")).content.decode()
    assert partner.name in listed
    assert url not in listed
