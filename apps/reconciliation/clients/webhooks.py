"""Posting alerts to an organization's address, signed so that the receiver knows them.

    X-FMIS-Timestamp: 1764150000
    X-FMIS-Signature: KEY=HEX     HMAC-SHA256 over timestamp, ".", body

The secret of an organization follows from the key that signs events, so that it can be shown to
its administrators: it signs nothing else.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
import stamina
from django.conf import settings

from apps.core.deadlines import DeadlineTransport, deadline, seconds_left
from apps.core.public_network import NotPublic, PublicBackend, check_public_url

TRIES, SECONDS = 3, 10
_SHORTEST_WAIT, _LONGEST_WAIT = 0.2, 1


class NotTaken(Exception):
    """The receiver did not take what was posted; the text says why, in few words."""


class _TryAgain(Exception):
    """Status 429 or 5xx."""


def webhook_key(organization_id: int) -> tuple[str, str]:
    """Return the name of the key that signs now, and the secret of an organization."""
    name, secret = next(iter(settings.EVENT_KEYS.items()))
    return name, hmac.digest(secret, f"alerts:{organization_id}".encode(), "sha256").hex()


def signed_headers(organization_id: int, body: bytes, timestamp: int) -> dict[str, str]:
    """Return the headers by which the receiver knows that a body is ours."""
    name, secret = webhook_key(organization_id)
    signature = hmac.digest(secret.encode(), b"%d." % timestamp + body, "sha256").hex()
    return {
        "Content-Type": "application/json",
        "X-FMIS-Timestamp": str(timestamp),
        "X-FMIS-Signature": f"{name}={signature}",
    }


def post_alert(
    url: str, organization_id: int, facts: Mapping[str, Any], *, key: str, timestamp: int
) -> None:
    """Post facts; `key` is by what the receiver knows a repetition.

    Raises:
        NotTaken: no 2xx within the deadline, after some tries.
    """
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    headers = signed_headers(organization_id, body, timestamp) | {"Idempotency-Key": key}
    try:
        check_public_url(url)
        with deadline(SECONDS):
            _send(httpx.Request("POST", url, content=body, headers=headers))
    except NotPublic as error:
        raise NotTaken("not a public https address") from error
    except _TryAgain as error:
        raise NotTaken(str(error)) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(type(error).__name__) from error


def _send(request: httpx.Request) -> None:
    tries = stamina.retry_context(
        on=(httpx.TransportError, _TryAgain),
        attempts=TRIES,
        timeout=seconds_left(),
        wait_initial=_SHORTEST_WAIT,
        wait_max=_LONGEST_WAIT,
        wait_jitter=_SHORTEST_WAIT,
    )
    for attempt in tries:
        with attempt:
            answer = client().send(request, stream=True)
            # Nothing of the answer is read but its status.
            answer.close()
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                raise _TryAgain(str(answer.status_code))
            if not answer.is_success:
                raise NotTaken(str(answer.status_code))


@cache
def client() -> httpx.Client:
    """Return the client of this process: no redirects, no proxy, public servers only."""
    return httpx.Client(
        transport=DeadlineTransport(PublicBackend()), follow_redirects=False, trust_env=False
    )
