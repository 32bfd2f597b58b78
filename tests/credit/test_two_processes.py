"""Two processes, one bureau: what one learns the other knows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from apps.credit.models import BreakerTransition
from scripts.places import ROOT
from tests.credit.bureaus import FakeClock, RunningBureau
from tests.factories import make_organization

pytestmark = pytest.mark.django_db(transaction=True)
LIVE, DOWN = "live answered", "cached unreachable"
OPEN = "cached breaker_open"


class OtherProcess:
    """A process of the application that checks when it is told to."""

    def __init__(self, organization_id: int, url: str, clock: FakeClock) -> None:
        """Start it on the tests' database and Redis keys."""
        values = connection.settings_dict
        place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
        place = {name: value for name, value in place.items() if value}
        user = f"{place.pop('user')}@" if "user" in place else ""
        database = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
        more = {"DATABASE_URL": database, "FMIS_REDIS_PREFIX": settings.REDIS_PREFIX}
        command = ["-W", "ignore", "-m", "tests.credit.client", str(organization_id), url]
        self.clock = clock
        self.process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | more,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self) -> None:
        """Have it check, without waiting for the answer."""
        assert self.process.stdin is not None
        print(self.clock.now, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        """Return its next answer."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def checks(self, times: int = 1) -> list[str]:
        """Have it check several times in turn."""
        answers = []
        for _ in range(times):
            self.tell()
            answers.append(self.hear())
        return answers


@pytest.fixture
def both(bureau: RunningBureau) -> Iterator[tuple[OtherProcess, OtherProcess]]:
    """Start two processes whose clock the test moves."""
    organization, clock = make_organization(), FakeClock()
    one, two = (OtherProcess(organization.pk, bureau.url, clock) for _ in range(2))
    yield one, two
    for other in (one, two):
        other.process.kill()
        other.process.communicate()


def test_a_breaker_opens_serves_older_scores_tries_and_closes_for_both(
    both: tuple[OtherProcess, OtherProcess], bureau: RunningBureau
) -> None:
    one, two = both
    assert one.checks() + two.checks() == [LIVE, LIVE]
    bureau.behave(mode="down")

    assert one.checks(2) + two.checks(2) == [DOWN] * 4
    before = bureau.requests()
    assert one.checks() + two.checks() == [OPEN, OPEN]
    assert bureau.requests() == before

    bureau.behave(mode="ok")
    one.clock.pass_seconds(30)
    assert two.checks(2) + one.checks(3) + two.checks() == [LIVE] * 6
    rows = BreakerTransition.objects.order_by("id").values_list("after", flat=True)
    assert list(rows) == ["open", "half_open", "closed"]


def test_trials_of_both_that_fail_open_it_again(
    both: tuple[OtherProcess, OtherProcess], bureau: RunningBureau
) -> None:
    one, two = both
    assert one.checks() == [LIVE]
    bureau.behave(mode="down")
    one.checks(4)
    one.clock.pass_seconds(30)
    before = bureau.requests()

    for other in both:
        other.tell()
    answers = {one.hear(), two.hear()}

    # The first that fails opens it again: no other trial begins, each asks three times.
    assert answers <= {DOWN, OPEN}
    assert bureau.requests() - before <= 6
