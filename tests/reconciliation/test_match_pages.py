"""The page of matching by hand, without a script; and two people at the same row."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.reconciliation.domain.rules import DEFAULT_PASSES, read_rules
from apps.reconciliation.models import Break, HandMatch, MatchedItem
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.services.break_page import hand_match_of, rows_of_match
from apps.reconciliation.services.break_panes import bounds_of, open_breaks, panes_of, sums_of
from apps.reconciliation.services.break_results import results_of
from apps.reconciliation.services.rules import rules_now
from apps.statements.models import Channel
from tests.ledgers.test_settlement_races import at_once
from tests.permission_world import signed_in
from tests.reconciliation.test_hand_matches import make_open, seen

URL = "reconciliation:match_create"


def sent(channel: Channel, act: str, **more: str) -> dict[str, str | list[str]]:
    """Return the form of the page with all rows chosen."""
    chosen = [f"{pk}:{version}" for pk, version in seen(channel=channel).items()]
    return {"chosen": chosen, "act": act, **more}


@pytest.mark.django_db
def test_the_page_shows_both_sides_and_what_was_chosen_comes_to() -> None:
    channel, user = make_open(("60.00", "40.00"), ("100.00",))
    client, url = signed_in(user), reverse(URL, args=[channel.code])

    first = client.get(url, {"break": Break.objects.get(side="statement").pk}).content.decode()
    looked = client.post(url, sent(channel, "preview")).content.decode()

    assert ("OUR-0" in first, "THEIR-0" in first, first.count(" checked")) == (True, True, 1)
    assert "These can be matched" in looked
    assert looked.count(" checked") == 3


@pytest.mark.django_db
def test_a_match_is_sent_and_told_back_without_a_script() -> None:
    channel, user = make_open(("100.00",), ("100.00",))
    client, url = signed_in(user), reverse(URL, args=[channel.code])

    page = client.post(url, sent(channel, "match", reason="same"), follow=True).content.decode()
    made = HandMatch.objects.get()

    assert "2 rows are matched" in page
    assert "Undo the match" in page
    undo = reverse("reconciliation:hand_match_undo", args=[made.pk])
    again = client.post(undo, {"version": made.version, "reason": "no"}, follow=True)
    assert "open again" in again.content.decode()
    assert set(Break.objects.values_list("state", flat=True)) == {"open"}


@pytest.mark.django_db
def test_what_differs_is_refused_with_the_difference_and_keeps_the_choice() -> None:
    channel, user = make_open(("100.00",), ("90.00",))

    answer = signed_in(user).post(reverse(URL, args=[channel.code]), sent(channel, "match"))

    assert answer.status_code == 422
    assert "differ by -10.00 CNY" in answer.content.decode()
    assert answer.content.decode().count(" checked") == 2


@pytest.mark.django_db
def test_rows_are_found_by_text_and_by_amount() -> None:
    channel, _user = make_open(("60.00", "40.00"), ("100.00",))

    def found(text: str) -> list[str]:
        panes = panes_of(channel, text=text, near=None, chosen=())
        return [one.row.reference for pane in panes for one in pane.rows]

    assert (found("our-1"), found("60"), found("their"), found("nothing")) == (
        ["OUR-1"], ["OUR-0"], ["THEIR-0"], [],
    )  # fmt: skip
    sums = sums_of(list(open_breaks(channel)), rules_now(channel))
    assert sums is not None
    assert sums.is_agreed


def test_a_script_reads_the_tolerances_of_all_passes() -> None:
    assert bounds_of(read_rules(DEFAULT_PASSES)).count(":") >= 1


@pytest.mark.django_db
def test_a_matched_row_names_its_group() -> None:
    channel, user = make_open(("60.00", "40.00"), ("100.00",))
    made = match_by_hand(channel, seen(), actor=user)
    found = Break.objects.get(side="statement")

    assert hand_match_of(found) == made
    assert [row.reference for row in rows_of_match(made, found)] == ["OUR-0", "OUR-1"]
    keys = [("statement", found.item_id)]
    assert [row["bucket"] for row in results_of(channel.pk, keys)] == ["manual"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_match_the_same_row_one_wins_and_the_other_is_told() -> None:
    channel, user = make_open(("5.00", "5.00"), ("5.00",))
    ours, other = seen(side="book").items()
    (theirs,) = seen(side="statement").items()

    answers = at_once(
        lambda: match_by_hand(channel, dict([ours, theirs]), actor=user),
        lambda: match_by_hand(channel, dict([other, theirs]), actor=user),
    )

    assert sorted(str(getattr(one, "row_count", one)) for one in answers) == [
        "2", "break_is_taken",
    ]  # fmt: skip
    assert MatchedItem.objects.filter(bucket="manual").count() == 2
    assert Break.objects.filter(state="open").count() == 1
