"""A change is seen by every process, Redis or not, and soon."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries
from redis.exceptions import RedisError

from apps.core import notifications
from apps.core.notifications import Subscription
from apps.organizations.models import Department
from apps.rollout.models import Flag
from apps.rollout.services.decisions import CHANNEL, choose, forget_flags
from apps.rollout.services.flags import set_percent
from tests.core.test_notifications import wait_until
from tests.factories import make_department
from tests.redis_keys import forget_keys
from tests.rollout.flags import WHY, make_admin, make_flag

pytestmark = pytest.mark.django_db(transaction=True)
# docs/rollout.md: at most this old where notifications get lost.
BOUND_SECONDS = notifications.POLL_SECONDS


@pytest.fixture
def _hearing(settings: LazySettings) -> Iterator[None]:
    """Listen, as every process of the application does."""
    settings.LISTEN_FOR_CHANGES = True
    notifications.listen()
    assert wait_until(notifications.is_hearing)
    yield
    notifications.stop_listening()
    forget_flags()


@pytest.fixture
def readers() -> Iterator[list[subprocess.Popen[str]]]:
    """End the processes that a test starts."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start_reader(
    department: Department, *more: str, **environment: str
) -> subprocess.Popen[str]:
    """Start another process of the application on the same database."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
    place = {name: value for name, value in place.items() if value}
    user = f"{place.pop('user')}@" if "user" in place else ""
    url = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
    command = [sys.executable, "-W", "ignore", "-m", "tests.rollout.reader"]
    return subprocess.Popen(  # noqa: S603  (our own module)
        [*command, str(department.pk), *more],
        env=os.environ | {"DATABASE_URL": url} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: subprocess.Popen[str]) -> list[str]:
    """Return the next line of a reader; it ends by itself when patience does."""
    assert process.stdout is not None
    return process.stdout.readline().split()


def move(flag: Flag, percent: int) -> Flag:
    """Bring a flag to a share."""
    return set_percent(
        flag, Decimal(percent), version=flag.version, reason=WHY, actor=make_admin(flag)
    )


def test_two_other_processes_see_a_change_within_the_stated_bound(
    readers: list[subprocess.Popen[str]],
) -> None:
    flag = make_flag(percent="0")
    department = make_department(flag.organization)
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    readers += [start_reader(department), start_reader(department, **nowhere)]
    assert [line_of(reader)[0] for reader in readers] == ["off", "off"]

    started = time.monotonic()
    flag = move(flag, 100)
    seen = [line_of(reader) for reader in readers]
    waited = time.monotonic() - started

    assert [answer for answer, _ in seen] == ["on", "on"]
    assert waited < BOUND_SECONDS + 1, "the second is for this test's own processes"
    # In all that time: one statement to keep the first answer, one after the notification.
    assert all(int(statements) <= 2 for _, statements in seen)
    move(flag, 0)
    assert [line_of(reader)[0] for reader in readers] == ["off", "off"]


def test_a_process_that_cannot_listen_asks_the_database_each_time(
    readers: list[subprocess.Popen[str]],
) -> None:
    flag = make_flag(percent="0")
    readers.append(start_reader(make_department(flag.organization), "deaf"))
    assert line_of(readers[0])[0] == "off"

    flag = move(flag, 100)
    assert line_of(readers[0])[0] == "on"
    move(flag, 0)

    assert line_of(readers[0])[0] == "off"


@pytest.mark.usefixtures("_hearing")
def test_a_flag_is_read_once_and_the_changer_knows_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    flag = make_flag(percent="0")
    department = make_department(flag.organization)
    choose(flag.name, department)
    with django_assert_num_queries(0):
        choose(flag.name, department)

    move(flag, 100)

    assert choose(flag.name, department).is_on


@pytest.mark.usefixtures("_hearing")
def test_the_changer_needs_no_notification(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    flag = make_flag(percent="0")
    department = make_department(flag.organization)
    lost = Subscription(CHANNEL, lambda: None, version_sql="SELECT 1")
    monkeypatch.setitem(notifications._subscriptions, CHANNEL, lost)
    assert not choose(flag.name, department).is_on

    move(flag, 100)

    with django_assert_num_queries(0):
        assert choose(flag.name, department).is_on


@pytest.mark.usefixtures("_hearing")
def test_nobody_sees_a_change_that_was_rolled_back() -> None:
    flag = make_flag(percent="0")
    department, admin = make_department(flag.organization), make_admin(flag)
    assert not choose(flag.name, department).is_on
    with transaction.atomic():
        set_percent(flag, Decimal(100), version=1, reason=WHY, actor=admin)
        assert choose(flag.name, department).is_on
        transaction.set_rollback(True)

    assert not choose(flag.name, department).is_on


def test_flushing_or_losing_redis_changes_no_answer(settings: LazySettings) -> None:
    flag = make_flag(percent="50")
    departments = [make_department(flag.organization) for _ in range(20)]
    before = [choose(flag.name, department) for department in departments]

    forget_keys()
    assert [choose(flag.name, department) for department in departments] == before
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": nowhere}
    with pytest.raises(RedisError):
        caches["default"].get("anything")

    flag = move(flag, 100)
    assert all(choose(flag.name, department).is_on for department in departments)
