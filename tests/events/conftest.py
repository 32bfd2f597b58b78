"""The probe of the events' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.events.probe import Probe, probing


@pytest.fixture
def probe(db: None) -> Iterator[Probe]:
    """Return a consumer of confirmed rates, the only one."""
    with probing() as found:
        yield found
