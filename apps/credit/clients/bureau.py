"""The credit bureau over HTTP: one question, some tries, one deadline for all of them.

A request is sent again only where that cannot do anything twice: the methods that RFC 9110
(9.2.2) calls idempotent, and a POST that carries an Idempotency-Key, by which the bureau knows
it again. It is sent again after a broken connection, status 429 and status 5xx.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import stamina

from apps.core.deadlines import DeadlineTransport, deadline, seconds_left
from apps.credit.domain.checks import Outcome

TRIES = 3
_SHORTEST_WAIT, _LONGEST_WAIT = 0.05, 0.3
_MILLISECONDS = 1000
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_KEY = "Idempotency-Key"
_LARGEST_ANSWER = 64 * 1024
_HIGHEST_SCORE = 1000


class BureauFailed(Exception):
    """The bureau gave no score; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        """Keep why."""
        super().__init__(outcome.value)
        self.outcome = outcome

    @property
    def is_failure(self) -> bool:
        """Whether the bureau is to blame: a question that it refused is an answer."""
        return self.outcome != Outcome.REFUSED


class _TryAgain(Exception):
    """Status 429 or 5xx."""


@dataclass(frozen=True, slots=True)
class Bureau:
    """Where the bureau is, and how long a question to it may take."""

    url: str
    deadline_ms: int
    token: str = ""

    def score_of(self, question: Mapping[str, str], *, key: str, trace_id: str) -> int:
        """Ask for a score; `key` is what the bureau knows the question by.

        Raises:
            BureauFailed: there is no score, whatever the reason.
        """
        headers = {_KEY: key, "traceparent": _traceparent(trace_id)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            with deadline(self.deadline_ms / _MILLISECONDS):
                body = send(
                    httpx.Request(
                        "POST", f"{self.url}/v1/checks", json=dict(question), headers=headers
                    )
                )
        except httpx.TimeoutException as error:
            raise BureauFailed(Outcome.TIMED_OUT) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BureauFailed(Outcome.UNREACHABLE) from error
        except _TryAgain as error:
            raise BureauFailed(Outcome.BUREAU_FAILED) from error
        return _score(body)


def send(request: httpx.Request) -> Any:
    """Send a request, again where that is safe, and return the JSON of its answer.

    Raises:
        BureauFailed: the answer refuses the question, or is not JSON.
        httpx.HTTPError: the last try failed, or the deadline passed.
    """
    may_repeat = request.method in _IDEMPOTENT or _KEY in request.headers
    tries = stamina.retry_context(
        on=_is_worth_another_try,
        attempts=TRIES if may_repeat else 1,
        timeout=seconds_left(),
        wait_initial=_SHORTEST_WAIT,
        wait_max=_LONGEST_WAIT,
        wait_jitter=_SHORTEST_WAIT,
    )
    for attempt in tries:
        with attempt:
            return _send_once(request)
    raise _TryAgain


def _is_worth_another_try(error: Exception) -> bool:
    """Tell whether another try may help, and whether the wait before it fits in at all."""
    if isinstance(error, httpx.TimeoutException):
        return False
    try:
        left = seconds_left()
    except httpx.TimeoutException:
        return False
    has_time = left is None or left > _LONGEST_WAIT + _SHORTEST_WAIT
    return has_time and isinstance(error, (httpx.TransportError, _TryAgain))


@cache
def _client() -> httpx.Client:
    """Return the client of this process; its pool is shared by all threads."""
    return httpx.Client(
        transport=DeadlineTransport(),
        follow_redirects=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        trust_env=False,
    )


def _send_once(request: httpx.Request) -> Any:
    seconds_left()
    answer = _client().send(request, stream=True)
    try:
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            raise _TryAgain
        if answer.status_code != httpx.codes.OK:
            raise BureauFailed(
                Outcome.REFUSED if answer.is_client_error else Outcome.UNREADABLE
            )
        return _json(answer)
    finally:
        answer.close()


def _json(answer: httpx.Response) -> Any:
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise BureauFailed(Outcome.UNREADABLE)
    try:
        return httpx.Response(httpx.codes.OK, content=bytes(body)).json()
    except (ValueError, RecursionError) as error:
        raise BureauFailed(Outcome.UNREADABLE) from error


def _score(body: Any) -> int:
    """Return the score of an answer; anything but a whole number in range is none.

    Raises:
        BureauFailed: it holds no such score.
    """
    score = body.get("score") if isinstance(body, dict) else None
    if type(score) is not int or not 0 <= score <= _HIGHEST_SCORE:
        raise BureauFailed(Outcome.UNREADABLE)
    return score


def _traceparent(trace_id: str) -> str:
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
