"""When the breaker opens, tries and closes; in one process and in Redis alike."""

from __future__ import annotations

import random
from threading import Barrier, Thread

import pytest
from django.conf import settings
from redis import Redis

from apps.credit.clients.breakers import LocalStore, RedisStore, Ticket
from apps.credit.domain.breaker import Phase, Refusal, Rules
from tests.credit.bureaus import SECOND, FakeClock

RULES = Rules()
NAME = "a-breaker"
Store = RedisStore | LocalStore


def redis_store(clock: FakeClock) -> RedisStore:
    return RedisStore(Redis.from_url(settings.REDIS_URL), settings.REDIS_PREFIX, clock=clock)


@pytest.fixture(params=["redis", "local"])
def store(request: pytest.FixtureRequest) -> Store:
    clock = FakeClock()
    return redis_store(clock) if request.param == "redis" else LocalStore(clock=clock)


def clock_of(store: Store) -> FakeClock:
    assert isinstance(store.clock, FakeClock)
    return store.clock


def call(store: Store, *, is_good: bool) -> Ticket:
    ticket = store.admit(NAME, RULES)
    if ticket.refusal is None:
        store.settle(NAME, ticket, RULES, is_good=is_good)
    return ticket


def calls(store: Store, good: int, bad: int) -> Phase:
    for is_good in [True] * good + [False] * bad:
        call(store, is_good=is_good)
    return store.look(NAME, RULES).phase


def open_it(store: Store) -> None:
    assert calls(store, 0, 4) == Phase.OPEN


def half_open_it(store: Store) -> None:
    open_it(store)
    clock_of(store).pass_seconds(30)


def test_three_failures_are_not_too_many_and_four_are(store: Store) -> None:
    assert calls(store, 0, 3) == Phase.CLOSED
    assert calls(store, 0, 1) == Phase.OPEN


def test_sixty_per_cent_is_not_too_much_and_more_is(store: Store) -> None:
    assert calls(store, 4, 6) == Phase.CLOSED
    assert calls(store, 0, 1) == Phase.OPEN


def test_failures_older_than_the_window_are_forgotten(store: Store) -> None:
    calls(store, 0, 3)
    clock_of(store).pass_seconds(30)

    assert calls(store, 0, 3) == Phase.CLOSED


def test_an_open_breaker_lets_nothing_through_for_thirty_seconds(store: Store) -> None:
    open_it(store)
    clock_of(store).now += 30 * SECOND - 1
    assert call(store, is_good=True).refusal == Refusal.OPEN
    clock_of(store).now += 1

    ticket = call(store, is_good=True)

    assert (ticket.refusal, ticket.change and ticket.change.after) == (None, Phase.HALF_OPEN)


def test_five_trials_that_succeed_close_it(store: Store) -> None:
    half_open_it(store)

    assert calls(store, 4, 0) == Phase.HALF_OPEN
    assert calls(store, 1, 0) == Phase.CLOSED
    assert store.look(NAME, RULES).calls == 0


def test_one_trial_that_fails_opens_it_for_another_thirty_seconds(store: Store) -> None:
    half_open_it(store)

    assert calls(store, 3, 1) == Phase.OPEN
    assert store.look(NAME, RULES).wait_ms == 30 * SECOND


def test_a_sixth_trial_is_refused_while_five_are_out(store: Store) -> None:
    half_open_it(store)

    refusals = [store.admit(NAME, RULES).refusal for _ in range(7)]

    assert refusals == [None] * 5 + [Refusal.TOO_MANY_PROBES] * 2


def test_a_trial_that_never_ends_frees_its_place(store: Store) -> None:
    half_open_it(store)
    lost = [store.admit(NAME, RULES) for _ in range(5)]
    clock_of(store).now += RULES.lease_ms

    assert store.admit(NAME, RULES).refusal is None
    assert store.settle(NAME, lost[0], RULES, is_good=False) is None
    assert store.look(NAME, RULES).phase == Phase.HALF_OPEN


def test_a_result_of_an_earlier_phase_counts_for_nothing(store: Store) -> None:
    late = store.admit(NAME, RULES)
    half_open_it(store)
    call(store, is_good=True)

    assert store.settle(NAME, late, RULES, is_good=False) is None
    assert store.look(NAME, RULES).phase == Phase.HALF_OPEN


def test_a_reset_closes_it_and_forgets(store: Store) -> None:
    open_it(store)

    store.reset(NAME, RULES)

    assert calls(store, 0, 3) == Phase.CLOSED


def test_redis_and_one_process_alone_come_to_the_same() -> None:
    clock, dice = FakeClock(), random.Random(7)  # noqa: S311  (no secret)
    pair: list[Store] = [redis_store(clock), LocalStore(clock=clock)]
    waiting: list[list[Ticket]] = []
    seen = set()
    for _ in range(3000):
        clock.now += dice.choice([0, 1, 400, 3 * SECOND, 11 * SECOND])
        if waiting and dice.random() < 0.6:
            tickets, is_good = waiting.pop(dice.randrange(len(waiting))), dice.random() < 0.5
            settled = [
                s.settle(NAME, t, RULES, is_good=is_good)
                for s, t in zip(pair, tickets, strict=True)
            ]
            assert settled[0] == settled[1]
        else:
            tickets = [s.admit(NAME, RULES) for s in pair]
            facts = [(t.generation, t.refusal, t.change) for t in tickets]
            assert facts[0] == facts[1]
            waiting += [tickets] if tickets[0].refusal is None else []
        looks = [s.look(NAME, RULES) for s in pair]
        assert (looks[0].phase, looks[0].failures, looks[0].calls, looks[0].wait_ms) == (
            looks[1].phase,
            looks[1].failures,
            looks[1].calls,
            looks[1].wait_ms,
        )
        seen.add(looks[0].phase)
    assert seen == set(Phase)


def test_a_burst_of_threads_gets_five_trials_and_one_of_them_hears_of_the_change() -> None:
    clock = FakeClock()
    half_open_it(redis_store(clock))
    barrier, tickets = Barrier(32), list[Ticket]()

    def burst() -> None:
        store = redis_store(clock)
        barrier.wait()
        tickets.append(store.admit(NAME, RULES))

    threads = [Thread(target=burst) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(ticket.refusal is None for ticket in tickets) == 5
    assert sum(ticket.change is not None for ticket in tickets) == 1


def test_the_clock_of_redis_serves_where_none_is_given() -> None:
    store = RedisStore(Redis.from_url(settings.REDIS_URL), settings.REDIS_PREFIX)

    assert calls(store, 0, 4) == Phase.OPEN
    assert 0 < store.look(NAME, RULES).wait_ms <= 30 * SECOND
