"""PostgreSQL's own refusals of periods, accounts, the log, people and roles."""

from __future__ import annotations

import pytest

from apps.core.operation import operation
from apps.ledgers.models import JournalEntry, Ledger, PeriodState
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.periods import change_period
from apps.organizations.models import RoleAssignment
from apps.organizations.permissions import Role
from tests.factories import (
    YEAR,
    make_account,
    make_draft,
    make_ledger,
    make_posted,
    make_system_user,
    make_user,
    period_of,
)
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db

FIXED, FOREIGN, APPEND_ONLY, REVERSAL = "FM002", "FM006", "FM007", "FM008"
PERIOD_STEP, ACCOUNT, ROLE = "FM012", "FM013", "FM014"
CHECK, UNIQUE, EXCLUSION, FOREIGN_KEY = "23514", "23505", "23P01", "23503"


def make_posted_pair() -> tuple[Ledger, JournalEntry]:
    """Return a ledger with a posted entry over 100.00."""
    ledger = make_ledger()
    lines = (make_account(ledger, "1002"), "100.00"), (make_account(ledger, "6001"), "-100.00")
    return ledger, make_posted(ledger, *lines)


@pytest.mark.parametrize(
    ("number", "change"),
    [(1, "state = 'closed'"), (1, "state = 'locked'"), (1, "state = 'future'"),
     (5, "state = 'closed'"), (5, "state = 'closing'"), (1, "ends_on = ends_on + 1"),
     (1, "starts_on = starts_on - 400, ends_on = ends_on - 400"), (1, "fiscal_year = 2020")],
)  # fmt: skip
def test_a_period_takes_only_steps_that_exist(number: int, change: str) -> None:
    period = period_of(make_ledger(), number)

    refuse(PERIOD_STEP, f"UPDATE ledgers_period SET {change} WHERE id = %(id)s", id=period.pk)


@pytest.mark.parametrize("make", [make_draft])
def test_a_period_with_an_unposted_entry_does_not_close(make: object) -> None:
    ledger = make_ledger()
    make(ledger)  # type: ignore[operator]
    january = period_of(ledger, 1)
    run("UPDATE ledgers_period SET state = 'closing' WHERE id = %(id)s", id=january.pk)

    refuse(
        PERIOD_STEP,
        "UPDATE ledgers_period SET state = 'closed' WHERE id = %(id)s",
        id=january.pk,
    )


def test_a_period_does_not_close_before_the_one_before_it() -> None:
    february = period_of(make_ledger(), 2)
    run("UPDATE ledgers_period SET state = 'closing' WHERE id = %(id)s", id=february.pk)

    refuse(
        PERIOD_STEP,
        "UPDATE ledgers_period SET state = 'closed' WHERE id = %(id)s",
        id=february.pk,
    )


def test_only_the_last_closed_period_opens_again_and_a_locked_one_never() -> None:
    ledger = make_ledger()
    actor = make_system_user()
    for number in (1, 2):
        period = period_of(ledger, number)
        close_period(period, version=period.version, actor=actor)
    reopen = "UPDATE ledgers_period SET state = 'open' WHERE id = %(id)s"

    refuse(PERIOD_STEP, reopen, id=period_of(ledger, 1).pk)

    february = period_of(ledger, 2)
    change_period(february, PeriodState.LOCKED, version=february.version, actor=actor)
    refuse(PERIOD_STEP, reopen, id=february.pk)


def test_periods_of_a_ledger_do_not_overlap() -> None:
    ledger = make_ledger()

    refuse(
        EXCLUSION,
        "INSERT INTO ledgers_period (ledger_id, fiscal_year, number, starts_on, ends_on,"
        " is_adjustment, state, version, created_at, updated_at) VALUES (%(l)s, %(y)s, 14,"
        " '2026-01-31', '2026-02-01', false, 'open', 1, now(), now())",
        l=ledger.pk, y=YEAR,
    )  # fmt: skip


