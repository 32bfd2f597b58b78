"""Balances that people state: with evidence, in versions, and only where files tell none."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden, InvalidAmount, StaleVersion
from apps.core.files import FileTypeIsRefused
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.statements.domain.gaps import Span
from apps.statements.domain.stated import stated_spans
from apps.statements.errors import (
    BalanceDayIsToCome,
    BalancesAreTold,
    EvidenceIsMissing,
    StatedReasonIsMissing,
)
from apps.statements.models import Channel, StatedBalance
from apps.statements.services.stated_balances import (
    Said,
    state_balance,
    stated_by_keys,
    stated_of,
    take_back_balance,
    tells_balances,
    versions_of,
)
from apps.statements.services.verification import changed_evidence
from tests.factories import DAY, make_ledger, make_senior, make_user
from tests.statements.world import (
    PNG,
    make_channel,
    make_line,
    make_stated,
    make_statement,
    read,
)

pytestmark = pytest.mark.django_db
AGAIN = """INSERT INTO statements_statedbalance
  SELECT 9999, at_on, 3, balance, reason, filename,
  content_type, size, sha256, file, stated_at, channel_id, stated_by_id
  FROM statements_statedbalance"""


@pytest.fixture
def channel() -> Channel:
    """Return a wallet whose bill tells no balance."""
    found = make_channel(format="wechat", source_kind="provider")
    make_statement(found, read(make_line("5.00"), opening=None))
    return found


@pytest.fixture
def actor(channel: Channel) -> User:
    """Return who states balances."""
    return make_senior(channel.ledger)


@pytest.fixture
def client(actor: User) -> Client:
    """Return that person's browser."""
    browser = Client()
    browser.force_login(actor)
    return browser


def picture() -> SimpleUploadedFile:
    """Return a screenshot."""
    return SimpleUploadedFile("wallet.png", PNG + b"31")


def sent(client: Client, url: str, **values: object) -> int:
    """Send the form of a stated balance; return the status of the answer."""
    typed = {"at_on": "2026-01-31", "balance": "12.50", "reason": "Wallet", "version": 0}
    return client.post(url, typed | values).status_code


def test_a_balance_is_stated_with_evidence_and_leaves_a_trace(
    client: Client, channel: Channel, actor: User
) -> None:
    url = reverse("statements:balance_create", args=(channel.code,))

    assert sent(client, url, file=picture()) == 302

    stated = stated_of(channel).get()
    assert (stated.balance, stated.version, stated.stated_by) == (Decimal("12.50"), 1, actor)
    assert OperationLog.objects.filter(kind="balance.state").exists()
    page = client.get(channel.get_absolute_url()).content.decode()
    assert "12.50" in page
    assert f"Stated by {actor.display_name()}" in page
    file = client.get(reverse("statements:balance_download", args=(channel.code, stated.pk)))
    assert b"".join(file.streaming_content) == PNG + b"31"  # type: ignore[attr-defined]
    assert changed_evidence(channel.ledger_id) == []


def test_a_correction_is_the_next_version_and_keeps_the_evidence(
    client: Client, channel: Channel, actor: User
) -> None:
    stated = make_stated(channel, "1.00", actor=actor)

    shown = client.get(stated.get_absolute_url()).content.decode()
    assert 'value="1.00"' in shown
    assert sent(client, stated.get_absolute_url(), version=1, balance="2.00") == 302
    assert sent(client, stated.get_absolute_url(), version=1, balance="3.00") == 422

    now = stated_of(channel).get()
    assert (now.balance, now.version, now.sha256) == (2, 2, stated.sha256)
    assert [one.version for one in versions_of(stated)] == [2, 1]
    with pytest.raises(StaleVersion):
        make_stated(channel, "9.00", actor=actor)


