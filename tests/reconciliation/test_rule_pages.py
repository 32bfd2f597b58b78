"""Pages of rules: the editor with and without errors, a trial, saving and activating."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.jobs.models import Job
from apps.jobs.services.running import run_job
from apps.reconciliation.domain.rules import DEFAULT_PASSES
from apps.reconciliation.models import RuleSetVersion, RuleTrial
from apps.reconciliation.services import rule_pages
from apps.statements.models import Channel
from tests.factories import make_accountant, make_senior
from tests.reconciliation.world import make_books, make_draft, make_trial, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    """Return a channel with a pair that only a tolerance matches."""
    channel = make_books(("B", "20.00"))
    make_statement(channel, read(make_line("20.30", "B")), actor=make_senior(channel.ledger))
    run_now(channel)
    return channel


def address(name: str, channel: Channel, *more: int) -> str:
    return reverse(f"reconciliation:rule_{name}", args=(channel.code, *more))


def typed(*passes: dict[str, Any], **options: str) -> dict[str, str]:
    """Return the form of passes as a browser sends it."""
    sent = {"form-TOTAL_FORMS": str(len(passes)), "form-INITIAL_FORMS": "0"}
    for place, step in enumerate(passes):
        sent |= {f"form-{place}-{name}": str(value) for name, value in step.items()}
    return sent | {"book_reference": "line", "reason": "the fee changed"} | options


def signed_in(client: Client, channel: Channel) -> Client:
    client.force_login(make_senior(channel.ledger))
    return client


TOLERANCE = {"kind": "tolerance", "days": 3, "absolute": "1,000.25", "percent": "0.2"}


def test_the_editor_begins_with_the_active_rules(client: Client, channel: Channel) -> None:
    page = signed_in(client, channel).get(address("create", channel)).content.decode()

    assert page.count("<fieldset") == len(DEFAULT_PASSES)
    assert 'name="form-5-absolute" value="0.50"' in page
    assert 'name="form-0-days"' not in page


def test_amounts_are_kept_in_minor_units_and_percent_in_basis_points(
    client: Client, channel: Channel
) -> None:
    sent = typed({"kind": "exact"}, TOLERANCE, prefixes="po, INV", holidays="2026-10-01")

    answer = signed_in(client, channel).post(address("create", channel), sent)

    trial = RuleTrial.objects.get()
    assert answer["Location"] == trial.get_absolute_url()
    assert trial.passes == [
        {"kind": "exact"},
        {"kind": "tolerance", "days": 3, "absolute": 100_025, "basis_points": 20},
    ]
    assert trial.options == {"prefixes": ["PO", "INV"], "holidays": ["2026-10-01"]}


WRONG: list[tuple[list[dict[str, Any]], dict[str, str], str]] = [
    ([TOLERANCE | {"absolute": "0.005"}], {}, "no more than 2 decimal places"),
    ([TOLERANCE | {"absolute": "1e3"}], {}, "Enter a number"),
    ([TOLERANCE | {"absolute": "", "percent": ""}], {}, "an amount, a percentage, or both"),
    ([TOLERANCE | {"days": "61"}], {}, "less than or equal to 60"),
    ([{"kind": "suggest_amount", "days": 1}, {"kind": "exact"}], {}, "Pass 1 only suggests"),
    ([{"kind": "duplicate", "days": 1}], {}, "let that pass come first"),
    ([{"kind": "guess"}], {}, "Select a valid choice"),
    ([{"kind": "exact"}], {"holidays": "1 May"}, "write it as 2026-10-01"),
    ([{"kind": "exact"}], {"prefixes": "A&#x27;"}, "a prefix has up to 12 letters"),
    ([{"kind": "exact"}], {"reason": ""}, "This field is required"),
]


@pytest.mark.parametrize(("passes", "options", "said"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_tried(
    client: Client, channel: Channel, passes: Any, options: dict[str, str], said: str
) -> None:
    answer = signed_in(client, channel).post(
        address("create", channel), typed(*passes, **options)
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not RuleTrial.objects.exists()


def test_passes_are_moved_removed_and_added_without_script(
    client: Client, channel: Channel
) -> None:
    two = ({"kind": "exact"}, {"kind": "suggest_amount", "days": "7"})

    def kinds(change: str, **more: str) -> list[str]:
        sent = typed(*two, change=change, **more)
        answer = signed_in(client, channel).post(address("create", channel), sent)
        assert answer.status_code == 200
        return [form["kind"].value() for form in answer.context["passes"].forms]

    assert kinds("down-0") == kinds("up-1") == ["suggest_amount", "exact"]
    assert kinds("up-0") == kinds("remove-9") == ["exact", "suggest_amount"]
    assert kinds("remove-0") == ["suggest_amount"]
    assert kinds("add", new_kind="date") == ["exact", "date", "suggest_amount"]
    assert kinds("add", new_kind="reversal") == ["exact", "reversal", "suggest_amount"]
    assert not RuleTrial.objects.exists()


def test_a_trial_is_saved_and_activated_by_another_person(
    client: Client, channel: Channel
) -> None:
    signed_in(client, channel).post(address("create", channel), typed({"kind": "exact"}))
    trial = RuleTrial.objects.get()
    assert "A worker matches" in client.get(trial.get_absolute_url()).content.decode()
    run_job(Job.objects.get(kind="reconciliation.rule_trial").pk)

    page = client.get(trial.get_absolute_url()).content.decode()
    assert "Rows that would end elsewhere" in page
    assert "amounts differ" in page
    client.post(address("trial_save", channel, trial.pk))
    draft = RuleSetVersion.objects.get(state="draft")
    client.post(address("activate", channel, draft.number))
    draft.refresh_from_db()
    assert draft.state == "draft"

    signed_in(client, channel).post(address("activate", channel, draft.number))
    draft.refresh_from_db()
    assert draft.state == "active"


def test_a_draft_shows_what_it_changes_and_its_trial(client: Client, channel: Channel) -> None:
    draft = make_draft(channel, make_senior(channel.ledger))
    client.force_login(make_accountant(channel.ledger))

    page = client.get(address("detail", channel, draft.number)).content.decode()

    assert "difference up to 0.50 CNY, up to 3 days apart" in page
    assert "What these rules would do" in page
    assert "Activate" not in page


def test_the_first_rows_are_seen_and_the_others_open(
    client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = make_trial(channel, make_senior(channel.ledger))
    client.force_login(make_accountant(channel.ledger))
    all_rows = client.get(trial.get_absolute_url()).content.decode()

    monkeypatch.setattr(rule_pages, "_ROWS_AT_ONCE", 1)
    some = client.get(trial.get_absolute_url()).content.decode()

    assert "more row" not in all_rows
    assert "1 more row" in some
    assert some.count("<tr>") == all_rows.count("<tr>") + 1


def test_passes_are_open_where_nothing_else_tells_what_rules_do(
    client: Client, channel: Channel
) -> None:
    draft = make_draft(channel, make_senior(channel.ledger))
    client.force_login(make_accountant(channel.ledger))

    active, waiting = (
        client.get(address("detail", channel, number)).content.decode()
        for number in (1, draft.number)
    )

    assert '<details class="fm-card-fold" open>' in active
    assert '<details class="fm-card-fold">' in waiting


def test_an_untried_trial_of_active_rules_is_not_offered_to_be_saved(
    client: Client, channel: Channel
) -> None:
    author = make_senior(channel.ledger)
    first = RuleSetVersion.objects.get()
    trial = make_trial(channel, author, first.passes)
    client.force_login(author)

    assert "Save as a draft" not in client.get(trial.get_absolute_url()).content.decode()
    answer = client.post(address("trial_save", channel, trial.pk), follow=True)
    assert "active rules already" in answer.content.decode()


def test_channel_and_run_lead_to_the_rules(client: Client, channel: Channel) -> None:
    client.force_login(make_accountant(channel.ledger))
    run = channel.runs.get()

    page = client.get(reverse("reconciliation:run_detail", args=(run.pk,))).content.decode()

    assert address("detail", channel, 1) in page
    assert address("list", channel) in client.get(channel.get_absolute_url()).content.decode()
    assert "Active: v1" in client.get(address("list", channel)).content.decode()
