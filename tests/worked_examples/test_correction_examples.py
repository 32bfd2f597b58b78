"""Corrections as textbooks teach them: red letter, difference only, swapped sides."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledgers.models import Account, AccountTotal, JournalEntry, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.policies.words import ReversalStyle
from tests.factories import make_account, make_approver, make_ledger, make_posted, make_senior

pytestmark = pytest.mark.django_db


def turnover(ledger: Ledger, account: Account) -> tuple[Decimal, Decimal]:
    total = AccountTotal.objects.get(ledger=ledger, account=account)
    return total.debit, total.credit


def reverse_and_post(entry: JournalEntry) -> JournalEntry:
    reversal = reverse_journal_entry(entry, actor=make_senior(entry.ledger), reason="wrong")
    approve_journal_entry(reversal, version=reversal.version, actor=make_approver(entry.ledger))
    return post_journal_entry(
        reversal, version=reversal.version, actor=make_senior(entry.ledger)
    )


def test_a_red_reversal_takes_the_amount_out_of_both_turnovers() -> None:
    ledger = make_ledger(reversal_style=ReversalStyle.RED)
    admin_costs, bank = make_account(ledger, "6602"), make_account(ledger, "1002")
    wrong = make_posted(ledger, (admin_costs, "1000.00"), (bank, "-1000.00"))

    reversal = reverse_and_post(wrong)

    assert turnover(ledger, admin_costs) == (Decimal(0), Decimal(0))
    assert turnover(ledger, bank) == (Decimal(0), Decimal(0))
    assert reversal.reversal_of == wrong
    assert reversal.number == (wrong.number or 0) + 1


def test_a_swapped_reversal_shows_the_amount_in_both_turnovers() -> None:
    ledger = make_ledger(reversal_style=ReversalStyle.SWAP)
    admin_costs, bank = make_account(ledger, "6602"), make_account(ledger, "1002")

    reverse_and_post(make_posted(ledger, (admin_costs, "1000.00"), (bank, "-1000.00")))

    assert turnover(ledger, admin_costs) == (Decimal(1000), Decimal(1000))
    assert turnover(ledger, bank) == (Decimal(1000), Decimal(1000))


def test_a_difference_in_red_leaves_the_right_amount() -> None:
    ledger = make_ledger()
    admin_costs, bank = make_account(ledger, "6602"), make_account(ledger, "1002")
    make_posted(ledger, (admin_costs, "10000.00"), (bank, "-10000.00"))

    make_posted(ledger, (admin_costs, "-9000.00"), (bank, "9000.00"), is_red=True)

    assert turnover(ledger, admin_costs) == (Decimal(1000), Decimal(0))
    assert turnover(ledger, bank) == (Decimal(0), Decimal(1000))
