"""The demo: made once here, on a fixed day, then looked at."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Sum
from django.test import override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from apps.approvals.models import ApprovalRequest, Delegation, RequestComment
from apps.approvals.services.inbox import count_waiting
from apps.approvals.services.risks import risk_notes
from apps.approvals.words import RequestState, RiskKind
from apps.fx.models import ExchangeRate
from apps.fx.services.lookup import find_rate
from apps.ledgers.models import (
    AccountTotal,
    Attachment,
    EntryState,
    JournalEntry,
    JournalLine,
    Ledger,
    PeriodState,
)
from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.organizations.models import Department, LegalEntity, Organization, User
from apps.organizations.permissions import Role
from apps.policies.models import FinancePolicy
from apps.portal.demo.calendar import months_until
from apps.reconciliation.models import MatchedItem, RowSplit, RunSchedule
from apps.rollout.domain.comparison import Verdict, compare
from apps.rollout.models import Flag
from apps.rollout.services.providers import outcomes_of

TODAY = "2026-11-24"
QUEUES = ("approver", "senior")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Make the demo once for the module and roll it back at the end."""
    folder = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        # Not by patching: the storage hears of a setting that is overridden, and moves.
        override_settings(MEDIA_ROOT=folder),
        transaction.atomic(),
    ):
        patch.setenv("FMIS_DEMO_PASSWORD", "a password of this run")
        printed = _run()
        # Once here, or every test would check the foreign keys of the whole demo at its end.
        connection.check_constraints()
        yield printed
        transaction.set_rollback(True)


def _run() -> str:
    output = StringIO()
    call_command("seed_demo", today=date.fromisoformat(TODAY), stdout=output)
    return output.getvalue()


def test_it_makes_two_tenants_three_entities_four_ledgers_and_24_departments() -> None:
    counts = [
        model.objects.count() for model in (Organization, LegalEntity, Ledger, Department)
    ]

    assert counts == [2, 3, 4, 24]
    assert not Department.objects.filter(head=None).exists()


def test_its_books_are_proved() -> None:
    assert [one.name for one in verify_inside_a_transaction() if one.count] == []


def test_it_makes_somebody_for_every_role_who_can_sign_in() -> None:
    people = User.objects.filter(organization__code="huadong")
    able = {person for person in people if person.has_usable_password()}

    assert {role for person in able for role in person.roles()} == set(Role)
    assert all(person.check_password("a password of this run") for person in able)


def test_it_prints_the_logins(demo: str) -> None:
    assert "accountant           a password of this run" in demo


def test_it_makes_more_than_twenty_thousand_lines() -> None:
    assert 20_000 < JournalLine.objects.count() < 26_000


def test_every_ledger_balances_to_the_cent() -> None:
    sums = AccountTotal.objects.values("ledger").annotate(
        difference=Sum(F("debit") - F("credit"))
    )

    assert [row["difference"] for row in sums] == [Decimal(0)] * 4


