"""What tests say to the bureau, the clock, and one short way to check."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from apps.credit.domain.checks import CreditResult
from apps.credit.services.checks import check_credit
from apps.organizations.models import Organization
from scripts.bureau.behaviour import score_of

START_MS = 1_700_000_000_000
SECOND = 1000


@dataclass(frozen=True)
class RunningBureau:
    """A bureau in another process."""

    url: str

    def behave(self, **wanted: object) -> None:
        """Change how it behaves, by the form of its control page."""
        answer = httpx.post(f"{self.url}/control", data=wanted)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text

    def state(self) -> dict[str, Any]:
        """Return what came in."""
        found: dict[str, Any] = httpx.get(f"{self.url}/state").json()
        return found

    def requests(self) -> int:
        """Return how many requests came in since it began."""
        return int(self.state()["requests"])


@dataclass
class FakeClock:
    """Milliseconds that pass when a test says so."""

    now: int = field(default=START_MS)

    def __call__(self) -> int:
        """Return the moment."""
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds * SECOND


def check(
    organization: Organization,
    counterparty: str = "Huaxin Trading",
    amount: str = "100.00",
    **values: Any,
) -> CreditResult:
    """Check a counterparty's credit."""
    values.setdefault("currency", "CNY")
    return check_credit(
        organization=organization,
        counterparty=counterparty,
        amount=Decimal(amount),
        **values,
    )


def name_with_score(least: int, most: int) -> str:
    """Return a name that the bureau gives a score in a range."""
    return next(
        n for n in map("Company {}".format, range(10_000)) if least <= score_of(n) <= most
    )
