"""Channels that are run by themselves: when, for which days, once, and what if not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import Role
from apps.reconciliation.domain.schedules import Plan, Rhythm, Span, days_of
from apps.reconciliation.errors import ScheduleNeedsDay
from apps.reconciliation.models import Alert, ReconciliationRun, RunSchedule
from apps.reconciliation.services import schedules
from apps.reconciliation.services.alerts import watch_channels
from apps.reconciliation.services.schedules import (
    next_due,
    run_due_schedules,
    save_schedule,
    schedule_of,
)
from apps.reconciliation.services.starting import schedule_runs
from apps.statements.models import Channel
from tests.factories import make_accountant, make_senior, make_user
from tests.reconciliation.world import make_books
from tests.statements.world import make_line, make_statement, read

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 9, 30, 12, 0, tzinfo=SHANGHAI)
DAILY: dict[str, Any] = {
    "is_on": True, "rhythm": "daily", "at": time(6, 30), "weekday": None, "month_day": None,
    "span": "this_month", "only_with_news": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "last", "following"),
    [
        (Plan(Rhythm.DAILY, time(6, 30)), "2026-09-30 06:30", "2026-10-01 06:30"),
        (Plan(Rhythm.DAILY, time(18, 0)), "2026-09-29 18:00", "2026-09-30 18:00"),
        (Plan(Rhythm.WORKDAYS, time(12, 0)), "2026-09-30 12:00", "2026-10-01 12:00"),
        (Plan(Rhythm.WEEKLY, time(6, 0), weekday=0), "2026-09-28 06:00", "2026-10-05 06:00"),
        (
            Plan(Rhythm.MONTHLY, time(6, 0), month_day=31),
            "2026-09-30 06:00",
            "2026-10-31 06:00",
        ),
        (Plan(Rhythm.MONTHLY, time(6, 0), month_day=1), "2026-09-01 06:00", "2026-10-01 06:00"),
    ],
)
def test_a_plan_knows_its_last_and_its_next_time(plan: Plan, last: str, following: str) -> None:
    assert f"{plan.last_due(WEDNESDAY):%Y-%m-%d %H:%M}" == last
    assert f"{plan.next_due(WEDNESDAY):%Y-%m-%d %H:%M}" == following


def test_workdays_leave_the_weekend_out() -> None:
    friday_night = datetime(2026, 10, 2, 23, 0, tzinfo=SHANGHAI)

    due = Plan(Rhythm.WORKDAYS, time(6, 30)).next_due(friday_night)

    assert due == datetime(2026, 10, 5, 6, 30, tzinfo=SHANGHAI)


def test_a_time_that_the_clock_skips_is_due_once_that_day() -> None:
    plan = Plan(Rhythm.DAILY, time(2, 30))
    before = datetime(2026, 3, 29, 1, 0, tzinfo=BERLIN)
    after = datetime(2026, 3, 29, 4, 0, tzinfo=BERLIN)

    due = plan.next_due(before)

    assert due is not None
    assert before < due < after
    assert plan.last_due(after) == due


@pytest.mark.parametrize(
    ("span", "newest", "days"),
    [
        (Span.STATEMENT, date(2026, 8, 20), (date(2026, 8, 1), date(2026, 8, 31))),
        (Span.STATEMENT, None, (date(2026, 10, 1), date(2026, 10, 4))),
        (Span.STATEMENT, date(2026, 12, 24), (date(2026, 10, 1), date(2026, 10, 4))),
        (Span.THIS_MONTH, date(2026, 8, 20), (date(2026, 10, 1), date(2026, 10, 4))),
        (Span.LAST_MONTH, date(2026, 8, 20), (date(2026, 9, 1), date(2026, 9, 30))),
    ],
)
def test_a_span_never_covers_a_day_that_is_not_over(
    span: Span, newest: date | None, days: tuple[date, date]
) -> None:
    assert days_of(span, newest=newest, today=date(2026, 10, 5)) == days


def test_the_first_of_a_month_closes_the_month_before() -> None:
    days = days_of(Span.THIS_MONTH, newest=None, today=date(2026, 10, 1))

    assert days == (date(2026, 9, 1), date(2026, 9, 30))


def make_schedule(channel: Channel, actor: User | None = None, **values: Any) -> RunSchedule:
    """Return a schedule that was set two days ago."""
    actor = actor or make_senior(channel.ledger)
    made = save_schedule(channel, version=0, actor=actor, **DAILY | values)
    RunSchedule.objects.filter(pk=made.pk).update(done_until=timezone.now() - timedelta(days=2))
    return made


@pytest.mark.django_db
def test_a_due_time_is_carried_out_once_and_of_missed_ones_the_last() -> None:
    channel = make_books()
    schedule = make_schedule(channel)
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)

    assert run_due_schedules(noon) == 1
    assert run_due_schedules(noon) == 0

    run = ReconciliationRun.objects.get()
    schedule.refresh_from_db()
    assert (run.is_scheduled, run.created_by) == (True, schedule.runs_as)
    assert (schedule.outcome, schedule.run) == ("started", run)
    assert timezone.localtime(schedule.done_until).strftime("%H:%M") == "06:30"


@pytest.mark.django_db
def test_of_two_who_look_at_once_one_carries_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make_books()
    make_schedule(channel)
    carry_out, noon = schedules._carry_out, timezone.now() + timedelta(days=1)

    def another_first(schedule: RunSchedule, due: datetime) -> None:
        carry_out(RunSchedule.objects.get(pk=schedule.pk), due)
        carry_out(schedule, due)

    monkeypatch.setattr(schedules, "_carry_out", another_first)

    assert run_due_schedules(noon) == 0
    assert ReconciliationRun.objects.count() == 1


@pytest.mark.django_db
def test_what_was_due_before_a_schedule_was_set_is_not_made_up_for() -> None:
    channel = make_books()
    save_schedule(channel, version=0, actor=make_senior(channel.ledger), **DAILY)

    assert run_due_schedules() == 0


@pytest.mark.django_db
def test_without_news_nothing_runs_and_it_says_so() -> None:
    channel = make_books()
    schedule = make_schedule(channel, only_with_news=True)

    run_due_schedules()
    schedule.refresh_from_db()
    assert (schedule.outcome, ReconciliationRun.objects.count()) == ("no_news", 0)

    make_statement(channel, read(make_line("1.00", "TXN-1")))
    run_due_schedules(timezone.now() + timedelta(days=1))
    schedule.refresh_from_db()
    assert schedule.outcome == "started"


@pytest.mark.django_db
def test_a_refusal_is_kept_and_alerted_until_it_goes_well_again() -> None:
    channel = make_books()
    schedule = make_schedule(channel)
    roles = RoleAssignment.objects.filter(user=schedule.runs_as)
    kept = list(roles)
    roles.delete()

    run_due_schedules()
    watch_channels()
    schedule.refresh_from_db()
    assert schedule.outcome == "refused"
    assert "roles do not allow" in schedules.failure_text(schedule)
    assert Alert.objects.get().kind == "schedule"

    RoleAssignment.objects.bulk_create(kept)
    run_due_schedules(timezone.now() + timedelta(days=1))
    watch_channels()
    assert Alert.objects.get().state == "closed"


@pytest.mark.django_db
def test_nothing_runs_in_the_name_of_who_left() -> None:
    channel = make_books()
    schedule = make_schedule(channel)
    User.objects.filter(pk=schedule.runs_as_id).update(is_active=False)

    run_due_schedules()

    schedule.refresh_from_db()
    assert "not active" in schedules.failure_text(schedule)
    assert not ReconciliationRun.objects.exists()


@pytest.mark.django_db
def test_a_channel_with_a_schedule_of_its_own_is_not_run_in_the_morning_too() -> None:
    channel = make_books()
    make_statement(channel, read(make_line("1.00", "TXN-1")))
    make_schedule(channel, is_on=False)

    assert (schedule_runs(), run_due_schedules()) == (0, 0)
    assert next_due(schedule_of(channel)) is None


@pytest.mark.django_db
def test_a_schedule_is_saved_at_the_version_that_was_seen_with_its_day() -> None:
    channel = make_books()
    senior = make_senior(channel.ledger)
    saved = save_schedule(
        channel, version=0, actor=senior, **DAILY | {"rhythm": "weekly", "weekday": 2}
    )

    with pytest.raises(StaleVersion):
        save_schedule(channel, version=0, actor=senior, **DAILY)
    with pytest.raises(ScheduleNeedsDay):
        save_schedule(channel, version=1, actor=senior, **DAILY | {"rhythm": "monthly"})
    with pytest.raises(Forbidden):
        save_schedule(
            channel, version=1, actor=make_user(channel.organization, Role.AUDITOR), **DAILY
        )
    saved.refresh_from_db()
    assert (saved.version, saved.weekday) == (1, 2)


@pytest.mark.django_db
def test_the_page_sets_a_schedule_and_tells_its_next_times(client: Client) -> None:
    channel = make_books()
    client.force_login(make_accountant(channel.ledger))
    address = reverse("reconciliation:run_schedule", args=(channel.code,))
    assert "who imported the statement" in client.get(address).content.decode()

    body = {
        "is_on": "on", "rhythm": "monthly", "at": "05:15", "month_day": "3",
        "span": "last_month", "version": "0",
    }  # fmt: skip
    assert client.post(address, body | {"month_day": ""}).status_code == 422
    answer = client.post(address, body, follow=True)

    assert "-03 05:15" in answer.content.decode()
    found = RunSchedule.objects.get()
    assert (found.month_day, found.span, found.version) == (3, "last_month", 1)