def test_a_period_is_never_deleted() -> None:
    period = period_of(make_ledger(), 12)

    refuse(PERIOD_STEP, "DELETE FROM ledgers_period WHERE id = %(id)s", id=period.pk)


@pytest.mark.parametrize(
    "change",
    ["account_class = 'equity'", "normal_side = -1", "is_leaf = false", "currency_id = 'USD'",
     "code = 'X'"],
)  # fmt: skip
def test_an_account_with_lines_keeps_what_its_lines_mean(change: str) -> None:
    ledger, _ = make_posted_pair()
    account = ledger.chart.accounts.get(code="1002")

    refuse(ACCOUNT, f"UPDATE ledgers_account SET {change} WHERE id = %(id)s", id=account.pk)


def test_a_leaf_has_no_sub_accounts() -> None:
    ledger = make_ledger()
    leaf, account = make_account(ledger), make_account(ledger)

    refuse(
        ACCOUNT,
        "INSERT INTO ledgers_account (chart_id, code, name, name_zh, parent_id, initials,"
        " account_class, normal_side, statement_section, is_leaf, is_active, control, guard,"
        " allows_manual, is_revalued, required_dimension_ids, version, created_at, updated_at)"
        " SELECT chart_id, 'child', '', '', %(leaf)s, '', account_class, 1, '', true, true, '',"
        " 'none', true, false, '{}', 1, now(), now() FROM ledgers_account WHERE id = %(id)s",
        leaf=leaf.pk, id=account.pk,
    )  # fmt: skip


# The log, people and roles ---------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    ["UPDATE audit_operationlog SET actor_name = 'somebody else'",
     "DELETE FROM audit_operationlog", "TRUNCATE audit_operationlog"],
)  # fmt: skip
def test_the_operation_log_is_append_only(attack: str) -> None:
    make_ledger()

    refuse(APPEND_ONLY, attack)


def test_a_user_is_never_deleted() -> None:
    user = make_user(make_ledger().organization)

    refuse(APPEND_ONLY, "DELETE FROM organizations_user WHERE id = %(id)s", id=user.pk)


@pytest.mark.parametrize(
    ("held", "wanted"),
    [(Role.ADMIN, Role.ACCOUNTANT), (Role.APPROVER, Role.ADMIN), (Role.AUDITOR, Role.TREASURY)],
)
def test_conflicting_roles_are_for_two_people(held: Role, wanted: Role) -> None:
    user = make_user(make_ledger().organization, held)

    refuse(
        ROLE,
        "INSERT INTO organizations_roleassignment (user_id, role, version, created_at,"
        " updated_at) VALUES (%(id)s, %(role)s, 1, now(), now())",
        id=user.pk, role=wanted,
    )  # fmt: skip


def test_nobody_changes_the_own_roles() -> None:
    admin = make_user(make_ledger().organization, Role.ADMIN)
    assignment = RoleAssignment.objects.get(user=admin)

    with operation("test.own_roles", actor=admin):
        refuse(
            ROLE,
            "UPDATE organizations_roleassignment SET approval_limit = 5 WHERE id = %(id)s",
            id=assignment.pk,
        )


def test_a_change_by_plain_sql_leaves_its_trace() -> None:
    ledger = make_ledger()
    run("SELECT set_config('app.context', '', true)")

    run("UPDATE ledgers_ledger SET name = 'Renamed' WHERE id = %(id)s", id=ledger.pk)

    trace = run(
        "SELECT kind, action, actor_id, before->>'name', after->>'name', database_user"
        " FROM audit_operationlog WHERE resource_type = 'ledgers_ledger'"
        " AND resource_id = %(id)s ORDER BY id DESC LIMIT 1",
        id=str(ledger.pk),
    )[0]
    assert trace[:5] == ("sql", "update", None, ledger.name, "Renamed")
    assert trace[5] == run("SELECT session_user")[0][0]
