"""The cache of rates: what it keeps, and that no process serves an old rate."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.core import notifications
from apps.fx.services import lookup, rate_cache
from apps.fx.services.lookup import cache_state, find_rate
from apps.organizations.models import Organization
from tests.core.test_notifications import PATIENCE_SECONDS, wait_until
from tests.factories import DAY, make_organization
from tests.fx.other_process import watch
from tests.fx.rates import make_published

_ANEW = multiprocessing.get_context("spawn")
transactional = pytest.mark.django_db(transaction=True, serialized_rollback=False)


@pytest.fixture
def _hearing(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the cache answer; the version is never asked, so that only NOTIFY can tell."""
    settings.LISTEN_FOR_CHANGES = True
    monkeypatch.setattr(notifications, "POLL_SECONDS", 3600)
    monkeypatch.setattr(notifications, "DEAF_AFTER_SECONDS", 3600)
    lookup.rates.forget()
    yield
    notifications.stop_listening()
    lookup.rates.forget()


def fill(organization: Organization) -> None:
    """Ask until the answer comes from the cache."""
    find_rate(organization, "USD", "CNY", on=DAY)
    assert wait_until(notifications.is_hearing)
    find_rate(organization, "USD", "CNY", on=DAY)


@transactional
@pytest.mark.usefixtures("_hearing")
def test_a_rate_that_was_found_is_not_looked_up_again(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    home = make_organization()
    make_published("USD/CNY", "7.1")
    fill(home)

    with django_assert_num_queries(0):
        found = find_rate(home, "USD", "CNY", on=DAY)

    assert (found.rate, cache_state().count) == (Decimal("7.1"), 1)


@transactional
@pytest.mark.usefixtures("_hearing")
def test_a_change_of_the_own_transaction_is_not_kept_for_others() -> None:
    home = make_organization()

    with transaction.atomic():
        make_published("USD/CNY", "7.1")
        fill(home)

        assert cache_state().count == 0
        transaction.set_rollback(True)


@transactional
@pytest.mark.usefixtures("_hearing")
def test_what_an_older_snapshot_shows_is_not_kept() -> None:
    home = make_organization()
    make_published("USD/CNY", "7.1")

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        fill(home)

    assert cache_state().count == 0


@transactional
@pytest.mark.usefixtures("_hearing")
def test_another_process_forgets_an_old_rate_when_a_new_one_is_committed() -> None:
    home = make_organization()
    make_published("USD/CNY", "7.1")
    ours, theirs = _ANEW.Pipe()
    database = connection.settings_dict["NAME"]
    process = _ANEW.Process(target=watch, args=(database, home.pk, theirs))
    process.start()

    assert ours.poll(PATIENCE_SECONDS)
    assert ours.recv() == 1
    make_published("USD/CNY", "7.2", revision=2)

    assert ours.poll(PATIENCE_SECONDS)
    assert ours.recv() == ([Decimal("7.1"), Decimal("7.2")], True)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0


def test_an_answer_read_before_a_change_does_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications.hearing, "until_ns", 2**62)
    cache: rate_cache.RateCache[str] = rate_cache.RateCache()
    store = cache.begin()

    cache.forget()
    cache.keep(store, "key", "old")

    assert cache.get("key") is None


def test_the_cache_is_bounded_in_size_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications.hearing, "until_ns", 2**62)
    monkeypatch.setattr(rate_cache, "MOST_ENTRIES", 2)
    cache: rate_cache.RateCache[int] = rate_cache.RateCache()
    for number in range(3):
        cache.keep(cache.begin(), number, number)

    assert [cache.get(number) for number in range(3)] == [None, 1, 2]
    monkeypatch.setattr(rate_cache, "monotonic_ns", lambda: 2**61)
    assert cache.get(2) is None
    assert cache.begin().currsize == 0


def test_nothing_is_answered_while_no_change_would_be_heard() -> None:
    cache: rate_cache.RateCache[int] = rate_cache.RateCache()
    cache.keep(cache.begin(), "key", 1)

    assert cache.get("key") is None
