"""The page on which a row is split, without a script; its parts on other pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.organizations.permissions import Role
from apps.reconciliation.models import Break, MatchedItem, RowSplit
from apps.reconciliation.services.break_panes import panes_of
from apps.reconciliation.services.split_page import split_of
from tests.factories import make_user
from tests.permission_world import signed_in
from tests.reconciliation.test_break_splitting import (
    break_of,
    make_open,
    match,
    split,
    the_line,
)
from tests.reconciliation.world import make_books

pytestmark = pytest.mark.django_db


def sent(act: str, *amounts: str, version: int = 1, **more: str) -> dict[str, str]:
    """Return the form with these amounts; the first part has a note."""
    data = {
        "form-TOTAL_FORMS": str(len(amounts)),
        "form-INITIAL_FORMS": str(len(amounts)),
        "version": str(version),
        "act": act,
        "form-0-note": "first",
    }
    data |= {f"form-{n}-amount": amount for n, amount in enumerate(amounts)}
    return data | more


def opened() -> tuple[Client, str]:
    """Return a client of an accountant and the page for a line over 100.00."""
    _channel, user = make_open()
    return signed_in(user), reverse("reconciliation:break_split", args=[the_line().pk])


def test_a_row_is_split_and_put_back_without_a_script() -> None:
    client, url = opened()

    assert "100.00" in client.get(url).content.decode()
    data = sent("split", "60.00", "40", "", reason="two invoices")
    page = client.post(url, data, follow=True).content.decode()

    made = RowSplit.objects.get()
    assert "The row is split into 2 parts." in page
    assert "Undo the split" in page
    assert [part.note for part in made.parts.all()] == ["first", ""]
    undo = reverse("reconciliation:row_split_undo", args=[made.pk])
    again = client.post(undo, {"version": 1, "reason": "no"}, follow=True).content.decode()
    assert "open again as a whole" in again
    assert "Undo the split" not in again


def test_the_rest_goes_into_a_part_and_one_more_part_is_given() -> None:
    client, url = opened()

    rest = client.post(url, sent("rest-1", "60.00", "", "")).content.decode()
    more = client.post(url, sent("more", "60.00", "oops")).content.decode()

    assert 'value="40.00"' in rest
    assert "✓ The parts add up to the row" in rest
    assert more.count("data-part") == 3
    assert 'value="oops"' in more
    assert not RowSplit.objects.exists()


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        (("60.00", "4x"), "“4x” is not an amount"),
        (("", "60.00", "40.00"), "This field is required"),
        (("60.00", "39.00"), "1.00 is left"),
        (("110.00", "", "-10.00"), "Part 2: the amount has the sign of the row"),
        (("100.00", ""), "at least 2"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    amounts: tuple[str, ...], told: str
) -> None:
    client, url = opened()

    answer = client.post(url, sent("split", *amounts, reason="kept"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert f'value="{max(amounts)}"' in page
    assert 'value="kept"' in page


def test_a_stale_page_and_a_form_that_was_tampered_with_change_nothing() -> None:
    client, url = opened()

    stale = client.post(url, sent("split", "60.00", "40.00", version=9))
    broken = client.post(url, {"act": "split", "version": "1"})

    assert stale.status_code == 409
    assert "Somebody else" in stale.content.decode()
    assert broken.status_code == 422
    assert not RowSplit.objects.exists()


def test_pages_call_a_part_by_its_line_and_its_place() -> None:
    channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    client = signed_in(user)
    part = break_of(made, 2)
    run = reverse("reconciliation:run_detail", args=[made.run_id])
    assert "split it off" in client.get(part.get_absolute_url()).content.decode()

    told = "part 2 of 2 of 100.00"
    assert told in client.get(part.get_absolute_url()).content.decode()
    assert told in client.get(reverse("reconciliation:break_list")).content.decode()
    match_page = reverse("reconciliation:match_create", args=[channel.code])
    assert told in client.get(match_page).content.decode()
    rows = client.get(run, {"bucket": "missing_int", "side": "statement"}).content.decode()
    assert told in rows
    table = reverse("reconciliation:run_export", args=[made.run_id])
    query = {"bucket": "missing_int", "side": "statement", "format": "csv"}
    exported = b"".join(client.get(table, query).streaming_content).decode()  # type: ignore[attr-defined]
    assert told in exported
    proof = client.get(reverse("reconciliation:proof_detail", args=[made.run_id]))
    assert told in proof.content.decode()
    found = panes_of(channel, text="T-1", near=None, chosen=())
    assert [row.row.found.amount for row in found[1].rows] == [Decimal(60), Decimal(40)]


def test_the_page_of_the_row_and_of_its_parts_shows_what_became_of_each() -> None:
    channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    match(break_of(made, 1), Break.objects.get(side="book"), actor=user)

    shown = split_of(the_line())
    assert shown is not None
    assert [row.found.state for row in shown.parts] == ["resolved", "open"]
    assert not shown.is_open
    whole = signed_in(user).get(the_line().get_absolute_url()).content.decode()
    assert "Undo the split" not in whole
    auditor = signed_in(make_user(channel.organization, Role.AUDITOR))
    assert "Split…" not in auditor.get(break_of(made, 2).get_absolute_url()).content.decode()
    assert split_of(Break.objects.get(side="book")) is None


def test_a_split_of_another_organization_is_not_there() -> None:
    _channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    stranger = signed_in(make_user(make_books().organization, Role.ACCOUNTANT))

    undo = reverse("reconciliation:row_split_undo", args=[made.pk])
    assert stranger.post(undo, {"version": 1, "reason": "x"}).status_code == 404
    assert MatchedItem.objects.filter(run=made.run).count() == 2
