"""PostgreSQL's own refusals around the journal: reversals, tenants, periods, log, people."""

from __future__ import annotations

import pytest

from apps.ledgers.models import JournalEntry, Ledger
from apps.ledgers.services.drafts import create_draft
from tests.factories import (
    make_account,
    make_approver,
    make_content,
    make_dimension_type,
    make_dimension_value,
    make_draft,
    make_ledger,
    make_posted,
    period_of,
)
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

FIXED, FOREIGN, APPEND_ONLY, REVERSAL = "FM002", "FM006", "FM007", "FM008"
PERIOD_STEP, ACCOUNT, ROLE = "FM012", "FM013", "FM014"
CHECK, UNIQUE, EXCLUSION, FOREIGN_KEY = "23514", "23505", "23P01", "23503"


def approve_and_post(entry: JournalEntry, number: int) -> tuple[str, dict[str, int]]:
    """Walk to approved by SQL and return the statement that would post."""
    checker = make_approver(entry.ledger).pk
    for step in ("submitted", "approved"):
        run(
            "UPDATE ledgers_journalentry SET state = %(step)s, checker_id = %(checker)s,"
            " content_hash = (SELECT content_hash FROM"
            " ledgers_content_hashes(ARRAY[%(id)s::bigint])) WHERE id = %(id)s",
            step=step, checker=checker, id=entry.pk,
        )  # fmt: skip
    sql = "UPDATE ledgers_journalentry SET state = 'posted', number = %(n)s WHERE id = %(id)s"
    return sql, {"n": number, "id": entry.pk}


def make_posted_pair() -> tuple[Ledger, JournalEntry]:
    """Return a ledger with a posted entry over 100.00."""
    ledger = make_ledger()
    lines = (make_account(ledger, "1002"), "100.00"), (make_account(ledger, "6001"), "-100.00")
    return ledger, make_posted(ledger, *lines)


def make_reversal_draft(entry: JournalEntry, amount: str, other: str) -> JournalEntry:
    """Return a draft that claims to reverse the entry."""
    bank, sales = (
        entry.ledger.chart.accounts.get(code="1002"),
        entry.ledger.chart.accounts.get(code="6001"),
    )
    content = make_content((bank, amount), (sales, other), kind="reversal")
    return create_draft(entry.ledger, content, actor=entry.maker, reversal_of=entry)


# Reversals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "other"),
    [("-50.00", "50.00"), ("100.00", "-100.00"), ("-100.01", "100.01")],
)
def test_a_reversal_undoes_its_original_exactly(amount: str, other: str) -> None:
    _, entry = make_posted_pair()
    sql, values = approve_and_post(make_reversal_draft(entry, amount, other), 2)

    refuse(REVERSAL, sql, **values)


def test_an_entry_is_reversed_once() -> None:
    _, entry = make_posted_pair()
    make_reversal_draft(entry, "-100.00", "100.00")

    refuse(
        UNIQUE,
        "INSERT INTO ledgers_journalentry (ledger_id, period_id, word, entry_date, kind, state,"
        " source, summary, total, maker_id, review_note, payload_hash, content_hash,"
        " version, created_at, updated_at, reversal_of_id) SELECT ledger_id, period_id, word,"
        " entry_date, 'reversal', 'draft', source, '', 0, maker_id, '', '', '', 1, now(),"
        " now(), id FROM ledgers_journalentry WHERE id = %(id)s",
        id=entry.pk,
    )


def test_a_reversal_is_not_reversed() -> None:
    _, entry = make_posted_pair()
    reversal = make_reversal_draft(entry, "-100.00", "100.00")
    sql, values = approve_and_post(reversal, 2)
    run(sql, **values)
    sql, values = approve_and_post(make_reversal_draft(reversal, "100.00", "-100.00"), 3)

    refuse(REVERSAL, sql, **values)


def test_a_draft_cannot_be_reversed() -> None:
    ledger = make_ledger()
    draft = make_draft(
        ledger,
        (make_account(ledger, "1002"), "100.00"),
        (make_account(ledger, "6001"), "-100.00"),
    )
    sql, values = approve_and_post(make_reversal_draft(draft, "-100.00", "100.00"), 1)

    refuse(REVERSAL, sql, **values)


# Tenants ---------------------------------------------------------------------------------

