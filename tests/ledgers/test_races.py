"""Several people and systems at once: nothing lost, nothing doubled, no circle of waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from apps.core.errors import FinanceError
from apps.ledgers.errors import PeriodTakesNoEntries
from apps.ledgers.models import (
    AccountTotal,
    EntryCounter,
    EntryState,
    JournalEntry,
    JournalLine,
    Ledger,
    OpeningBalance,
    PeriodState,
)
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.decisions import approve_journal_entry, reject_journal_entry
from apps.ledgers.services.drafts import (
    create_draft,
    submit_journal_entry,
    withdraw_journal_entry,
)
from apps.ledgers.services.periods import change_period
from apps.ledgers.services.posting import post_entries
from tests.factories import (
    make_account,
    make_accountant,
    make_approver,
    make_content,
    make_draft,
    make_ledger,
    make_new_entry,
    make_senior,
    make_submitted,
    make_system_user,
    period_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the jobs in threads that start together; give results, or errors as values."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return job()
        except (FinanceError, DatabaseError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def make_pair() -> tuple[Ledger, tuple[Any, Any]]:
    """Return a ledger and balanced lines over 10.00."""
    ledger = make_ledger()
    return ledger, ((make_account(ledger), "10.00"), (make_account(ledger), "-10.00"))


def test_sixteen_writers_of_one_account_lose_nothing() -> None:
    ledger, lines = make_pair()
    actor, maker, checker = make_senior(ledger), make_accountant(ledger), make_approver(ledger)
    batches = [
        [
            make_new_entry(ledger, *lines, maker_id=maker.pk, checker_id=checker.pk)
            for _ in range(5)
        ]
        for _ in range(16)
    ]

    def job(entries: list[Any]) -> Callable[[], Any]:
        return lambda: [
            post_entries([one], actor=actor, base_currency="CNY")[0].number for one in entries
        ]

    answers = at_once([job(entries) for entries in batches])

    numbers = [number for answer in answers for number in answer]
    assert sorted(numbers) == list(range(1, 81))
    total = AccountTotal.objects.get(account=lines[0][0])
    assert (total.debit, total.version, total.line_count) == (Decimal(800), 80, 80)


def test_the_same_key_at_once_is_one_entry() -> None:
    ledger, lines = make_pair()
    actor = make_senior(ledger)
    entry = make_new_entry(ledger, *lines)

    answers = at_once([lambda: post_entries([entry], actor=actor, base_currency="CNY")] * 20)

    assert len({answer[0].entry_id for answer in answers}) == 1
    assert [answer[0].is_replay for answer in answers].count(False) == 1
    assert JournalEntry.objects.count() == 1


def test_numbers_have_no_gap_although_some_postings_fail() -> None:
    ledger, lines = make_pair()
    actor, maker, checker = make_senior(ledger), make_accountant(ledger), make_approver(ledger)
    group = make_account(ledger, is_leaf=False)
    people: dict[str, Any] = {"maker_id": maker.pk, "checker_id": checker.pk}
    entries = [
        make_new_entry(ledger, (group, "1.00") if n % 4 == 0 else lines[0],
                       (lines[1][0], "-1.00") if n % 4 == 0 else lines[1], **people)
        for n in range(40)
    ]  # fmt: skip

    def job(mine: list[Any]) -> Callable[[], None]:
        def post_each() -> None:
            for entry in mine:
                try:
                    post_entries([entry], actor=actor, base_currency="CNY")
                except FinanceError:
                    continue

        return post_each

    at_once([job(entries[n::8]) for n in range(8)])

    numbers = JournalEntry.objects.posted().values_list("number", flat=True)
    assert sorted(number or 0 for number in numbers) == list(range(1, 31))
    assert EntryCounter.objects.get(ledger=ledger).last_number == 30


def test_two_words_of_locks_never_wait_in_a_circle() -> None:
    ledger, _ = make_pair()
    actor, maker, checker = make_senior(ledger), make_accountant(ledger), make_approver(ledger)
    accounts = [make_account(ledger) for _ in range(4)]
    people: dict[str, Any] = {"maker_id": maker.pk, "checker_id": checker.pk}

    def job(n: int) -> Callable[[], Any]:
        first, second = accounts[n % 4], accounts[(n + 1 + n // 4) % 4]
        entries = [
            make_new_entry(ledger, (first, "1.00"), (second, "-1.00"), **people),
            make_new_entry(ledger, (second, "1.00"), (first, "-1.00"), **people),
        ]
        return lambda: post_entries(entries, actor=actor, base_currency="CNY")

    answers = at_once([job(n) for n in range(12)])

    assert all(isinstance(answer, list) for answer in answers)


POSTERS, MOST_ENTRIES = 8, 12


@pytest.mark.parametrize("repetition", range(20))
def test_a_close_hands_on_every_line_that_eight_posters_got_in(repetition: int) -> None:
    ledger, lines = make_pair()
    actor, maker, checker = make_senior(ledger), make_accountant(ledger), make_approver(ledger)
    january = period_of(ledger, 1)
    people: dict[str, Any] = {"maker_id": maker.pk, "checker_id": checker.pk}
    under_way = threading.Event()

    def poster() -> int:
        """Post until the period takes no more; return how often it did."""
        for count in range(MOST_ENTRIES):
            one = make_new_entry(ledger, *lines, **people)
            try:
                post_entries([one], actor=actor, base_currency="CNY")
            except PeriodTakesNoEntries:
                return count
            under_way.set()
        return MOST_ENTRIES

    def close() -> Decimal:
        """Close while the posters are at it; return what was handed on, seen at once."""
        under_way.wait(timeout=30)
        with transaction.atomic():
            close_period(january, version=january.version, actor=make_system_user())
            return OpeningBalance.objects.get(account=lines[0][0]).base_amount

    *counts, snapshot = at_once([*[poster] * POSTERS, close])

    posted = JournalLine.objects.filter(account=lines[0][0], entry__state="posted")
    assert posted.count() == sum(counts) > 0
    assert snapshot == sum(counts) * 10
    assert AccountTotal.objects.get(account=lines[0][0]).debit == snapshot
    assert OpeningBalance.objects.get(account=lines[0][0]).base_amount == snapshot
    assert period_of(ledger, 1).state == PeriodState.CLOSED


@pytest.mark.parametrize("repetition", range(5))
def test_of_two_decisions_one_wins_and_the_other_is_told(repetition: int) -> None:
    ledger, lines = make_pair()
    entry = make_submitted(ledger, *lines)
    first, second = make_approver(ledger), make_approver(ledger)
    version = entry.version

    answers = at_once([
        lambda: approve_journal_entry(fresh(entry), version=version, actor=first),
        lambda: reject_journal_entry(
            fresh(entry), version=version, actor=second, reason="no"
        ),
        lambda: withdraw_journal_entry(fresh(entry), version=version, actor=entry.maker),
    ])  # fmt: skip

    assert sum(isinstance(answer, JournalEntry) for answer in answers) == 1
    entry.refresh_from_db()
    assert entry.version == version + 1


def fresh(entry: JournalEntry) -> JournalEntry:
    """Return the entry as another process would have read it before the race."""
    return JournalEntry.objects.get(pk=entry.pk)


SLIP_A_LINE_IN = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id, side,
  currency_id, amount, rate, base_amount, summary)
SELECT ledger_id, entry_id, 99, entry_date, account_id, side, currency_id, amount, 1,
  base_amount, '' FROM ledgers_journalline WHERE entry_id = %s AND position = 1
"""


