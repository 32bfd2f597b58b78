"""The body of an event as text, and what proves that it is the text that was written.

    checksum    SHA-256 of the body in UTF-8
    signature   HMAC-SHA256 over event, topic, key, organization, moment and checksum

The body is an object in canonical JSON: keys sorted, no spaces, text as it is. Amounts are
whole numbers of minor units; a fraction has no exact form in JSON and is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is signed of an event; `checksum` stands for the body."""

    event_id: uuid.UUID
    topic: str
    key: str
    organization_id: int | None
    occurred_at: datetime
    checksum: bytes

    def signed_text(self) -> bytes:
        """Return what the signature is made over: one fact in each line."""
        moment = (self.occurred_at - _EPOCH) // _MICROSECOND
        facts = (self.event_id, self.topic, self.key, self.organization_id or "", moment)
        return "\n".join([*map(str, facts), self.checksum.hex()]).encode()


def canonical_body(body: Mapping[str, Any]) -> str:
    """Return a body as canonical JSON.

    Raises:
        TypeError: it holds something else than texts, whole numbers, true, false, null,
            lists and objects.
    """
    _refuse_other_than_json(body)
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parsed_body(text: str) -> dict[str, Any]:
    """Return the values of a body.

    Raises:
        ValueError: it is not an object, or holds a fraction.
    """
    body = _DECODER.decode(text)
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004  (the text is at fault)
    return body


def checksum_of(body: str) -> bytes:
    """Return the SHA-256 of a body."""
    return hashlib.sha256(body.encode()).digest()


def signature_of(envelope: Envelope, secret: bytes) -> bytes:
    """Return the HMAC-SHA256 of an envelope."""
    return hmac.digest(secret, envelope.signed_text(), "sha256")


def flaw_of(
    envelope: Envelope,
    body: str,
    *,
    key_id: str,
    signature: bytes | None,
    keys: Mapping[str, bytes],
) -> str:
    """Return what is wrong with an event that arrived, as `words.Flaw`; "" if nothing is."""
    if not hmac.compare_digest(checksum_of(body), envelope.checksum):
        return "checksum"
    if signature is None:
        return "unsigned"
    if key_id not in keys:
        return "unknown_key"
    if not hmac.compare_digest(signature_of(envelope, keys[key_id]), signature):
        return "signature"
    return ""


def _refuse_fraction(text: str) -> Any:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_float=_refuse_fraction, parse_constant=_refuse_fraction)


def _refuse_other_than_json(value: Any) -> None:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key of a body is not text")
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            _refuse_other_than_json(part)
    elif value is not None and not isinstance(value, (str, int)):
        raise TypeError(f"{type(value).__name__} has no place in the body of an event")