@pytest.mark.parametrize(("ledger", "code"), [
    ("east-china-cny", "1002"), ("hong-kong-hkd", "1112"), ("berlin-eur", "1112"),
])  # fmt: skip
def test_the_bank_never_runs_dry(ledger: str, code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(balance) FROM (SELECT sum(l.base_amount) OVER (ORDER BY l.entry_date)"
            " AS balance FROM ledgers_journalline l"
            " JOIN ledgers_account a ON a.id = l.account_id"
            " JOIN ledgers_ledger g ON g.id = l.ledger_id"
            " JOIN ledgers_journalentry e ON e.id = l.entry_id"
            " WHERE g.code = %s AND a.code = %s AND e.state = 'posted') AS days",
            [ledger, code],
        )

        assert cursor.fetchone()[0] > 0


def test_accounts_stand_on_their_own_side() -> None:
    totals = AccountTotal.objects.filter(ledger__base_ledger=None).values(
        "ledger__code", "account__code", "account__normal_side"
    )
    wrong = {
        (row["ledger__code"], row["account__code"])
        for row in totals.annotate(balance=Sum(F("debit") - F("credit")))
        if row["balance"] * row["account__normal_side"] < 0
    }

    # Interest income stands as a deduction among the finance expenses of a Chinese chart.
    assert wrong <= {("east-china-cny", "660302"), ("east-china-cny", "660303")}


def test_all_but_the_last_two_months_are_closed() -> None:
    ledger = Ledger.objects.get(code="east-china-cny")
    open_periods = [str(p) for p in ledger.periods.filter(state=PeriodState.OPEN)]

    assert open_periods == ["2026-10", "2026-11"]


def test_a_queue_waits_and_every_state_occurs() -> None:
    entries = JournalEntry.objects.filter(ledger__organization__code="huadong")
    waiting = entries.filter(state=EntryState.SUBMITTED)
    ages = {entry.submitted_at.date() for entry in waiting if entry.submitted_at}

    assert set(entries.values_list("state", flat=True)) == set(EntryState)
    assert waiting.count() >= 12
    assert len(ages) > 3
    assert entries.filter(state=EntryState.DRAFT).exclude(review_note="").exists()
    assert entries.filter(reversal_of__isnull=False, state=EntryState.POSTED).exists()


def test_requests_wait_for_approvers_and_accountants_under_both_flows() -> None:
    waiting = ApprovalRequest.objects.filter(
        organization__code="huadong", state=RequestState.OPEN
    )
    ages = {request.created_at.date() for request in waiting}
    of = {name: count_waiting(User.objects.get(username=name)) for name in QUEUES}

    assert 40 <= waiting.count() <= 60
    assert set(waiting.values_list("flow__word", flat=True)) == {"v1", "v2"}
    assert len(ages) > 5
    assert min(of.values()) > 30


def test_both_flows_have_departments_enough_to_be_compared() -> None:
    outcomes = outcomes_of(Flag.objects.get(organization__code="huadong"))
    comparison = compare(outcomes or [])

    assert comparison.left_out == 0
    assert Verdict.TOO_FEW not in {one.verdict for one in comparison.differences.values()}


def test_every_way_of_ending_a_round_occurs() -> None:
    states = set(ApprovalRequest.objects.values_list("state", flat=True))

    assert states >= {"open", "approved", "rejected", "returned"}


def test_the_approver_meets_everything_that_may_be_noticed_of_a_request() -> None:
    approver = User.objects.get(username="approver")
    waiting = ApprovalRequest.objects.filter(
        organization=approver.organization, state=RequestState.OPEN
    )
    noted = [
        note.kind for notes in risk_notes(list(waiting), approver).values() for note in notes
    ]

    assert {RiskKind.SPLIT, RiskKind.CHANGED, RiskKind.NEW_SUPPLIER} <= set(noted)
    assert waiting.filter(asked_at__isnull=False).count() == 1
    assert RequestComment.objects.exists()
    assert Delegation.objects.get().taker.username == "senior"


def test_no_round_ends_after_the_demo_was_made() -> None:
    assert not ApprovalRequest.objects.filter(closed_at__gt=timezone.now()).exists()


def test_entries_have_papers() -> None:
    kinds = set(Attachment.objects.values_list("content_type", flat=True))

    assert kinds == {"application/pdf", "image/png"}


def test_a_second_run_changes_nothing() -> None:
    before = JournalLine.objects.count()

    output = _run()

    assert "nothing was changed" in output
    assert JournalLine.objects.count() == before


@pytest.mark.parametrize("today", ["2026-01-01", "2026-02-28", "2026-12-31", "2028-02-29"])
def test_the_months_end_with_the_day_of_the_run(today: str) -> None:
    months = months_until(date.fromisoformat(today))

    assert len(months) == 12
    assert months[-1].until == date.fromisoformat(today)
    assert all(month.is_complete for month in months[:-1])


def test_every_currency_of_the_demo_has_a_rate_on_every_day_and_month_end() -> None:
    organization = Organization.objects.get(code="huadong")
    months = months_until(date.fromisoformat(TODAY))

    for one, other in itertools.permutations(("CNY", "HKD", "EUR", "USD", "JPY"), 2):
        for month in months[:-1]:
            closing = find_rate(
                organization, one, other, on=month.last, rate_type="closing", max_age_days=0
            )
            assert closing.rate > 0
        assert find_rate(organization, one, other, on=months[-1].until).rate > 0


def test_one_rate_waits_for_a_second_person() -> None:
    waiting = ExchangeRate.objects.get(state="waiting")

    assert waiting.source == "manual"
    assert waiting.entered_by is not None
    assert waiting.entered_by.username == "treasury"


def test_subjects_of_every_kind_wait() -> None:
    waiting = ApprovalRequest.objects.filter(organization__code="huadong", state="open")

    kinds = set(waiting.values_list("subject_kind", flat=True))

    assert {"settlement", "period_reopen", "policy_change", "manual_rate", "reversal"} <= kinds


def test_each_organization_has_a_policy_in_force_and_one_that_waits() -> None:
    states = FinancePolicy.objects.order_by("organization", "number").values_list(
        "organization__code", "state", "source"
    )

    assert list(states) == [
        ("huadong", "confirmed", "form"),
        ("huadong", "proposed", "file"),
        ("spree", "confirmed", "form"),
        ("spree", "proposed", "file"),
    ]


def test_every_entry_remembers_the_policy_of_its_organization() -> None:
    assert not JournalEntry.objects.filter(policy=None).exists()
    assert not JournalEntry.objects.exclude(
        policy__organization=F("ledger__organization")
    ).exists()


def test_the_bank_has_a_split_payment_a_reversal_and_a_schedule() -> None:
    assert RowSplit.objects.get(channel__code="icbc-basic").parts.count() == 2
    assert MatchedItem.objects.filter(bucket__in=("manual", "reversal")).count() == 4
    assert RunSchedule.objects.get(channel__code="icbc-basic").is_on


def test_the_wallets_run_shows_matches_a_fee_and_a_refund() -> None:
    rows = MatchedItem.objects.filter(channel__code="wechat-pay", side="statement")

    assert Counter(rows.values_list("bucket", flat=True)) == {
        "exact": 5, "tolerance": 1, "textref": 1, "fee": 1, "missing_int": 1,
    }  # fmt: skip
    refund = rows.get(amount__lt=0)
    assert (refund.bucket, refund.amount) == ("exact", Decimal("-333.98"))
