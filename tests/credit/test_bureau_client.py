"""Asking the bureau: one deadline for everything, and tries only where they are safe."""

from __future__ import annotations

import time

import httpx
import pytest

from apps.core.deadlines import DeadlineTransport, deadline
from apps.credit.clients.bureau import Bureau, BureauFailed, send
from apps.credit.domain.checks import Outcome
from scripts.bureau.behaviour import score_of
from tests.credit.bureaus import RunningBureau

TRACE = "ab" * 16
ASKED = {"counterparty": "Huaxin Trading"}


def ask(url: str, *, key: str = "key", deadline_ms: int = 2000) -> int:
    return Bureau(url, deadline_ms).score_of(ASKED, key=key, trace_id=TRACE)


def outcome_of(url: str, deadline_ms: int = 2000) -> Outcome:
    with pytest.raises(BureauFailed) as failed:
        ask(url, deadline_ms=deadline_ms)
    return failed.value.outcome


def test_it_returns_the_score_that_belongs_to_the_name(bureau: RunningBureau) -> None:
    assert ask(bureau.url) == score_of("huaxin trading ")


def test_the_deadline_holds_against_a_server_that_trickles(bureau: RunningBureau) -> None:
    bureau.behave(mode="drip")
    started = time.monotonic()

    assert outcome_of(bureau.url, 400) == Outcome.TIMED_OUT

    # The drip goes on for 100 s, each read of it in time: only a total bound ends here.
    assert time.monotonic() - started < 10


def test_a_deadline_that_has_passed_lets_nothing_be_sent(bureau: RunningBureau) -> None:
    client = httpx.Client(transport=DeadlineTransport())

    with client, deadline(0), pytest.raises(httpx.TimeoutException):
        client.get(f"{bureau.url}/state")


def test_a_slow_bureau_gets_no_second_try(bureau: RunningBureau) -> None:
    bureau.behave(delay_ms=1000)
    before = bureau.requests()

    assert outcome_of(bureau.url, 200) == Outcome.TIMED_OUT
    assert bureau.requests() == before + 1


def test_a_question_with_a_key_is_asked_again_and_checked_once(bureau: RunningBureau) -> None:
    bureau.behave(mode="flaky", fail_every=1)
    before = bureau.state()

    assert outcome_of(bureau.url, 5000) == Outcome.BUREAU_FAILED

    after = bureau.state()
    assert after["requests"] - before["requests"] == 3
    assert after["checks"] == before["checks"]


def test_a_key_that_comes_twice_makes_one_check(bureau: RunningBureau) -> None:
    before = bureau.state()["checks"]

    assert ask(bureau.url, key="once") == ask(bureau.url, key="once")

    assert bureau.state()["checks"] == before + 1


def test_a_post_without_a_key_is_sent_once(bureau: RunningBureau) -> None:
    bureau.behave(mode="down")
    before = bureau.requests()

    with pytest.raises(httpx.TransportError):
        send(httpx.Request("POST", f"{bureau.url}/v1/checks", json=ASKED))

    assert bureau.requests() == before + 1


def test_a_bureau_that_hangs_up_is_asked_three_times(bureau: RunningBureau) -> None:
    bureau.behave(mode="down")
    before = bureau.requests()

    assert outcome_of(bureau.url, 5000) == Outcome.UNREACHABLE
    assert bureau.requests() == before + 3


def test_a_question_that_is_refused_is_no_failure_of_the_bureau(bureau: RunningBureau) -> None:
    with pytest.raises(BureauFailed) as refused:
        ask(bureau.url, key="")

    assert (refused.value.outcome, refused.value.is_failure) == (Outcome.REFUSED, False)


def test_nobody_at_the_address_is_a_failure() -> None:
    assert outcome_of("http://127.0.0.1:1") == Outcome.UNREACHABLE
    assert outcome_of("nonsense") == Outcome.UNREACHABLE
