"""A confirmed policy is seen by every process, none of which asks the database for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.core import notifications
from apps.policies.services.current import forget_policies, policy_on
from tests.core.test_notifications import wait_until
from tests.factories import make_organization
from tests.policies.policy_rows import START, make_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _hearing(settings: LazySettings) -> Iterator[None]:
    """Listen, as every process of the application does."""
    settings.LISTEN_FOR_CHANGES = True
    notifications.listen()
    assert wait_until(notifications.is_hearing)
    yield
    notifications.stop_listening()
    forget_policies()


@pytest.fixture
def reader_of() -> Iterator[list[subprocess.Popen[str]]]:
    """End the processes that a test starts."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start_reader(organization_id: int) -> subprocess.Popen[str]:
    """Start another process of the application on the same database."""
    values = connection.settings_dict
    place = {"host": values["HOST"], "user": values["USER"], "port": values["PORT"]}
    place = {name: value for name, value in place.items() if value}
    user = f"{place.pop('user')}@" if "user" in place else ""
    url = f"postgresql://{user}/{values['NAME']}?{urlencode(place)}"
    environment = os.environ | {"DATABASE_URL": url}
    return subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-W", "ignore", "-m", "tests.policies.reader", str(organization_id)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_other_processes_see_a_confirmed_policy(
    reader_of: list[subprocess.Popen[str]],
) -> None:
    organization = make_organization()
    make_policy(organization)
    reader_of += [start_reader(organization.pk), start_reader(organization.pk)]
    assert [line_of(reader)[0] for reader in reader_of] == ["1", "1"]

    make_policy(organization, effective_from=date(2098, 1, 1))

    seen = [line_of(reader) for reader in reader_of]
    assert [number for number, _ in seen] == ["2", "2"]
    # In all that time: one statement to keep version 1, one after the notification.
    assert all(int(statements) <= 2 for _, statements in seen)


def line_of(process: subprocess.Popen[str]) -> list[str]:
    """Return the next line of a reader; it ends by itself when patience does."""
    assert process.stdout is not None
    return process.stdout.readline().split()


@pytest.mark.usefixtures("_hearing")
def test_a_policy_is_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    policy = make_policy(make_organization())
    assert wait_until(lambda: is_kept(policy.organization_id))

    with django_assert_num_queries(0):
        again = policy_on(policy.organization_id, START)

    assert again.version_id == policy.pk


def is_kept(organization_id: int) -> bool:
    """Read, and tell whether the next read needs no statement."""
    policy_on(organization_id, START)
    statements: list[object] = []

    def count(execute: object, *rest: object) -> object:
        statements.append(rest)
        return execute(*rest)  # type: ignore[operator]

    with connection.execute_wrapper(count):
        policy_on(organization_id, START)
    return not statements


@pytest.mark.usefixtures("_hearing")
def test_nobody_sees_a_policy_of_a_transaction_that_was_rolled_back() -> None:
    organization = make_organization()
    with transaction.atomic():
        make_policy(organization)
        assert policy_on(organization.pk, START).number == 1
        transaction.set_rollback(True)

    assert policy_on(organization.pk, START).number == 0
