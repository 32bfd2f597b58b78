"""Trials: what they find, that nothing real changes, that only what was tried is saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.jobs.models import Job
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.rules import DEFAULT_PASSES
from apps.reconciliation.errors import ReasonIsMissing
from apps.reconciliation.models import MatchedItem, ReconciliationRun, RuleSetVersion, RuleTrial
from apps.reconciliation.rule_errors import (
    RulesAreElsewhere,
    RulesMovedOn,
    RulesNotTried,
    RulesUnchanged,
    TooManyTrials,
)
from apps.reconciliation.services import rule_sample
from apps.reconciliation.services.rule_trials import start_trial
from apps.reconciliation.services.rules import activate_rules, propose_rules, withdraw_rules
from apps.statements.models import Channel
from tests.factories import make_senior
from tests.reconciliation.world import DAYS, make_books, make_draft, make_trial, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db
EXACT: list[dict[str, Any]] = [{"kind": "exact"}]


@pytest.fixture
def channel() -> Channel:
    """Return a channel with one exact pair and one that only a tolerance matches."""
    channel = make_books(("A", "10.00"), ("B", "20.00"))
    lines = (make_line("10.00", "A"), make_line("20.30", "B", number=2))
    make_statement(channel, read(*lines), actor=make_senior(channel.ledger))
    return channel


def results() -> list[Any]:
    """Return all that runs and people decided."""
    return [
        sorted(MatchedItem.objects.values_list("side", "item_id", "bucket", "run_id")),
        list(ReconciliationRun.objects.values()),
    ]


def test_a_trial_tells_how_each_bucket_changes_and_which_rows(channel: Channel) -> None:
    run_now(channel)

    found = make_trial(channel, make_senior(channel.ledger), EXACT).result

    assert found["rows"] == found["all"] == {"book": 2, "statement": 2}
    assert ["book", "exact", "CNY", 1, "10.00", 1, "10.00"] in found["buckets"]
    assert ["statement", "tolerance", "CNY", 1, "20.30", 0, "0"] in found["buckets"]
    assert ["statement", "amount_break", "CNY", 0, "0", 1, "20.30"] in found["buckets"]
    assert found["changed"] == 2
    assert [change[2:] for change in found["changes"]] == [
        ["tolerance", "amount_break", "20.00", "CNY"],
        ["tolerance", "amount_break", "20.30", "CNY"],
    ]


def test_a_trial_changes_nothing_that_a_run_found(channel: Channel) -> None:
    run_now(channel)
    before = results()

    trial = make_trial(channel, make_senior(channel.ledger), EXACT)

    assert results() == before
    assert (trial.from_on, trial.to_on) == (DAYS["from_on"], DAYS["to_on"])


def test_a_side_with_too_many_rows_is_cut_to_its_last_days(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_now(channel)
    monkeypatch.setattr(rule_sample, "MOST_ROWS", 1)

    found = make_trial(channel, make_senior(channel.ledger), EXACT).result

    assert found["rows"] == {"book": 1, "statement": 1}
    assert found["all"] == {"book": 2, "statement": 2}
    assert sum(row[3] for row in found["buckets"]) == 2


def test_of_too_many_days_the_last_take_part_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2026, 3, day) for day in (2, 3, 4)]
    counts = {
        Side.BOOK: dict(zip(days, (3, 2, 2), strict=True)),
        Side.STATEMENT: {days[2]: 1},
    }
    monkeypatch.setattr(rule_sample, "MOST_ROWS", 4)

    found = rule_sample.cut(counts, pool_from(date(2026, 3, 1)))

    assert found.days == (days[1], date(2026, 3, 31))
    assert found.rows == {Side.BOOK: 4, Side.STATEMENT: 1}
    assert found.all_rows == {Side.BOOK: 7, Side.STATEMENT: 1}


def test_open_rows_of_before_get_the_room_that_the_last_day_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = {Side.BOOK: {date(2026, 2, 1): 9, date(2026, 3, 4): 3}, Side.STATEMENT: {}}
    monkeypatch.setattr(rule_sample, "MOST_ROWS", 4)

    found = rule_sample.cut(counts, pool_from(date(2026, 3, 1)))

    assert found.rows[Side.BOOK] == 4
    assert found.older[Side.BOOK] == 1
    assert found.all_rows[Side.BOOK] == 12


def pool_from(first: date) -> rule_sample.TrialPool:
    """Return a pool of March whose rows are told by the test."""
    first_on, last_on = date(2026, 1, 1), date(2026, 3, 31)
    return rule_sample.TrialPool({}, first_on, last_on, from_on=first, cut_on=first)


def test_the_books_are_read_as_each_of_both_rules_says(channel: Channel) -> None:
    run_now(channel)
    trial = make_trial(
        channel, make_senior(channel.ledger), DEFAULT_PASSES, options={"book_reference": "key"}
    )

    assert trial.result["changed"] == 4


def test_the_same_rules_are_tried_once_at_a_time(channel: Channel) -> None:
    said: dict[str, Any] = {"passes": EXACT, "options": {}, "reason": "less"}
    actor = make_senior(channel.ledger)

    first, second = (start_trial(channel, **said, actor=actor) for _ in range(2))

    assert first == second
    assert Job.objects.count() == 1


def test_no_more_than_a_few_trials_wait(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reconciliation.services.rule_trials.MOST_WAITING", 1)
    actor = make_senior(channel.ledger)
    start_trial(channel, passes=EXACT, options={}, reason="less", actor=actor)

    with pytest.raises(TooManyTrials):
        start_trial(channel, passes=DEFAULT_PASSES, options={}, reason="x", actor=actor)


def test_rules_that_nobody_tried_are_not_saved(channel: Channel) -> None:
    actor = make_senior(channel.ledger)
    make_trial(channel, actor, EXACT)
    other: Any = [{"kind": "exact"}, {"kind": "date", "days": 2}]

    with pytest.raises(RulesNotTried):
        propose_rules(channel, passes=other, options={}, reason="x", actor=actor)
    with pytest.raises(RulesNotTried):
        propose_rules(
            channel, passes=EXACT, options={"business_days": True}, reason="x", actor=actor
        )
    assert RuleSetVersion.objects.filter(state="draft").count() == 0


def test_a_trial_that_is_not_finished_saves_nothing(channel: Channel) -> None:
    actor = make_senior(channel.ledger)
    start_trial(channel, passes=EXACT, options={}, reason="less", actor=actor)

    with pytest.raises(RulesNotTried):
        propose_rules(channel, passes=EXACT, options={}, reason="less", actor=actor)


def test_postgresql_refuses_a_version_that_was_not_tried(channel: Channel) -> None:
    draft = make_draft(channel, make_senior(channel.ledger))
    copied = {"rule_set": draft.rule_set, "created_by": draft.created_by, "options": {}}
    wrong: list[dict[str, Any]] = [
        {"passes": EXACT, "state": "draft"},
        {"passes": EXACT, "state": "active", "trial": draft.trial},
        {"passes": [], "state": "draft", "trial": draft.trial},
    ]
    for values in wrong:
        with pytest.raises(DatabaseError, match="tried"), transaction.atomic():
            RuleSetVersion.objects.create(number=9, **copied | values)


def test_a_finished_trial_never_changes(channel: Channel) -> None:
    trial = make_trial(channel, make_senior(channel.ledger))

    changes: list[dict[str, Any]] = [{"passes": []}, {"result": {}}, {"state": "waiting"}]
    for change in changes:
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            RuleTrial.objects.filter(pk=trial.pk).update(**change)


def test_saving_twice_makes_one_draft(channel: Channel) -> None:
    actor = make_senior(channel.ledger)

    assert make_draft(channel, actor) == propose_rules(
        channel, passes=EXACT, options={}, reason="again", actor=actor
    )


def test_a_draft_compared_with_rules_of_before_is_not_activated(channel: Channel) -> None:
    author, other = make_senior(channel.ledger), make_senior(channel.ledger)
    first = make_draft(channel, author, EXACT)
    second = make_draft(channel, author, [*EXACT, {"kind": "date", "days": 1}])
    activate_rules(second, actor=other)

    with pytest.raises(RulesMovedOn):
        activate_rules(first, actor=other)
    with pytest.raises(RulesMovedOn):
        propose_rules(channel, passes=EXACT, options={}, reason="x", actor=author)
    second.refresh_from_db()
    assert second.state == "active"


def test_active_rules_are_not_saved_once_more(channel: Channel) -> None:
    with pytest.raises(RulesUnchanged):
        make_draft(channel, make_senior(channel.ledger), DEFAULT_PASSES)


def test_a_draft_that_was_withdrawn_is_not_activated(channel: Channel) -> None:
    draft = make_draft(channel, make_senior(channel.ledger))
    withdraw_rules(draft, actor=make_senior(channel.ledger))

    with pytest.raises(RulesAreElsewhere):
        activate_rules(draft, actor=make_senior(channel.ledger))
    with pytest.raises(RulesAreElsewhere):
        withdraw_rules(draft, actor=make_senior(channel.ledger))


def test_rules_need_a_reason(channel: Channel) -> None:
    with pytest.raises(ReasonIsMissing):
        start_trial(
            channel, passes=EXACT, options={}, reason=" ", actor=make_senior(channel.ledger)
        )


def test_sums_of_a_trial_are_exact(channel: Channel) -> None:
    run_now(channel)
    found = make_trial(channel, make_senior(channel.ledger)).result

    for place in (4, 6):
        ours = [Decimal(row[place]) for row in found["buckets"] if row[0] == "statement"]
        assert sum(ours) == Decimal("30.30")
