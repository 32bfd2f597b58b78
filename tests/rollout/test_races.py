"""Two administrators at once: one outcome, the other told; nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.organizations.models import User
from apps.rollout.domain.ramp import Step
from apps.rollout.models import Flag, FlagExposure, RampStep
from apps.rollout.services.decisions import Subject, choose, record_exposure
from apps.rollout.services.flags import set_percent, ship_flags, stop_rollout
from apps.rollout.services.moving import move_rollouts
from apps.rollout.services.ramps import plan_ramp
from apps.rollout.words import StepState
from tests.factories import make_department, make_organization, make_system_user, make_user
from tests.rollout.flags import WHY, make_admin, make_flag

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 4, 25


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run works in threads of their own, begun together; return results or StaleVersion."""
    gate = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            gate.wait()
            return work()
        except StaleVersion as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def seen(flag: Flag) -> Flag:
    """Return what one of several people has on the screen."""
    return Flag.objects.select_related("organization").get(pk=flag.pk)


def shares(flag: Flag, admins: list[User], round_number: int) -> list[Callable[[], object]]:
    """Return changes of the share, each by another person at the same version."""

    def change(copy: Flag, number: int, admin: User) -> Callable[[], object]:
        percent = Decimal(round_number * THREADS + number + 1) / 2
        return lambda: set_percent(copy, percent, version=copy.version, reason=WHY, actor=admin)

    return [change(seen(flag), number, admin) for number, admin in enumerate(admins)]


def test_of_several_changes_at_one_version_exactly_one_counts() -> None:
    flag = make_flag(percent="0")
    admins = [make_admin(flag) for _ in range(THREADS)]

    for number in range(ROUNDS):
        results = at_once(*shares(flag, admins, number))
        (winner,) = [one for one in results if isinstance(one, Flag)]
        assert seen(flag).percent == winner.percent

    assert seen(flag).version == 1 + ROUNDS
    assert flag.history.count() == 1 + ROUNDS


def test_a_kill_switch_beats_a_ramp_or_is_told_but_never_gets_lost() -> None:
    for _ in range(ROUNDS):
        flag = make_flag(percent="0")
        admin, today = make_admin(flag), timezone.localdate()
        plan_ramp(flag, [Step(today, Decimal(50))], version=1, reason=WHY, actor=admin)
        copy = seen(flag)

        results = at_once(
            lambda copy=copy, admin=admin: stop_rollout(  # type: ignore[misc]
                copy, version=2, reason=WHY, actor=admin
            ),
            move_rollouts,
        )

        is_stopped = isinstance(results[0], Flag)
        assert seen(flag).is_killed == is_stopped
        assert seen(flag).version == 3 + (is_stopped and results[1] == 1)


def test_a_step_is_taken_once_however_many_beats_there_are() -> None:
    flag = make_flag(percent="0")
    today = timezone.localdate()
    steps = [Step(today + timedelta(days=n), Decimal(n + 1)) for n in range(3)]
    plan_ramp(flag, steps, version=1, reason=WHY, actor=make_admin(flag))

    results = at_once(*[move_rollouts] * THREADS)

    assert sorted(results, key=str) == [0] * (THREADS - 1) + [1]
    assert seen(flag).version == 3
    assert RampStep.objects.filter(state=StepState.DONE).count() == 1


def test_an_organization_gets_its_flags_once() -> None:
    organization, system = make_organization(), make_system_user()

    at_once(*[lambda: ship_flags(organization, actor=system)] * THREADS)

    assert organization.flags.count() == 1


def test_a_subject_is_exposed_once_by_many_workers() -> None:
    flag = make_flag(percent="100")
    department, actor = make_department(flag.organization), make_user(flag.organization)
    choice = choose(flag.name, department)
    subject = Subject("approval_request", "7")

    at_once(*[lambda: record_exposure(choice, department, subject, actor=actor)] * THREADS)

    assert FlagExposure.objects.count() == 1
