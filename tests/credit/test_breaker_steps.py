"""Opening, falling back, trying, closing; and people who step in."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from apps.audit.models import OperationLog
from apps.core.errors import FinanceError, Forbidden
from apps.credit.domain.checks import Outcome, Source
from apps.credit.models import BreakerTransition
from apps.credit.services.breaker import breaker_now, force_breaker_open, reset_breaker
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.credit.bureaus import FakeClock, RunningBureau, check
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user(make_organization(), Role.ADMIN)


def home_of(person: User) -> Organization:
    assert person.organization is not None
    return person.organization


def course(organization: Organization) -> list[tuple[str, str]]:
    """Return the transitions, oldest first, as (after, cause)."""
    rows = BreakerTransition.objects.of(organization.pk).order_by("id")
    return [(row.after, row.cause) for row in rows]


def test_the_whole_course_is_recorded(
    admin: User, bureau: RunningBureau, clock: FakeClock
) -> None:
    home = home_of(admin)
    check(home)
    bureau.behave(mode="down")
    results = [check(home) for _ in range(6)]
    clock.pass_seconds(30)
    check(home)
    clock.pass_seconds(30)
    bureau.behave(mode="ok")
    last = [check(home) for _ in range(6)]

    assert [r.outcome for r in results][3:] == [Outcome.UNREACHABLE] + [
        Outcome.BREAKER_OPEN
    ] * 2
    assert {r.source for r in results} == {Source.CACHED}
    assert {r.source for r in last} == {Source.LIVE}
    tried = [("half_open", "wait_is_over"), ("open", "probe_failed")]
    again = [("half_open", "wait_is_over"), ("closed", "probes_passed")]
    assert course(home) == [("open", "failures"), *tried, *again]


def test_one_organizations_trouble_is_not_anothers(
    admin: User, bureau: RunningBureau, clock: FakeClock
) -> None:
    bureau.behave(mode="down")
    for _ in range(4):
        check(home_of(admin))
    bureau.behave(mode="ok")

    assert check(make_organization()).source == Source.LIVE


def test_forced_open_asks_nobody_until_it_is_reset(
    admin: User, bureau: RunningBureau, clock: FakeClock
) -> None:
    home, before = home_of(admin), bureau.requests()

    force_breaker_open(actor=admin, reason="The bureau sends nonsense")
    clock.pass_seconds(3600)

    assert check(home).outcome == Outcome.FORCED_OPEN
    assert bureau.requests() == before
    assert breaker_now(home.pk).state == "forced_open"
    assert reset_breaker(actor=admin, reason="They mended it")
    assert check(home).source == Source.LIVE
    assert course(home) == [("forced_open", "forced"), ("closed", "reset")]


def test_what_a_person_forced_outlives_redis(
    admin: User, bureau: RunningBureau, no_redis: FakeClock
) -> None:
    force_breaker_open(actor=admin, reason="The bureau sends nonsense")

    assert check(home_of(admin)).outcome == Outcome.FORCED_OPEN
    assert not reset_breaker(actor=admin, reason="They mended it")


def test_a_reset_closes_an_open_breaker_at_once(
    admin: User, bureau: RunningBureau, clock: FakeClock
) -> None:
    bureau.behave(mode="down")
    for _ in range(4):
        check(home_of(admin))
    bureau.behave(mode="ok")

    reset_breaker(actor=admin, reason="They mended it")

    assert check(home_of(admin)).source == Source.LIVE


def test_a_step_stands_in_the_operation_log_with_its_reason(
    admin: User, clock: FakeClock
) -> None:
    step = force_breaker_open(actor=admin, reason="  The bureau sends nonsense ")

    log = OperationLog.objects.get(
        resource_type="credit_breakertransition", resource_id=step.pk
    )
    assert (log.kind, log.actor) == ("credit.force_breaker_open", admin)
    assert log.reason == step.reason == "The bureau sends nonsense"


def test_a_step_that_cannot_be_changes_nothing(admin: User, clock: FakeClock) -> None:
    with pytest.raises(FinanceError, match="Say why"):
        force_breaker_open(actor=admin, reason=" ")
    with pytest.raises(FinanceError, match="Say why"):
        reset_breaker(actor=admin, reason="")
    with pytest.raises(Forbidden):
        force_breaker_open(actor=make_user(home_of(admin), Role.APPROVER), reason="Why not")
    force_breaker_open(actor=admin, reason="Once")
    with pytest.raises(FinanceError, match="already"):
        force_breaker_open(actor=admin, reason="Twice")

    assert len(course(home_of(admin))) == 1


def test_calls_of_the_system_are_recorded_without_a_person(
    admin: User, settings: LazySettings
) -> None:
    settings.CREDIT_BUREAU_URL = ""
    check(home_of(admin))

    log = OperationLog.objects.get(resource_type="credit_creditcheck")
    assert (log.kind, log.actor_id, log.organization) == ("credit.check", None, home_of(admin))
