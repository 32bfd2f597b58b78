"""An entry is born as a draft, or posted with all its lines in one statement: nothing between.

The posting path uses the second way. What anybody else tries with it is refused.
"""

from __future__ import annotations

import pytest
from django.db import connection

from tests.ledgers.books_under_attack import Books, make_approver_id
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

UNBALANCED, FIXED, NO_STEP, PERIOD, LINE, FOREIGN = (
    "FM001", "FM002", "FM003", "FM004", "FM005", "FM006",
)  # fmt: skip

HEADER = """
INSERT INTO ledgers_journalentry (id, ledger_id, period_id, word, entry_date, kind, state,
  source, summary, total, maker_id, checker_id, number, review_note, payload_hash, content_hash,
  version, created_at, updated_at)
SELECT nextval('ledgers_journalentry_id_seq'), p.ledger_id, p.id, 'general', %(day)s,
  'ordinary', 'posted', 'system', '', %(total)s, %(maker)s, %(checker)s, 1, '', '', %(hash)s,
  1, now(), now()
FROM ledgers_period p WHERE p.ledger_id = %(ledger)s AND p.number = 1
RETURNING id, ledger_id, entry_date
"""
LINES = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id, side,
  currency_id, amount, rate, base_amount, summary)
SELECT h.ledger_id, h.id, l.position, h.entry_date, l.account, sign(l.amount), 'CNY', l.amount,
  1, l.amount, '' FROM h, (VALUES (1, %(bank)s::bigint, %(debit)s::numeric),
  (2, %(sales)s::bigint, %(credit)s::numeric)) AS l (position, account, amount)
"""
BORN_POSTED = f"WITH h AS ({HEADER}), l AS ({LINES}) SELECT id FROM h"


@pytest.fixture
def born() -> dict[str, object]:
    books = Books()
    return {
        "ledger": books.ledger.pk, "maker": make_approver_id(books.ledger), "hash": "x",
        "checker": make_approver_id(books.ledger), "day": "2026-01-15", "total": "100.00",
        "bank": books.bank.pk, "sales": books.sales.pk, "debit": "100.00", "credit": "-100.00",
    }  # fmt: skip


def test_what_posting_asks_for_may_be_born_posted(born: dict[str, object]) -> None:
    assert run(BORN_POSTED, **born)


@pytest.mark.parametrize(
    ("sqlstate", "wrong"),
    [(UNBALANCED, {"credit": "-99.99"}), (UNBALANCED, {"total": "5"}), (NO_STEP, {"hash": ""}),
     (PERIOD, {"day": "2026-02-15"}),
     (LINE, {"debit": "1.005", "credit": "-1.005", "total": "1.005"})],
)  # fmt: skip
def test_what_posting_refuses_is_not_born_posted(
    born: dict[str, object], sqlstate: str, wrong: dict[str, object]
) -> None:
    refuse(sqlstate, BORN_POSTED, **(born | wrong))


def test_no_entry_is_born_posted_before_its_lines(born: dict[str, object]) -> None:
    refuse(NO_STEP, HEADER, **born)


def test_no_line_comes_before_its_entry(born: dict[str, object]) -> None:
    early = LINES.replace("FROM h,", "FROM (SELECT %(ledger)s::bigint AS ledger_id,"
                          " 999999999 AS id, date '2026-01-15' AS entry_date) h,")  # fmt: skip

    refuse(FOREIGN, early, **born)


def test_no_line_follows_an_entry_born_posted_in_the_same_transaction(
    born: dict[str, object],
) -> None:
    entry = run(BORN_POSTED, **born)[0][0]
    late = LINES.replace("h.id, l.position", f"{entry}, l.position + 2").replace(
        "FROM h,", f"FROM (SELECT * FROM ledgers_journalentry WHERE id = {entry}) h,"
    )

    refuse(FIXED, late, **born)


def test_lines_in_two_parts_of_one_statement_are_refused_or_checked_as_a_whole(
    born: dict[str, object],
) -> None:
    second = LINES.replace("l.position,", "l.position + 2,", 1)
    both = f"WITH h AS ({HEADER}), l AS ({LINES}), m AS ({second}) SELECT id FROM h"

    with pytest.raises(Exception, match=r"does not balance|frozen"):
        run(both, **born)


@pytest.mark.parametrize("role", ["maker", "checker"])
@pytest.mark.parametrize("whose", ["nobody", "another organization's"])
def test_its_people_are_of_the_organization(
    born: dict[str, object], role: str, whose: str
) -> None:
    elsewhere = 0 if whose == "nobody" else make_approver_id(Books().ledger)

    refuse(FOREIGN, BORN_POSTED, **(born | {role: elsewhere}))


def test_a_draft_never_jumps_to_posted(born: dict[str, object]) -> None:
    as_draft = BORN_POSTED.replace("'posted'", "'draft'").replace(" 1, '', ''", " NULL, '', ''")
    draft = run(as_draft, **born)[0][0]

    refuse(
        NO_STEP,
        "UPDATE ledgers_journalentry SET state = 'posted', number = 1 WHERE id = %(id)s",
        id=draft,
    )


def test_triggers_that_follow_a_posting_follow_an_entry_born_posted_too() -> None:
    """Posting is an UPDATE for people's entries and an INSERT for those of machines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, bool_or(t.tgtype & 4 > 0), bool_or(t.tgtype & 16 > 0)"
            " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = 'ledgers_journalentry'::regclass AND NOT t.tgisinternal"
            " AND p.prosrc || pg_get_triggerdef(t.oid) LIKE '%posted%' GROUP BY 1"
        )
        on_insert, on_update = {"ledgers_entry_insert_guard"}, {"ledgers_entry_update_guard"}
        for name, inserts, updates in cursor.fetchall():
            assert inserts or name in on_update, name
            assert updates or name in on_insert, name
