"""The page of credit checks, and Prometheus's figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from apps.credit.domain.breaker import Phase
from apps.credit.models import BreakerTransition, CreditCheck
from apps.credit.services.wording import age_text
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.credit.bureaus import FakeClock, RunningBureau, check, name_with_score
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


def person(role: Role) -> User:
    return make_user(make_organization(), role)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(user: User, **values: str) -> str:
    """Send the form and return the page that follows."""
    typed = {"counterparty": name_with_score(550, 850), "amount": "1,000.00", "currency": "cny"}
    answer = browser_of(user).post("/credit/checks/", typed | values, follow=True)
    return answer.content.decode()


def overview(role: Role) -> str:
    return browser_of(person(role)).get(reverse("credit:credit_overview")).content.decode()


def test_a_check_by_the_form_tells_its_result_and_stands_in_the_table(
    bureau: RunningBureau, clock: FakeClock
) -> None:
    page = ask(person(Role.TREASURY))

    assert "(live): good." in page
    assert CreditCheck.objects.get().amount == Decimal(1000)
    assert "1,000.00 CNY" in page


def test_a_form_with_errors_keeps_what_was_typed_and_asks_nobody(
    bureau: RunningBureau, clock: FakeClock
) -> None:
    page = ask(person(Role.TREASURY), amount="1.234", counterparty="Odd & Sons")

    assert "is not an amount" in page
    assert "Odd &amp; Sons" in page
    assert not CreditCheck.objects.exists()


def test_an_older_score_is_labelled_with_its_age(
    bureau: RunningBureau, clock: FakeClock
) -> None:
    senior = person(Role.SENIOR_ACCOUNTANT)
    assert senior.organization is not None
    at = timezone.now() - timedelta(hours=5, minutes=12)
    CreditCheck.objects.create(
        organization=senior.organization,
        counterparty="Huaxin Trading",
        amount=1,
        currency_id="CNY",
        source="live",
        outcome="answered",
        score=700,
        is_good=True,
        needs_person=False,
        scored_at=at,
        at=at,
    )
    bureau.behave(mode="down")

    page = ask(senior, counterparty="Huaxin Trading")

    assert "Score 700 (cached, 5 h 12 min old): good." in page
    assert "cached · 5 h 12 min old" in page


def test_ages_read_in_both_languages() -> None:
    age = timedelta(hours=23, minutes=59, seconds=59)

    assert age_text(age) == "23 h 59 min old"
    assert age_text(timedelta(seconds=30)) == "under a minute old"
    assert age_text(timedelta(0)) == age_text(None) == ""
    with translation.override("zh-hans"):
        assert age_text(age) == "23 小时 59 分钟前"


def test_the_page_shows_what_opened_the_breaker(
    bureau: RunningBureau, clock: FakeClock
) -> None:
    admin = person(Role.ADMIN)
    assert admin.organization is not None
    bureau.behave(mode="down")
    for _ in range(4):
        check(admin.organization)

    page = browser_of(admin).get("/credit/").content.decode()

    assert "Breaker: open" in page
    assert "4 of 4 calls failed" in page
    assert "the next try is in" in page


def test_an_administrator_forces_it_open_and_resets_it(clock: FakeClock) -> None:
    browser = browser_of(person(Role.ADMIN))
    reason = {"reason": "Maintenance <tonight>"}

    forced = browser.post("/credit/breaker/force-open/", reason, follow=True)
    again = browser.post("/credit/breaker/force-open/", reason, follow=True)
    reset = browser.post("/credit/breaker/reset/", {"reason": "It is over"}, follow=True)

    assert "Maintenance &lt;tonight&gt;" in forced.content.decode()
    assert "forced open already" in again.content.decode()
    assert "Breaker: closed" in reset.content.decode()
    assert BreakerTransition.objects.count() == 2


def test_a_step_without_a_reason_is_refused(clock: FakeClock) -> None:
    page = browser_of(person(Role.ADMIN)).post("/credit/breaker/reset/", {}, follow=True)

    assert "Say why" in page.content.decode()
    assert not BreakerTransition.objects.exists()


def test_one_organization_sees_nothing_of_another(
    bureau: RunningBureau, clock: FakeClock
) -> None:
    ask(person(Role.TREASURY), counterparty="Our secret customer")

    page = overview(Role.ADMIN)

    assert "Our secret customer" not in page


def test_the_page_tells_that_each_process_counts_for_itself(no_redis: FakeClock) -> None:
    page = overview(Role.AUDITOR)

    assert "Redis does not answer" in page


def test_figures_are_told_to_whoever_shows_the_token(
    bureau: RunningBureau, clock: FakeClock, settings: LazySettings
) -> None:
    settings.METRICS_TOKEN = "a-token"
    admin = person(Role.ADMIN)
    assert admin.organization is not None
    check(admin.organization)
    bureau.behave(mode="down")
    for _ in range(6):
        check(admin.organization)

    answer = Client().get("/metrics", headers={"Authorization": "Bearer a-token"})

    text = answer.content.decode()
    total = "fmis_credit_checks_total"
    assert f'{total}{{outcome="answered",source="live"}} 1.0' in text
    assert f'{total}{{outcome="breaker_open",source="cached"}} 2.0' in text
    assert f'fmis_credit_breakers{{state="{Phase.OPEN}"}} 1.0' in text
    assert 'fmis_credit_breaker_transitions_total{to="open"} 1.0' in text


@pytest.mark.parametrize(("token", "shown"), [("", ""), ("", "Bearer "), ("a", "Bearer b")])
def test_figures_are_told_to_nobody_else(
    settings: LazySettings, token: str, shown: str
) -> None:
    settings.METRICS_TOKEN = token

    assert Client().get("/metrics", headers={"Authorization": shown}).status_code == 401