@pytest.mark.parametrize("repetition", range(10))
def test_what_is_submitted_is_what_its_hash_says(repetition: int) -> None:
    ledger, lines = make_pair()
    draft = make_draft(ledger, *lines)

    def slip() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SLIP_A_LINE_IN, [draft.pk])

    at_once([
        slip,
        lambda: submit_journal_entry(fresh(draft), version=1, actor=draft.maker),
    ])  # fmt: skip

    draft.refresh_from_db()
    if draft.state == EntryState.SUBMITTED:
        assert recomputed_hash(draft) == draft.content_hash


def recomputed_hash(entry: JournalEntry) -> str:
    """Return the hash of what is stored now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_hash FROM ledgers_content_hashes(%s)", [[entry.pk]])
        return str(cursor.fetchone()[0])


def test_the_same_form_sent_twice_at_once_makes_one_draft() -> None:
    ledger, lines = make_pair()
    maker = make_accountant(ledger)

    answers = at_once(
        [lambda: create_draft(ledger, make_content(*lines), actor=maker, form_key="f")] * 6
    )

    assert len({answer.pk for answer in answers}) == 1


def test_a_period_changes_once_for_two_people_at_the_same_version() -> None:
    ledger, _ = make_pair()
    april = period_of(ledger, 4)
    actor = make_system_user()

    answers = at_once([
        lambda: change_period(period_of(ledger, 4), PeriodState.OPEN, version=1, actor=actor)
    ] * 4)  # fmt: skip

    assert sum(isinstance(answer, FinanceError) for answer in answers) == 3
    april.refresh_from_db()
    assert (april.state, april.version) == (PeriodState.OPEN, 2)
