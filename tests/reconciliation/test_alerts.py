"""Alerts: opened once, closed by themselves, acknowledged by people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.organizations.permissions import Role
from apps.reconciliation.domain.watching import RunFigures, fall_of
from apps.reconciliation.errors import AlertIsClosed
from apps.reconciliation.models import Alert, LiveItem, ReconciliationRun
from apps.reconciliation.services.alerts import (
    acknowledge_alert,
    save_thresholds,
    thresholds_of,
    watch_channels,
)
from apps.statements.models import Channel
from tests.factories import make_accountant, make_senior, make_user
from tests.reconciliation.world import make_books, make_run, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def open_kinds() -> set[str]:
    return set(Alert.objects.exclude(state="closed").values_list("kind", flat=True))


def make_failed() -> tuple[Channel, ReconciliationRun]:
    """Return a channel whose only run failed, and that run."""
    channel = make_books()
    run = make_run(channel)
    ReconciliationRun.objects.filter(pk=run.pk).update(state="failed", failure="{}")
    return channel, run


def test_a_failed_run_is_told_once_until_it_is_good_again() -> None:
    _channel, run = make_failed()

    watch_channels()
    watch_channels()
    assert Alert.objects.get().kind == "failed"

    ReconciliationRun.objects.filter(pk=run.pk).update(state="cancelled")
    watch_channels()
    assert Alert.objects.get().state == "closed"
    assert [row.state for row in Alert.history.order_by("history_id")] == ["open", "closed"]


def test_what_comes_again_is_a_new_alert() -> None:
    channel, run = make_failed()
    watch_channels()
    ReconciliationRun.objects.filter(pk=run.pk).update(state="cancelled")
    watch_channels()

    again = make_run(channel)
    ReconciliationRun.objects.filter(pk=again.pk).update(state="failed", failure="{}")
    watch_channels()

    assert Alert.objects.count() == 2


def test_a_statement_that_does_not_come_is_missed_after_its_days() -> None:
    channel = make_books()
    on_time = timezone.now() + timedelta(days=3)

    watch_channels(on_time)
    assert open_kinds() == set()
    watch_channels(on_time + timedelta(days=1))
    assert open_kinds() == {"statement"}
    assert Alert.objects.get().channel == channel


def test_breaks_of_a_run_and_their_value_are_measured_against_thresholds() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    run_now(channel)
    save_thresholds(
        channel, version=0, actor=make_senior(channel.ledger), at_risk=Decimal(49),
        break_share=33, statement_days=9_999,
    )  # fmt: skip

    watch_channels()

    values = dict(Alert.objects.values_list("kind", "value"))
    assert values == {"risk": Decimal("50.0000"), "breaks": Decimal("33.3333")}


def test_a_row_that_waits_for_its_counterpart_is_told() -> None:
    channel = make_books()
    long_ago = timezone.now() - timedelta(hours=73)
    LiveItem.objects.create(
        channel=channel, side="book", item_id=1, currency="CNY", amount=1, day=1,
        on=long_ago.date(), happened_at=long_ago,
    )  # fmt: skip

    watch_channels()

    assert open_kinds() == {"live"}


def test_a_fall_below_the_median_needs_runs_to_compare_with() -> None:
    usual = [RunFigures(100, 3), RunFigures(100, 2), RunFigures(0, 0), RunFigures(100, 4)]

    assert fall_of([RunFigures(100, 10), *usual]) == 7
    assert fall_of([RunFigures(100, 10), *usual[:2]]) is None


def test_an_unwatched_channel_is_quiet_and_closes_what_was_open() -> None:
    channel, _run = make_failed()
    watch_channels()

    actor = make_senior(channel.ledger)
    save_thresholds(channel, version=0, actor=actor, is_watched=False)
    watch_channels()

    assert open_kinds() == set()


def test_somebody_acknowledges_at_the_version_that_was_seen() -> None:
    channel, _run = make_failed()
    watch_channels()
    alert, actor = Alert.objects.get(), make_accountant(channel.ledger)

    acknowledge_alert(alert, version=1, note="The bank was told.", actor=actor)
    watch_channels()

    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.version) == ("acknowledged", actor, 2)
    with pytest.raises(StaleVersion):
        acknowledge_alert(alert, version=1, note="", actor=actor)


def test_what_is_over_cannot_be_acknowledged_and_auditors_only_read() -> None:
    channel, run = make_failed()
    watch_channels()
    auditor = make_user(channel.organization, Role.AUDITOR)
    with pytest.raises(Forbidden):
        acknowledge_alert(Alert.objects.get(), version=1, note="", actor=auditor)

    ReconciliationRun.objects.filter(pk=run.pk).update(state="cancelled")
    watch_channels()
    with pytest.raises(AlertIsClosed):
        acknowledge_alert(
            Alert.objects.get(), version=2, note="", actor=make_accountant(channel.ledger)
        )


def test_two_people_who_set_thresholds_at_once_do_not_overwrite_each_other() -> None:
    channel = make_books()
    actor = make_senior(channel.ledger)
    save_thresholds(channel, version=0, actor=actor, break_share=10)

    with pytest.raises(StaleVersion):
        save_thresholds(channel, version=0, actor=actor, break_share=30)
    assert thresholds_of(channel).break_share == 10
