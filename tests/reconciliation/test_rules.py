"""Rules: what they may say, who decides, and that they never change."""

from __future__ import annotations

from typing import Any

import pytest

from apps.reconciliation.domain.rules import DEFAULT_PASSES, read_rules
from apps.reconciliation.rule_errors import InvalidRules, OwnRules
from apps.reconciliation.services.rules import activate_rules, active_rules
from tests.factories import make_senior
from tests.reconciliation.world import make_draft
from tests.statements.world import make_channel

WRONG: list[tuple[Any, dict[str, Any]]] = [
    ([], {}),
    ([{"kind": "guess"}], {}),
    ([{"kind": "exact"}, {"kind": "date", "days": 100}], {}),
    ([{"kind": "exact"}, {"kind": "date", "days": True}], {}),
    ([{"kind": "exact", "where": "1=1"}], {}),
    ([{"kind": "suggest_amount"}, {"kind": "exact"}], {}),
    ([{"kind": "duplicate"}, {"kind": "exact"}], {}),
    ([{"kind": "date", "days": 3}], {}),
    ([{"kind": "exact"}, {"kind": "date", "key": "batch"}], {}),
    (DEFAULT_PASSES, {"prefixes": ["A'B"]}),
    (DEFAULT_PASSES, {"prefixes": ["A|B"]}),
    (DEFAULT_PASSES, {"book_reference": "l.id"}),
    (DEFAULT_PASSES, {"holidays": ["1 May"]}),
]


@pytest.mark.parametrize(("passes", "options"), WRONG)
def test_rules_that_cannot_be_done_are_refused(passes: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRules):
        read_rules(passes, options)


@pytest.mark.django_db
def test_a_second_person_activates_rules_and_the_ones_before_retire() -> None:
    channel = make_channel()
    author, other = make_senior(channel.ledger), make_senior(channel.ledger)
    first = active_rules(channel, actor=author)
    draft = make_draft(channel, author)

    with pytest.raises(OwnRules):
        activate_rules(draft, actor=author)
    activate_rules(draft, actor=other)

    first.refresh_from_db()
    assert (first.state, active_rules(channel, actor=author)) == ("retired", draft)
