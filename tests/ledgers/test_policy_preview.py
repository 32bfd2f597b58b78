"""The preview of a policy: last month worked out anew, by hand-checked figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.urls import reverse

from apps.core.rounding import RoundingMode, round_amount
from apps.ledgers.errors import PreviewTakesTooLong
from apps.ledgers.models import Control, JournalEntry, Ledger
from apps.ledgers.services import policy_preview
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.policy_preview import Preview, preview_policy
from apps.ledgers.services.policy_preview_sql import _rounded
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from apps.policies.domain.facts import PolicyContent
from tests.factories import (
    make_account,
    make_ledger,
    make_senior,
    make_submitted,
    make_system_user,
    make_user,
)
from tests.permission_world import signed_in
from tests.policies.policy_rows import make_policy, make_proposal
from tests.sql import run

pytestmark = pytest.mark.django_db
BEFORE = PolicyContent()
FEBRUARY = date(2026, 2, 10)


def with_limits(senior: int | None, approver: int | None = None) -> PolicyContent:
    """Return the defaults with other limits."""
    limits = {Role.SENIOR_ACCOUNTANT: senior, Role.APPROVER: approver}
    exact = {role: None if one is None else Decimal(one) for role, one in limits.items()}
    return replace(BEFORE, approval_limits=exact)


def preview(ledger: Ledger, after: PolicyContent) -> Preview:
    """Preview a policy in February, so that January is worked out anew."""
    return preview_policy(BEFORE, after, organization_id=ledger.organization_id, today=FEBRUARY)


def make_sale(ledger: Ledger, gross: str, checker: User | None = None) -> JournalEntry:
    """Return an invoice to a customer of January, approved by somebody if told."""
    customers = ledger.chart.accounts.filter(code="1122").first() or make_account(
        ledger, "1122", control=Control.RECEIVABLE
    )
    lines = (customers, gross), (make_account(ledger), f"-{gross}")
    entry = make_submitted(ledger, *lines)
    if checker is not None:
        approve_journal_entry(entry, version=entry.version, actor=checker)
    return entry


def test_it_counts_the_entries_that_a_lower_limit_takes_away() -> None:
    ledger = make_ledger()
    for gross in ("100.00", "100.01", "500000.00", "500000.01"):
        make_sale(ledger, gross)

    (row,) = preview(ledger, with_limits(100)).limits

    assert (row.role, row.currency) == (Role.SENIOR_ACCOUNTANT, "CNY")
    assert (row.lost, row.lost_amount) == (2, Decimal("500100.01"))
    assert row.won == 0


def test_it_counts_the_entries_that_no_limit_gives() -> None:
    ledger = make_ledger()
    make_sale(ledger, "500000.01")

    (row,) = preview(ledger, with_limits(None)).limits

    assert (row.lost, row.won, row.won_amount) == (0, 1, Decimal("500000.01"))


def test_it_names_who_approved_what_they_could_not_any_more() -> None:
    ledger = make_ledger()
    senior = make_senior(ledger)
    with_own_limit = make_user(ledger.organization)
    grant_role(
        with_own_limit,
        Role.SENIOR_ACCOUNTANT,
        actor=make_system_user(),
        approval_limit=Decimal(9000),
    )
    make_sale(ledger, "300.00", senior)
    make_sale(ledger, "50.00", senior)
    make_sale(ledger, "300.00", with_own_limit)

    (row,) = preview(ledger, with_limits(100)).people

    assert (row.person, row.entries, row.amount) == (senior, 1, Decimal("300.00"))


def test_it_takes_the_tax_out_of_invoices_anew() -> None:
    ledger = make_ledger()
    for gross in ("113.00", "100.00"):
        make_sale(ledger, gross)

    (row,) = preview(ledger, replace(BEFORE, default_tax_rate=Decimal("0.06"))).taxes

    assert (row.currency, row.invoices, row.gross) == ("CNY", 2, Decimal("213.00"))
    # 13.00 + 11.50 before; 113.00 / 1.06 = 106.60 and 100.00 / 1.06 = 94.34 after.
    assert (row.before, row.after) == (Decimal("24.50"), Decimal("12.06"))
    assert row.difference == Decimal("-12.44")


def test_another_policy_for_the_same_month_changes_nothing() -> None:
    ledger = make_ledger()
    make_sale(ledger, "113.00")

    found = preview(ledger, BEFORE)

    assert found.is_the_same
    assert (found.entries, found.first, found.last) == (1, date(2026, 1, 1), date(2026, 1, 31))


def test_it_sees_nothing_of_another_organization_nor_of_another_month() -> None:
    ledger = make_ledger()
    make_sale(make_ledger(), "113.00")

    assert preview(ledger, with_limits(1)).entries == 0


@pytest.mark.parametrize("mode", list(RoundingMode))
@pytest.mark.parametrize(
    "amount", ["2.345", "2.344", "-2.345", "2.355", "1.005", "0", "-0.001", "99.9950"]
)
def test_the_database_rounds_as_the_application_does(mode: RoundingMode, amount: str) -> None:
    sql = _rounded("%(amount)s::numeric", "2", "mode")

    ((rounded,),) = run(f"SELECT {sql}", mode=mode, amount=Decimal(amount))

    assert rounded == round_amount(Decimal(amount), "CNY", mode)


def test_a_month_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = make_ledger()
    monkeypatch.setattr(policy_preview, "LIMITS", "SELECT pg_sleep(60)")
    monkeypatch.setattr(policy_preview, "LONGEST_SECONDS", "0.05")

    with pytest.raises(PreviewTakesTooLong):
        preview(ledger, BEFORE)


def test_other_faults_of_the_database_stay_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OperationalError

    monkeypatch.setattr(policy_preview, "_preview", fail)

    with pytest.raises(OperationalError):
        preview(make_ledger(), BEFORE)


def test_the_page_shows_the_preview() -> None:
    ledger = make_ledger()
    make_policy(ledger.organization)
    proposal = make_proposal(
        ledger.organization, effective_from=date(2099, 1, 1), senior_accountant_limit=1
    )
    approver = signed_in(make_user(ledger.organization, Role.APPROVER))

    response = approver.get(reverse("ledgers:policy_preview", args=[proposal.number]))

    assert response.status_code == 200
    assert "Preview of v2" in response.content.decode()
