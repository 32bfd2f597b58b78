"""The posting path for entries of systems: exact, once for each key, all or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from apps.audit.models import OperationLog
from apps.core.trace import trace
from apps.ledgers.domain.entries import NewEntry
from apps.ledgers.errors import (
    BalanceWouldChangeSide,
    ForeignRow,
    KeyWasUsed,
    LineCannotBePosted,
    MakerIsChecker,
    NoPeriod,
    PeriodTakesNoEntries,
    TooFewLines,
    UnbalancedEntry,
)
from apps.ledgers.models import (
    AccountBalance,
    AccountTotal,
    BalanceGuard,
    EntryState,
    JournalEntry,
    Ledger,
)
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.posting import PostedEntry, post_entries
from tests.factories import (
    make_account,
    make_accountant,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
    make_line,
    make_new_entry,
    make_senior,
)

pytestmark = pytest.mark.django_db


def post(*entries: NewEntry) -> list[PostedEntry]:
    """Post as the system of the first entry's maker."""
    ledger = Ledger.objects.get(pk=entries[0].ledger_id)
    return post_entries(entries, actor=make_senior(ledger), base_currency="CNY")


def test_it_makes_posts_and_numbers_in_the_order_given() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    entries = [make_new_entry(ledger, (bank, "1.00"), (sales, "-1.00")) for _ in range(3)]

    posted = post(*entries)

    assert [one.number for one in posted] == [1, 2, 3]
    stored = JournalEntry.objects.get(pk=posted[0].entry_id)
    assert (stored.state, stored.total) == (EntryState.POSTED, Decimal(1))
    assert len(stored.content_hash) == 64


def test_each_word_and_period_counts_for_itself() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    lines = (bank, "1.00"), (sales, "-1.00")

    posted = post(
        make_new_entry(ledger, *lines, word="receipt"),
        make_new_entry(ledger, *lines, word="payment"),
        make_new_entry(ledger, *lines, word="receipt"),
        make_new_entry(ledger, *lines, word="receipt", day=date(2026, 2, 1)),
    )

    assert [one.number for one in posted] == [1, 1, 2, 1]


def test_balances_and_roll_ups_move_by_the_lines_and_count_versions() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    lines = (bank, "10.00"), (sales, "-10.00")

    post(make_new_entry(ledger, *lines), make_new_entry(ledger, *lines))
    post(make_new_entry(ledger, *lines))

    balance = AccountBalance.objects.get(account=bank)
    assert (balance.base_debit, balance.base_credit, balance.version) == (30, 0, 2)
    total = AccountTotal.objects.get(account=sales)
    assert (total.debit, total.credit, total.line_count, total.version) == (0, 30, 3, 2)


def test_balances_are_kept_apart_by_dimensions() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    value = make_dimension_value(make_dimension_type(ledger.organization))
    dimension_set = intern_dimension_set([value])
    assert dimension_set is not None
    entry = make_new_entry(ledger)
    lines = (
        make_line(bank, "10.00"),
        make_line(sales, "-4.00", dimension_set_id=dimension_set.pk),
        make_line(sales, "-6.00"),
    )

    post(replace(entry, content=replace(entry.content, lines=lines)))

    by_set = AccountBalance.objects.filter(account=sales).values_list(
        "dimension_set", "base_credit"
    )
    assert dict(by_set) == {dimension_set.pk: Decimal(4), None: Decimal(6)}
    assert AccountTotal.objects.get(account=sales).credit == Decimal(10)


def test_the_same_key_and_content_is_the_same_entry() -> None:
    ledger = make_ledger()
    entry = make_new_entry(
        ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00")
    )

    first, second = post(entry), post(entry)

    assert [one.is_replay for one in first + second] == [False, True]
    assert first[0].entry_id == second[0].entry_id
    assert JournalEntry.objects.count() == 1


