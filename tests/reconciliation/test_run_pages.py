"""Pages of runs: the list, starting, stopping and resuming one, and what it found."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services import run_groups
from apps.reconciliation.services.run_words import pass_label
from tests.factories import make_accountant
from tests.permission_world import signed_in
from tests.reconciliation.world import make_books, make_run, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> ReconciliationRun:
    """Return a run with an exact pair, a break of the amount, and a group of three."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"), ("TXN-3", "30.00"))
    lines = (("100.00", "TXN-1"), ("20.00", "TXN-2"), ("10.00", "TXN-3"), ("20.00", "TXN-3"))
    make_statement(channel, read(*(make_line(*line) for line in lines)))
    return run_now(channel)


def client_of(run: ReconciliationRun) -> Client:
    """Return a client that an accountant signed in with."""
    return signed_in(make_accountant(run.channel.ledger))


def page(run: ReconciliationRun, query: str = "") -> str:
    """Return the page of a run as text."""
    url = reverse("reconciliation:run_detail", args=[run.pk])
    return client_of(run).get(f"{url}{query}").content.decode()


def test_the_list_shows_rates_and_the_funnel(run: ReconciliationRun) -> None:
    shown = client_of(run).get(reverse("reconciliation:run_list")).content.decode()

    assert "66.66 %" in shown
    assert "5 matched" in shown
    assert "2 breaks" in shown


def test_the_list_is_narrowed_by_channel_and_state(run: ReconciliationRun) -> None:
    url = reverse("reconciliation:run_list")
    found = client_of(run).get(url, {"channel": run.channel.code, "state": "failed"})

    assert "No run fits these filters" in found.content.decode()


def test_both_sides_of_a_group_stand_together_with_the_rule(run: ReconciliationRun) -> None:
    shown = page(run, "?bucket=group")

    assert shown.count("TXN-3") == 3
    assert "rows of one reference add up to the same" in shown


def test_a_break_of_the_amount_tells_the_difference_and_leads_to_its_page(
    run: ReconciliationRun,
) -> None:
    shown = page(run, "?bucket=amount_break")

    assert "(30.00)" in shown
    assert "/reconciliation/breaks/" in shown.partition('id="rows"')[2]


def test_rows_come_in_pages_by_key(
    run: ReconciliationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_books(*((f"TXN-{number}", "1.00") for number in range(3)))
    make_statement(channel, read(make_line("1.00", "TXN-0")))
    found = run_now(channel)
    monkeypatch.setattr(run_groups, "ROWS_PER_PAGE", 1)
    first = page(found, "?bucket=missing_ext")
    key = first.partition("before=")[2].partition('"')[0]

    second = page(found, f"?bucket=missing_ext&before={key}").partition('id="rows"')[2]

    assert "TXN-2" in first.partition('id="rows"')[2]
    assert "TXN-1" in second
    assert "TXN-2" not in second


def test_a_query_that_makes_no_sense_shows_the_page_without_rows(
    run: ReconciliationRun,
) -> None:
    assert 'id="rows"' not in page(run, "?bucket=nothing&side=moon&after=-1")


@pytest.mark.parametrize(("bucket", "rows"), [("exact", 2), ("group", 3), ("amount_break", 2)])
@pytest.mark.parametrize("side", ["book", "statement"])
def test_each_side_of_a_bucket_leads_to_its_groups(
    run: ReconciliationRun, side: str, bucket: str, rows: int
) -> None:
    asked = run_groups.Asked(bucket, side)

    (group,) = run_groups.with_members(list(run_groups.leads_of(run, asked)))

    assert len(group.members) == rows


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_rows_of_a_bucket_are_exported(run: ReconciliationRun, form: str) -> None:
    url = reverse("reconciliation:run_export", args=[run.pk])
    answer = client_of(run).get(url, {"bucket": "group", "format": form})
    content = io.BytesIO(b"".join(answer)).getvalue()

    assert content.startswith(b"PK") if form == "xlsx" else content.count(b"TXN-3") == 3


def test_a_run_is_started_through_its_form(run: ReconciliationRun) -> None:
    body = {"channel": run.channel.code, "from_on": "2026-01-01", "to_on": "2026-03-31"}
    client = client_of(run)
    answer = client.post(reverse("reconciliation:run_create"), body)

    newest = ReconciliationRun.objects.latest("pk")
    assert newest.number == run.number + 1
    assert answer.headers["Location"] == reverse("reconciliation:run_detail", args=[newest.pk])


def test_days_in_the_wrong_order_are_refused_at_their_field(run: ReconciliationRun) -> None:
    body = {"channel": run.channel.code, "from_on": "2026-04-01", "to_on": "2026-03-31"}
    answer = client_of(run).post(reverse("reconciliation:run_create"), body)

    assert answer.status_code == 422
    assert "The last day comes before the first." in answer.content.decode()
    assert ReconciliationRun.objects.count() == 1


def test_a_run_in_the_queue_is_shown_with_its_place_and_cancelled() -> None:
    first = make_run(make_books(("TXN-1", "1.00")))
    second = make_run(make_books(("TXN-2", "1.00")))
    client = client_of(second)
    url = reverse("reconciliation:run_detail", args=[second.pk])
    shown = client.get(url, headers={"HX-Request": "true"}).content.decode()
    client.post(reverse("reconciliation:run_cancel", args=[second.pk]))

    assert "queued behind 1 other" in shown
    assert ReconciliationRun.objects.get(pk=second.pk).state == "cancelled"
    assert ReconciliationRun.objects.get(pk=first.pk).state == "created"


def test_a_failure_is_told_in_the_language_of_the_reader() -> None:
    failure = {"code": "run_gave_up", "values": {"count": "25"}, "text": "english"}
    run = make_run(make_books(("TXN-1", "1.00")))
    rows = ReconciliationRun.objects.filter(pk=run.pk)
    rows.update(state="failed", failure=json.dumps(failure))

    shown = page(run)

    assert "begun 25 times" in shown
    assert "english" not in shown
    assert "Try again" in shown


@pytest.mark.parametrize(
    ("state", "stage", "said"),
    [
        ("created", "", "waits for a worker"),
        ("loading", "", ""),
        ("loading", "loading", "reading books and statements"),
        ("matching", "exact", "reference, amount and day agree"),
        ("matching", "partitions", ""),
    ],
)
def test_an_unfinished_run_tells_its_state_once_and_its_stage_where_that_tells_more(
    state: str, stage: str, said: str
) -> None:
    run = make_run(make_books(("TXN-1", "1.00")))
    rows = ReconciliationRun.objects.filter(pk=run.pk)
    for step in ("loading", "matching"):
        if run.state != state:
            rows.update(state=step, progress={"stage": stage} if stage else {})
            run.refresh_from_db()

    shown = page(run)

    (status,) = re.findall(r'role="status">(.*?)</div>', shown, re.DOTALL)
    told = " ".join(re.sub(r"<[^>]+>", " ", status).split())
    assert told.startswith(f"{run.get_state_display()} {said}".strip())
    assert told.count(run.get_state_display()) == 1
    assert shown.count("fm-badge") == 1


@pytest.mark.parametrize(("name", "said"), [("manual", "人工匹配"), ("write_off", "已核销")])
def test_what_people_did_is_named_in_words_among_the_rules(name: str, said: str) -> None:
    with override("zh-hans"):
        assert pass_label(name) == said


def test_polling_ends_with_the_run(run: ReconciliationRun) -> None:
    url = reverse("reconciliation:run_detail", args=[run.pk])
    answer = client_of(run).get(url, headers={"HX-Request": "true"})

    assert answer.headers["HX-Refresh"] == "true"
