"""What Prometheus scrapes: each app's figures, made at the moment of the question.

Nothing is kept in this process, so that any of several web processes tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE_LATEST  # noqa: PLC0414  (used by the view)
from prometheus_client import CollectorRegistry, generate_latest

from apps.credit.services.metrics import credit_metrics
from apps.events.services.metrics import event_metrics
from apps.reconciliation.services.metrics import reconciliation_metrics

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class _Everything:
    """A collector of all apps."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        yield from credit_metrics()
        yield from event_metrics()
        yield from reconciliation_metrics()


def metrics_text() -> bytes:
    """Return the figures in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return generate_latest(registry)
