"""What a check comes to, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.audit.models import OperationLog
from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.credit.domain.checks import CreditResult, Outcome, Source
from apps.credit.models import BreakerTransition, CreditCheck
from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from scripts.bureau.behaviour import score_of
from tests.credit.bureaus import FakeClock, RunningBureau, check, name_with_score
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Organization:
    return make_organization()


def earlier(
    home: Organization, hours: int, score: int | None = 800, **values: Any
) -> CreditCheck:
    """Return a check whose score the bureau gave some hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    kept: dict[str, Any] = {
        "organization": home,
        "counterparty": "Huaxin Trading",
        "amount": 1,
        "currency_id": "CNY",
        "source": "live",
        "outcome": "answered",
        "score": score,
        "is_good": True,
        "needs_person": False,
        "scored_at": at,
        "at": at,
    }
    return CreditCheck.objects.create(**(kept | values))


def test_a_bureau_that_answers_gives_a_live_score_without_age(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    name = name_with_score(550, 850)

    result = check(home, name)

    assert (result.score, result.source) == (score_of(name), Source.LIVE)
    assert (result.is_good, result.needs_person, result.age) == (True, False, timedelta(0))


def test_a_low_score_is_not_good_and_goes_to_a_person(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    result = check(home, name_with_score(300, 549))

    assert (result.is_good, result.needs_person) == (False, True)


def down(home: Organization, bureau: RunningBureau, **values: Any) -> CreditResult:
    bureau.behave(mode="down")
    return check(home, **values)


def test_a_bureau_that_is_down_lets_an_older_score_stand_in_with_its_age(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(home, 5, score=700)

    result = down(home, bureau)

    assert (result.score, result.source) == (700, Source.CACHED)
    assert result.age is not None
    assert result.age // timedelta(hours=1) == 5
    assert (result.is_good, result.needs_person) == (True, False)


def test_a_score_of_a_day_ago_does_not_stand_in(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(home, 24)

    result = down(home, bureau)

    assert (result.score, result.source, result.age) == (None, Source.NONE, None)
    assert (result.is_good, result.needs_person) == (False, True)


def test_an_older_score_never_serves_above_the_limit(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(home, 1)
    bureau.behave(mode="down")

    assert not check(home, amount="50000.00").needs_person
    assert check(home, amount="50000.01").needs_person


def test_a_currency_without_a_limit_has_the_limit_zero(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(home, 1)

    assert down(home, bureau, amount="1", currency="JPY").needs_person


def test_a_score_that_stood_in_does_not_grow_younger(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(home, 23)
    earlier(home, 1, source="cached", outcome="breaker_open", scored_at=timezone.now())

    result = down(home, bureau)

    assert result.age is not None
    assert result.age // timedelta(hours=1) == 23


def test_another_organizations_score_does_not_stand_in(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    earlier(make_organization(), 1)

    assert down(home, bureau).source == Source.NONE


def test_without_a_bureau_a_person_decides(home: Organization, settings: LazySettings) -> None:
    settings.CREDIT_BUREAU_URL = ""

    result = check(home)

    assert (result.outcome, result.needs_person) == (Outcome.NOT_CONFIGURED, True)


def test_every_check_is_stored_with_its_trace_and_its_person(
    home: Organization, bureau: RunningBureau, clock: FakeClock
) -> None:
    senior = make_user(home, Role.SENIOR_ACCOUNTANT)

    with trace("ab" * 16):
        check(home, "  Huaxin \n Trading", actor=senior)

    stored = CreditCheck.objects.get()
    assert (stored.counterparty, stored.trace_id) == ("Huaxin Trading", "ab" * 16)
    assert (stored.amount, stored.requested_by) == (Decimal(100), senior)
    log = OperationLog.objects.get(resource_type="credit_creditcheck")
    assert (log.kind, log.actor, log.organization) == ("credit.check", senior, home)


@pytest.mark.parametrize("table", ["credit_creditcheck", "credit_breakertransition"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET trace_id = 'x'", "DELETE FROM {}"])
def test_what_is_stored_stays(
    home: Organization, settings: LazySettings, table: str, statement: str
) -> None:
    settings.CREDIT_BUREAU_URL = ""
    check(home)
    BreakerTransition.objects.create(
        organization=home, before="closed", after="open", cause="failures", at=timezone.now()
    )

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_postgresql_keeps_a_check_without_a_score_from_being_good(home: Organization) -> None:
    with pytest.raises(IntegrityError, match="credit_check_"), transaction.atomic():
        earlier(home, 1, source="none", outcome="timed_out", score=None, scored_at=None)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"counterparty": " "}, "counterparty_is_missing"),
        ({"counterparty": "x" * 121}, "counterparty_is_missing"),
        ({"counterparty": "a\u202eb"}, "invalid_text"),
        ({"amount": "0"}, "credit_amount_out_of_range"),
        ({"amount": "-1"}, "credit_amount_out_of_range"),
        ({"amount": "NaN"}, "credit_amount_out_of_range"),
        ({"amount": "1e30"}, "credit_amount_out_of_range"),
        ({"amount": "0.001"}, "credit_amount_out_of_range"),
        ({"currency": "XXX"}, "unknown_currency"),
    ],
)
def test_bad_input_is_refused_and_stores_nothing(
    home: Organization, values: dict[str, str], code: str
) -> None:
    with pytest.raises(FinanceError) as refused:
        check(home, **values)

    assert refused.value.code == code
    assert not CreditCheck.objects.exists()


def test_without_redis_a_process_counts_for_itself_and_still_stops_asking(
    home: Organization, bureau: RunningBureau, no_redis: FakeClock
) -> None:
    bureau.behave(mode="down")
    outcomes = [check(home).outcome for _ in range(4)]
    before = bureau.requests()

    assert outcomes == [Outcome.UNREACHABLE] * 4
    assert check(home).outcome == Outcome.BREAKER_OPEN
    assert bureau.requests() == before
    assert not BreakerTransition.objects.get().is_shared
