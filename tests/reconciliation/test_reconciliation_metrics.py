"""What Prometheus is told of reconciliation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from apps.reconciliation.models import LiveItem
from apps.reconciliation.services.metrics import reconciliation_metrics
from tests.reconciliation.world import make_books, make_run, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


class Collected:
    """A collector as portal/metrics.py registers it."""

    collect = staticmethod(reconciliation_metrics)


def told() -> dict[str, str]:
    """Return each line of the text format by its name with labels."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected())
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_breaks_runs_and_the_share_that_was_matched_are_told() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    run_now(channel)
    make_run(channel)

    found = told()

    name = f"{channel.organization.code}/{channel.code}"
    assert found['recon_breaks{category="missing_theirs",currency="CNY"}'] == "1.0"
    assert found['recon_breaks_at_risk{category="missing_theirs",currency="CNY"}'] == "50.0"
    assert found[f'recon_auto_match_ratio{{channel="{name}"}}'].startswith("0.666")
    assert found['recon_queue_depth{state="created"}'] == "1.0"
    assert 'recon_run_seconds{stage="working"}' in found


def test_lag_is_the_age_of_the_oldest_row_that_waits() -> None:
    channel = make_books()
    LiveItem.objects.create(
        channel=channel, side="book", item_id=1, currency="CNY", amount=1, day=1,
        on=timezone.localdate(), happened_at=timezone.now() - timedelta(minutes=10),
    )  # fmt: skip

    name = f"{channel.organization.code}/{channel.code}"
    labels = f'{{channel="{name}",partner=""}}'
    assert 600 <= int(told()[f"recon_lag_seconds{labels}"].partition(".")[0]) < 700
    assert told()[f'recon_open_items{{channel="{name}"}}'] == "1.0"
