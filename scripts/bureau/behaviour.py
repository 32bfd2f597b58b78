"""What the bureau answers, and how it misbehaves when told to.

    score     300 to 850, by the SHA-256 of the counterparty's name: always the same
    mode      ok; flaky (each n-th request fails, or a share of them chosen by a seed);
              down (the connection is closed without an answer); drip (a byte at a time)
    delay     milliseconds before every answer, in any mode

Only requests for a check count; looking at the control page does not.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, replace
from typing import Literal

LOWEST, HIGHEST = 300, 850
MOST_DELAY_MS = 60_000
MOST_NTH = 1000
MOST_KEPT = 10_000
WHOLE_PERCENT = 100
MODES = ("ok", "flaky", "down", "drip")
NUMBERS = {
    "delay_ms": (0, MOST_DELAY_MS),
    "fail_every": (0, MOST_NTH),
    "fail_percent": (0, WHOLE_PERCENT),
    "seed": (0, 2**31),
}

Fate = Literal["answer", "fail", "hang_up", "drip"]


def score_of(counterparty: str) -> int:
    """Return the score of a name; case and outer blanks make no difference."""
    name = counterparty.strip().casefold().encode()
    number = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
    return LOWEST + number % (HIGHEST - LOWEST + 1)


@dataclass(frozen=True)
class Settings:
    """How the bureau behaves now."""

    mode: str = "ok"
    delay_ms: int = 0
    fail_every: int = 2
    fail_percent: int = 0
    seed: int = 1

    def fate_of(self, number: int) -> Fate:
        """Return what becomes of the request with this number, counted from 1."""
        if self.mode == "down":
            return "hang_up"
        if self.mode == "drip":
            return "drip"
        if self.mode == "flaky" and (self._is_nth(number) or self._is_unlucky(number)):
            return "fail"
        return "answer"

    def _is_nth(self, number: int) -> bool:
        return bool(self.fail_every) and number % self.fail_every == 0

    def _is_unlucky(self, number: int) -> bool:
        """Tell whether the seed chose this request; the same seed chooses the same ones."""
        drawn = hashlib.sha256(f"{self.seed}:{number}".encode()).digest()
        return int.from_bytes(drawn[:8], "big") % WHOLE_PERCENT < self.fail_percent


def changed(settings: Settings, wanted: dict[str, str]) -> Settings:
    """Return the settings with the fields that a form sent.

    Raises:
        ValueError: a field holds what it cannot; nothing is changed then.
    """
    changes: dict[str, object] = {}
    for name, (least, most) in NUMBERS.items():
        if name in wanted:
            changes[name] = _number(name, wanted[name], least, most)
    if "mode" in wanted:
        if wanted["mode"] not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        changes["mode"] = wanted["mode"]
    return replace(settings, **changes)  # type: ignore[arg-type]


def _number(name: str, text: str, least: int, most: int) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not least <= int(text) <= most:
        raise ValueError(f"{name} is a whole number from {least} to {most}")
    return int(text)


class Bureau:
    """The bureau's memory, shared by the threads that answer."""

    def __init__(self) -> None:
        """Begin well-behaved."""
        self._lock = threading.Lock()
        self._settings = Settings()
        self._requests = 0
        self._failures = 0
        self._checks: dict[str, dict[str, object]] = {}

    @property
    def settings(self) -> Settings:
        """How it behaves now."""
        return self._settings

    def change(self, wanted: dict[str, str]) -> None:
        """Change how it behaves.

        Raises:
            ValueError: a field holds what it cannot.
        """
        with self._lock:
            self._settings = changed(self._settings, wanted)

    def next_fate(self) -> Fate:
        """Count a request and say what becomes of it."""
        with self._lock:
            self._requests += 1
            fate = self._settings.fate_of(self._requests)
            self._failures += fate != "answer"
            return fate

    def check(self, key: str, counterparty: str) -> dict[str, object]:
        """Return the check of an idempotency key; a key that came before makes no new one."""
        with self._lock:
            if key not in self._checks:
                number = len(self._checks) + 1
                made: dict[str, object] = {"check": number, "score": score_of(counterparty)}
                self._checks[key] = made | {"counterparty": counterparty}
                if len(self._checks) > MOST_KEPT:
                    del self._checks[next(iter(self._checks))]
            return self._checks[key]

    def counts(self) -> dict[str, int]:
        """Return how much came in: requests, those that failed, checks that were made."""
        with self._lock:
            return {
                "requests": self._requests,
                "failures": self._failures,
                "checks": len(self._checks),
            }