INSERT_LINE = (
    "INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,"
    " dimension_set_id, side, currency_id, amount, rate, base_amount, summary) VALUES"
    " (%(ledger)s, %(entry)s, 9, '2026-01-15', %(account)s, %(dimensions)s, 1, %(currency)s,"
    " 1, 1, 1, '')"
)


@pytest.mark.parametrize("foreign", ["ledger", "account", "dimensions", "currency"])
def test_a_line_stays_in_its_ledger_chart_and_organization(foreign: str) -> None:
    ledger, other = make_ledger(), make_ledger()
    draft = make_draft(ledger)
    value = make_dimension_value(make_dimension_type(other.organization))
    dimensions = run(
        "INSERT INTO ledgers_dimensionset (organization_id, value_ids, type_ids, label)"
        " VALUES (%(o)s, ARRAY[%(v)s::bigint], ARRAY[%(t)s::bigint], '') RETURNING id",
        o=other.organization_id, v=value.pk, t=value.type_id,
    )[0][0]  # fmt: skip
    own = {
        "ledger": ledger.pk, "account": make_account(ledger).pk, "dimensions": None,
        "currency": "CNY",
    }  # fmt: skip
    theirs = {
        "ledger": other.pk, "account": make_account(other).pk, "dimensions": dimensions,
        "currency": "XXX",
    }  # fmt: skip

    refuse(FOREIGN, INSERT_LINE, **(own | {foreign: theirs[foreign], "entry": draft.pk}))


@pytest.mark.parametrize("foreign", ["maker", "checker", "reversal_of"])
def test_people_and_reversed_entry_are_of_the_same_organization(foreign: str) -> None:
    ledger, entry = make_posted_pair()
    _, other_entry = make_posted_pair()
    own = {"maker": entry.maker_id, "checker": None, "reversal_of": None}
    theirs = {
        "maker": other_entry.maker_id, "checker": other_entry.checker_id,
        "reversal_of": other_entry.pk,
    }  # fmt: skip

    refuse(
        FOREIGN,
        "INSERT INTO ledgers_journalentry (ledger_id, period_id, word, entry_date, kind, state,"
        " source, summary, total, maker_id, checker_id, reversal_of_id, review_note,"
        " payload_hash, content_hash, version, created_at, updated_at) VALUES (%(ledger)s,"
        " %(period)s, 'general', '2026-01-15', 'ordinary', 'draft', 'manual', '', 0, %(maker)s,"
        " %(checker)s, %(reversal_of)s, '', '', '', 1, now(), now())",
        ledger=ledger.pk, period=entry.period_id, **(own | {foreign: theirs[foreign]}),
    )  # fmt: skip


def test_an_entry_lies_in_a_period_of_its_ledger() -> None:
    draft = make_draft(make_ledger())

    refuse(
        FOREIGN_KEY,
        "UPDATE ledgers_journalentry SET period_id = %(other)s WHERE id = %(id)s",
        other=period_of(make_ledger(), 1).pk, id=draft.pk,
    )  # fmt: skip


def test_an_entry_never_changes_its_ledger() -> None:
    draft, other = make_draft(make_ledger()), make_ledger()

    refuse(
        FIXED,
        "UPDATE ledgers_journalentry SET ledger_id = %(l)s, period_id = %(p)s"
        " WHERE id = %(id)s",
        l=other.pk, p=period_of(other, 1).pk, id=draft.pk,
    )  # fmt: skip


KEPT = {
    "accountbalance": "account_id, currency_id, bucket, debit, credit, base_debit, base_credit,"
    " version) VALUES (%(ledger)s, %(period)s, %(bank)s, 'CNY', 0, 0, 0, 0, 0, 1)",
    "accounttotal": "account_id, bucket, debit, credit, line_count, version)"
    " VALUES (%(ledger)s, %(period)s, %(bank)s, 0, 0, 0, 0, 1)",
    "entrycounter": "word, last_number) VALUES (%(ledger)s, %(period)s, 'general', 1)",
}


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("wrong", ["ledger", "period"])
def test_what_is_kept_of_a_period_is_of_a_ledger_and_a_period_that_exist(
    table: str, wrong: str
) -> None:
    ledger = make_ledger()
    right = {"ledger": ledger.pk, "period": period_of(ledger, 1).pk}

    refuse(
        FOREIGN_KEY,
        f"INSERT INTO ledgers_{table} (ledger_id, period_id, {KEPT[table]}",
        **(right | {wrong: 999_999_999, "bank": make_account(ledger).pk}),
    )
