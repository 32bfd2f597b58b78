"""A ramp that its guardrail halts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.rollout.domain.guardrail import Limits
from apps.rollout.domain.outcomes import Outcome
from apps.rollout.domain.ramp import Step
from apps.rollout.errors import LimitIsOutOfRange, RolloutStaysTheSame
from apps.rollout.models import Flag
from apps.rollout.services.guardrails import limits_of, set_limits
from apps.rollout.services.moving import move_rollouts
from apps.rollout.services.ramps import plan_ramp, resume_ramp
from apps.rollout.words import ChangeKind
from tests.fx.pages import browser_of, text_of
from tests.rollout.flags import WHY, make_admin, make_flag, provide

pytestmark = pytest.mark.django_db
LIMITS = Limits(rejection=Decimal(10), reversal=None, p90=None, least=10)
BAD = [Outcome(1, True, 60, is_rejected=True)] * 20
GOOD = [Outcome(1, True, 60)] * 20
# The old flow is not the guardrail's concern.
OLD = [Outcome(1, False, 60, is_rejected=True)] * 20


def guarded_ramp() -> Flag:
    """Return a flag whose ramp has a step today and one tomorrow."""
    flag, today = make_flag(percent="5"), timezone.localdate()
    admin = make_admin(flag)
    steps = [Step(today, Decimal(15)), Step(today + timedelta(days=1), Decimal(50))]
    flag = plan_ramp(flag, steps, version=1, reason=WHY, actor=admin)
    return set_limits(flag, LIMITS, version=flag.version, reason=WHY, actor=admin)


def test_a_ramp_halts_before_its_next_step_and_keeps_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provide(monkeypatch, outcomes=lambda *_: BAD)
    flag = guarded_ramp()

    assert move_rollouts() == 0

    flag.refresh_from_db()
    assert (flag.is_ramp_halted, flag.percent) == (True, 5)
    assert flag.halt_detail == [{"measure": "rejection", "figure": "100.00", "limit": "10.00"}]
    assert flag.change_kind == ChangeKind.HALTED
    assert flag.updated_by is not None
    assert flag.updated_by.username == f"system@{flag.organization.code}"


def test_administrators_are_told_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch, outcomes=lambda *_: BAD)
    admin = browser_of(make_admin(guarded_ramp()))
    assert "halted a ramp" not in text_of(admin, "portal:home")

    move_rollouts()

    assert "The guardrail halted a ramp" in text_of(admin, "portal:home")


def test_a_halted_ramp_stays_halted_until_a_person_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provide(monkeypatch, outcomes=lambda *_: BAD)
    flag = guarded_ramp()
    move_rollouts()
    provide(monkeypatch, outcomes=lambda *_: [*GOOD, *OLD])

    assert move_rollouts() == 0
    flag.refresh_from_db()
    flag = resume_ramp(flag, version=flag.version, reason=WHY, actor=make_admin(flag))

    assert (move_rollouts(), flag.halt_detail) == (1, [])


def test_a_ramp_between_its_limits_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch, outcomes=lambda *_: [*GOOD, *OLD])
    guarded_ramp()

    assert move_rollouts() == 1


def test_a_ramp_that_nobody_has_figures_of_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch)
    guarded_ramp()

    assert move_rollouts() == 1


@pytest.mark.parametrize(
    "limits",
    [
        Limits(Decimal(0), None, None, 10),
        Limits(None, Decimal(101), None, 10),
        Limits(None, None, Decimal(-1), 10),
        Limits(None, None, Decimal(1), 0),
    ],
)
def test_a_limit_that_means_nothing_is_refused(limits: Limits) -> None:
    flag = make_flag()

    with pytest.raises(LimitIsOutOfRange):
        set_limits(flag, limits, version=1, reason=WHY, actor=make_admin(flag))


def test_the_same_limits_again_are_no_change() -> None:
    flag = make_flag()

    with pytest.raises(RolloutStaysTheSame):
        set_limits(flag, limits_of(flag), version=1, reason=WHY, actor=make_admin(flag))
