"""Rules in words: terms with units, options, and what differs between two versions."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from apps.reconciliation.domain.rules import DEFAULT_PASSES, read_rules
from apps.reconciliation.services.rule_pages import (
    trial_page,
    version_changes,
    words_of_version,
)
from apps.reconciliation.services.rule_words import changes_between, words_of
from apps.reconciliation.services.rules import activate_rules, active_version
from tests.factories import make_senior
from tests.reconciliation.world import make_books, make_draft, make_trial

STEPS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"kind": "date", "days": 1}, {}, "up to 1 day apart"),
    ({"kind": "date", "days": 3}, {"business_days": True}, "up to 3 business days apart"),
    ({"kind": "date", "days": 0}, {}, "on the same day"),
    (
        {"kind": "tolerance", "days": 3, "absolute": 123_456, "basis_points": 25},
        {},
        "difference up to 1,234.56 CNY, difference up to 0.25 %, up to 3 days apart",
    ),
    (
        {"kind": "reversal", "days": 7},
        {"business_days": True},
        "up to 7 business days apart",
    ),
    (
        {"kind": "group", "days": 7, "key": "batch"},
        {},
        "by payout batch, without a difference, up to 7 days apart, up to 200 rows",
    ),
    (
        {"kind": "textref", "days": 5},
        {},
        "up to 5 days apart, references of 6 characters or more",
    ),
]


@pytest.mark.parametrize(("step", "options", "terms"), STEPS)
def test_terms_are_told_with_their_units(
    step: dict[str, Any], options: dict[str, Any], terms: str
) -> None:
    words = words_of(read_rules([{"kind": "exact"}, step], options), "CNY")

    assert ", ".join(words.passes[1].terms) == terms


def test_amounts_have_the_decimals_of_the_currency() -> None:
    steps = [{"kind": "exact"}, {"kind": "tolerance", "days": 0, "absolute": 50}]

    assert words_of(read_rules(steps), "JPY").passes[1].terms[0] == "difference up to 50 JPY"


def test_only_passes_with_a_reference_confirm_by_themselves() -> None:
    passes = words_of(read_rules(DEFAULT_PASSES), "CNY").passes

    assert [step.kind for step in passes if not step.confirms] == [
        "duplicate", "suggest_fuzzy", "suggest_amount", "suggest_subset",
    ]  # fmt: skip


def test_what_differs_is_told_pass_by_pass_and_option_by_option() -> None:
    before = words_of(read_rules([{"kind": "exact"}, {"kind": "date", "days": 3}]), "CNY")
    passes = [{"kind": "exact"}, {"kind": "date", "days": 5}, {"kind": "textref", "days": 1}]
    after = words_of(read_rules(passes, {"prefixes": ["PO"]}), "CNY")

    changes = changes_between(before, after)

    assert [change["field"] for change in changes] == [
        "Pass 2", "Pass 3", "Prefixes of references",
    ]  # fmt: skip
    assert changes[0]["before"].endswith("up to 3 days apart")
    assert changes[0]["after"].endswith("up to 5 days apart")
    assert changes[1]["before"] == ""
    assert changes[2]["after"] == "PO"


def test_words_are_in_the_language_of_the_reader() -> None:
    passes = [{"kind": "exact"}, {"kind": "date", "days": 3}]
    rules = read_rules(passes, {"business_days": True})
    with override("zh-hans"):
        words = words_of(rules, "CNY")

        assert words.passes[1].terms == ("相差不超过 3 个工作日",)


def test_that_business_days_count_is_told_once() -> None:
    passes = [{"kind": "exact"}, {"kind": "date", "days": 3}]
    both = (read_rules(passes, {"business_days": kind}) for kind in (False, True))

    changes = changes_between(*(words_of(rules, "CNY") for rules in both))

    assert [change["field"] for change in changes] == ["Days that count"]


@pytest.mark.django_db
def test_a_draft_is_compared_with_what_is_active_now() -> None:
    channel = make_books()
    draft = make_draft(channel, make_senior(channel.ledger))

    changes = version_changes(draft, active_version(channel))

    assert changes is not None
    assert len(changes) == len(DEFAULT_PASSES) - 1
    assert len(words_of_version(None, channel).passes) == len(DEFAULT_PASSES)


@pytest.mark.django_db
def test_a_trial_goes_stale_when_other_rules_become_active() -> None:
    channel = make_books()
    author, other = make_senior(channel.ledger), make_senior(channel.ledger)
    draft = make_draft(channel, author)
    trial = make_trial(channel, author, [{"kind": "exact"}, {"kind": "date", "days": 2}])
    assert not trial_page(trial).is_stale

    activate_rules(draft, actor=other)

    trial.baseline.refresh_from_db()
    assert trial_page(trial).is_stale
    draft.refresh_from_db()
    assert version_changes(draft, active_version(channel)) is None