def test_the_same_key_with_another_content_is_refused_and_nothing_is_posted() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    post(make_new_entry(ledger, (bank, "1.00"), (sales, "-1.00"), key="k"))
    fresh = make_new_entry(ledger, (bank, "5.00"), (sales, "-5.00"), key="new")
    other = make_new_entry(ledger, (bank, "2.00"), (sales, "-2.00"), key="k")

    with pytest.raises(KeyWasUsed, match="“k”"):
        post(fresh, other)

    assert JournalEntry.objects.count() == 1


def test_one_key_twice_in_a_call_is_refused() -> None:
    ledger = make_ledger()
    entry = make_new_entry(
        ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00")
    )

    with pytest.raises(KeyWasUsed):
        post(entry, entry)


def test_it_refuses_an_unbalanced_entry_and_posts_none_of_the_others() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    good = make_new_entry(ledger, (bank, "1.00"), (sales, "-1.00"))
    bad = make_new_entry(ledger, (bank, "100.00"), (sales, "-99.99"))

    with pytest.raises(UnbalancedEntry, match=r"CNY 0\.01"):
        post(good, bad)

    assert not JournalEntry.objects.exists()
    assert not AccountTotal.objects.exists()


def test_it_refuses_a_single_line() -> None:
    ledger = make_ledger()

    with pytest.raises(TooFewLines):
        post(make_new_entry(ledger, (make_account(ledger), "1.00")))


def test_it_refuses_one_person_for_both_duties() -> None:
    ledger = make_ledger()
    person = make_accountant(ledger)
    lines = (make_account(ledger), "1.00"), (make_account(ledger), "-1.00")

    with pytest.raises(MakerIsChecker):
        post(make_new_entry(ledger, *lines, maker_id=person.pk, checker_id=person.pk))


@pytest.mark.parametrize(
    ("day", "error"),
    [(date(2026, 7, 1), PeriodTakesNoEntries), (date(2031, 1, 1), NoPeriod)],
)
def test_it_refuses_a_day_without_an_open_period(day: date, error: type[Exception]) -> None:
    ledger = make_ledger()
    lines = (make_account(ledger), "1.00"), (make_account(ledger), "-1.00")

    with pytest.raises(error):
        post(make_new_entry(ledger, *lines, day=day))

    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("values", [{"is_leaf": False}, {"is_active": False}])
def test_it_refuses_a_group_or_inactive_account(values: dict[str, bool]) -> None:
    ledger = make_ledger()
    unfit = make_account(ledger, "9999", **values)

    with pytest.raises(LineCannotBePosted, match="9999"):
        post(make_new_entry(ledger, (unfit, "1.00"), (make_account(ledger), "-1.00")))


def test_it_refuses_an_account_of_another_organization() -> None:
    ledger = make_ledger()
    foreign = make_account(make_ledger())

    with pytest.raises(ForeignRow):
        post(make_new_entry(ledger, (foreign, "1.00"), (make_account(ledger), "-1.00")))


def test_a_guarded_account_is_never_overdrawn() -> None:
    ledger = make_ledger()
    cash = make_account(ledger, "1001", guard=BalanceGuard.NO_CREDIT)
    other = make_account(ledger)
    post(make_new_entry(ledger, (cash, "100.00"), (other, "-100.00")))

    with pytest.raises(BalanceWouldChangeSide, match="1001"):
        post(make_new_entry(ledger, (cash, "-100.01"), (other, "100.01")))

    assert post(make_new_entry(ledger, (cash, "-100.00"), (other, "100.00")))[0].number == 2


def test_the_log_holds_each_posting_with_its_trace() -> None:
    ledger = make_ledger()
    lines = (make_account(ledger), "1.00"), (make_account(ledger), "-1.00")

    with trace("c" * 32):
        posted = post(make_new_entry(ledger, *lines))

    log = OperationLog.objects.of_resource("ledgers_journalentry", posted[0].entry_id)
    assert [(row.kind, row.action, row.trace_id) for row in log] == [
        ("journal_entry.post", "insert", "c" * 32),
    ]
    assert (log[0].after or {})["state"] == "posted"
