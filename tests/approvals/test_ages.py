"""How long a task waits, in a word or two, and how urgent that is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.approvals.models import ApprovalTask
from apps.approvals.services.ages import age_of, span

OPENED = datetime(2026, 3, 31, 9, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-1, "0 min"), (59, "59 min"), (60, "1 h"), (1439, "23 h"), (1440, "1 d"), (4500, "3 d")],
)
def test_a_time_is_told_in_its_largest_unit(minutes: int, words: str) -> None:
    assert span(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("hours", "words", "tone"),
    [(17, "17 h", "ok"), (18, "due in 6 h", "warn"), (24, "due in 0 min", "warn"),
     (25, "1 h late", "bad")],
)  # fmt: skip
def test_a_task_is_due_soon_in_the_last_quarter_of_its_time(
    hours: int, words: str, tone: str
) -> None:
    task = ApprovalTask(opened_at=OPENED, due_at=OPENED + timedelta(hours=24))

    age = age_of(task, OPENED + timedelta(hours=hours))

    assert (age.text, age.tone) == (words, tone)


def test_a_task_that_is_never_due_has_an_age_without_a_tone() -> None:
    age = age_of(ApprovalTask(opened_at=OPENED), OPENED + timedelta(days=5))

    assert (age.text, age.tone) == ("5 d", "")