def test_what_was_stated_is_taken_back_and_stated_again(
    client: Client, channel: Channel, actor: User
) -> None:
    stated = make_stated(channel, "1.00", actor=actor)
    url = stated.get_absolute_url()

    assert sent(client, url, version=1, balance="", step="take_back", reason="") == 422
    assert sent(client, url, version=1, balance="", step="take_back") == 302

    assert not stated_of(channel).exists()
    with pytest.raises(StaleVersion):
        take_back_balance(stated, reason="again", version=2, actor=actor)
    with pytest.raises(EvidenceIsMissing):
        state_balance(channel, Said(DAY, Decimal(1), "x"), version=2, actor=actor)
    assert make_stated(channel, "4.00", version=2, actor=actor).version == 3
    assert [one.balance for one in stated_by_keys([stated.pk])] == [1]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"balance": "12.501"}, "balance"),
        ({"balance": "much"}, "balance"),
        ({"reason": " "}, "reason"),
        ({"at_on": "2999-01-01"}, "at_on"),
        ({"file": ""}, "file"),
        ({"file": SimpleUploadedFile("x.png", b"no picture")}, "file"),
    ],
)
def test_what_is_missing_is_told_at_its_field(
    client: Client, channel: Channel, values: dict[str, object], field: str
) -> None:
    url = reverse("statements:balance_create", args=(channel.code,))
    typed = {"at_on": "2026-01-31", "balance": "12.50", "reason": "Wallet", "version": 0}

    answer = client.post(url, typed | {"file": picture()} | values)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not StatedBalance.objects.exists()


def test_refusals_of_what_is_not_whole(channel: Channel, actor: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    text = SimpleUploadedFile("x.png", b"none")

    for said, refusal in (
        (Said(tomorrow, Decimal(1), "x", picture()), BalanceDayIsToCome),
        (Said(DAY, Decimal("0.001"), "x", picture()), InvalidAmount),
        (Said(DAY, Decimal(1), " ", picture()), StatedReasonIsMissing),
        (Said(DAY, Decimal(1), "x"), EvidenceIsMissing),
        (Said(DAY, Decimal(1), "x", text), FileTypeIsRefused),
    ):
        with pytest.raises(refusal):
            state_balance(channel, said, version=0, actor=actor)


def test_where_files_tell_balances_none_is_stated(actor: User, channel: Channel) -> None:
    bank = make_channel(channel.ledger)
    make_statement(bank, read(make_line("1.00"), opening="0"))

    assert tells_balances(bank)
    with pytest.raises(BalancesAreTold):
        make_stated(bank, "1.00", actor=actor)
    with pytest.raises(DatabaseError, match="tell its balances"), transaction.atomic():
        StatedBalance.objects.create(
            channel=bank, at_on=DAY, version=1, balance=1, reason="x", stated_by=actor,
            sha256="0" * 64, size=1,
        )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statements_statedbalance SET balance = balance + 1",
        "DELETE FROM statements_statedbalance",
        "TRUNCATE statements_statedbalance",
        AGAIN,
        "UPDATE statements_statementpart SET closing_balance = 1, opening_balance = -4",
    ],
)
def test_what_was_stated_and_what_files_told_never_changes(
    channel: Channel, actor: User, change: str
) -> None:
    make_stated(channel, "1.00", actor=actor)

    with (
        pytest.raises(DatabaseError, match=r"kept|follows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(change)


def test_readers_see_and_strangers_find_nothing(channel: Channel, actor: User) -> None:
    stated = make_stated(channel, "1.00", actor=actor)
    approver = make_user(channel.organization, Role.APPROVER)
    stranger = Client()
    stranger.force_login(make_senior(make_ledger()))

    with pytest.raises(Forbidden):
        make_stated(channel, "2.00", version=1, actor=approver)
    with pytest.raises(Forbidden):
        take_back_balance(stated, reason="x", version=1, actor=approver)
    assert stranger.get(stated.get_absolute_url()).status_code == 404


def test_spans_lead_from_one_stated_balance_to_the_next() -> None:
    first, second = date(2026, 1, 31), date(2026, 2, 28)
    daily = {date(2026, 1, 5): Decimal(7), date(2026, 2, 5): Decimal(3)}

    spans = stated_spans([Said(second, Decimal(20), "x"), Said(first, Decimal(17), "x")], daily)

    assert spans == [
        Span(date(2026, 1, 5), first, Decimal(10), Decimal(17)),
        Span(date(2026, 2, 1), second, Decimal(17), Decimal(20)),
    ]
    assert stated_spans([Said(first, Decimal(1), "x")], {}) == [
        Span(first, first, Decimal(1), Decimal(1))
    ]
    assert stated_spans([], daily) == []
