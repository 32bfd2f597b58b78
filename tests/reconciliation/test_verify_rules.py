"""verify_books proves that rules were tried, by whom they decide, and that trials add up."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.reconciliation.models import RuleSetVersion
from apps.reconciliation.services.rules import activate_rules
from tests.factories import make_senior
from tests.reconciliation.world import make_books, make_draft, make_trial, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db
SAVED = "matching rules were saved after exactly they were tried"
ACTIVATED = "matching rules were activated by another person than who wrote them"
PLACED = "both rules of a trial placed the same rows"
WRITTEN = "trials are of the rules that were written"
VERSION, TRIAL = (
    "UPDATE reconciliation_rulesetversion SET",
    "UPDATE reconciliation_ruletrial SET",
)


@pytest.fixture
def draft() -> RuleSetVersion:
    """Return a draft, after others became active, whose trial had a match and more."""
    channel = make_books(("A", "10.00"), ("B", "20.00"))
    lines = (make_line("10.00", "A"), make_line("20.30", "B", number=2))
    make_statement(channel, read(*lines), actor=make_senior(channel.ledger))
    run_now(channel)
    author = make_senior(channel.ledger)
    first = make_draft(channel, author, [{"kind": "exact"}, {"kind": "date", "days": 9}])
    activate_rules(first, actor=make_senior(channel.ledger))
    return make_draft(channel, author)


def found() -> set[str]:
    """Return the names of the checks about rules that find something."""
    outcomes = verify_inside_a_transaction()
    names = {SAVED, ACTIVATED, PLACED, WRITTEN}
    assert names <= {outcome.name for outcome in outcomes}
    return {outcome.name for outcome in outcomes if outcome.count} & names


def test_what_people_do_with_rules_holds(draft: RuleSetVersion) -> None:
    make_trial(draft.rule_set.channel, draft.created_by)

    call_command("verify_books")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (f"{VERSION} trial_id = NULL WHERE state = 'draft'", SAVED),
        (f"{VERSION} passes = '[]' WHERE state = 'draft'", SAVED),
        (f"{VERSION} options = '{{\"business_days\": true}}' WHERE state = 'active'", SAVED),
        (f"{TRIAL} state = 'waiting'", SAVED),
        (f"{VERSION} activated_by_id = NULL WHERE state = 'active'", ACTIVATED),
        (f"{VERSION} state = 'active', activated_at = now() WHERE state = 'draft'", ACTIVATED),
        (f"{TRIAL} result = jsonb_set(result, '{{rows,book}}', '3')", PLACED),
        (f"{TRIAL} result = jsonb_set(result, '{{buckets,0,5}}', '2')", PLACED),
        (f"{TRIAL} result = jsonb_set(result, '{{buckets,0,6}}', '\"9.00\"')", PLACED),
        (f"{TRIAL} result = jsonb_set(result, '{{changed}}', '-1')", PLACED),
        (f"{TRIAL} passes = '[]'", WRITTEN),
    ],
)
def test_what_does_not_hold_is_found(draft: RuleSetVersion, change: str, name: str) -> None:
    assert found() == set()
    if "state = 'active', " in change:
        RuleSetVersion.objects.filter(rule_set=draft.rule_set, state="active").update(
            state="retired"
        )

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change)
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert name in found()
