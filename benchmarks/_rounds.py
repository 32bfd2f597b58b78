"""A large stock of approval rounds, copied from two that the services opened.

Every entry of the books gets one round: it waits where the entry was submitted, and was decided
or withdrawn otherwise. The rounds spread over the year that ends now, the ones that wait over
its last weeks. Like `fill`, the load switches off all triggers for its own transaction: only
for databases that are thrown away. It writes no history and no rows of the operation log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from apps.approvals.models import ApprovalRequest, FlowStep
from apps.approvals.services.flows import activate_flow, create_flow
from apps.approvals.words import Resolver, SubjectKind
from apps.organizations.models import Department, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import create_user, grant_role
from apps.rollout.services.decisions import choose_many
from apps.rollout.services.flags import ship_flags
from apps.rollout.words import FINANCIAL_APPROVAL_V2
from benchmarks._books import Books, make_books
from benchmarks._loading import tidy_up
from benchmarks.fill import fill_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = SubjectKind.JOURNAL_ENTRY
DEPARTMENTS, MAKERS, APPROVERS, SUPPLIERS = 300, 60, 4, 50
# Of the entries that are not posted, a third waits for a decision.
UNPOSTED_FOR_EACH_THAT_WAITS = 3.6
_PLAN = """
SET LOCAL session_replication_role = replica;
SET LOCAL work_mem = '256MB';
CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('approvals_approvalrequest', 'id')) AS id, e.*,
  greatest(1, e.rank * 86400 * 365 / %(requests)s) * interval '1 s' AS age,
  CASE WHEN e.state <> 'open' THEN e.checker
    WHEN row_number() OVER (PARTITION BY e.state ORDER BY e.entry_id) <= %(waiting)s
    THEN %(busy)s ELSE (%(approvers)s::bigint[])[1] END AS first,
  (%(approvers)s::bigint[])[2 + e.entry_id %% 2] AS second
FROM (
  SELECT e.id AS entry_id, e.maker_id, u.department_id, e.total, e.content_hash,
    coalesce(e.checker_id, (%(approvers)s::bigint[])[1]) AS checker,
    row_number() OVER (ORDER BY e.id DESC) AS rank,
    (coalesce(u.department_id = ANY (%(new)s::bigint[]), false))::int AS is_new,
    CASE e.state WHEN 'submitted' THEN 'open' WHEN 'draft' THEN 'rejected'
      WHEN 'cancelled' THEN 'withdrawn' ELSE 'approved' END AS state
  FROM ledgers_journalentry e JOIN organizations_user u ON u.id = e.maker_id
  WHERE e.ledger_id = %(ledger)s
    AND NOT EXISTS (SELECT 1 FROM approvals_approvalrequest r WHERE r.subject_id = e.id)
  ORDER BY e.id) e
"""
_REQUESTS = """
INSERT INTO approvals_approvalrequest SELECT r.* FROM plan p
JOIN approvals_approvalrequest pattern ON pattern.id = (%(patterns)s::bigint[])[1 + p.is_new]
CROSS JOIN LATERAL jsonb_populate_record(pattern, jsonb_build_object(
  'id', p.id, 'subject_id', p.entry_id, 'maker_id', p.maker_id, 'updated_by_id', p.maker_id,
  'department_id', p.department_id, 'amount', p.total, 'content_hash', p.content_hash,
  'submitted_on', (now() - p.age)::date, 'counterparties',
  jsonb_build_array('supplier:' || p.id %% %(suppliers)s),
  'state', p.state, 'created_at', now() - p.age, 'updated_at', now() - p.age, 'closed_at',
  CASE WHEN p.state <> 'open' THEN now() - p.age * ((p.id * 37 %% 100) / 100.0) END)) r
ORDER BY p.id
"""
_TASKS = """
INSERT INTO approvals_approvaltask SELECT t.* FROM plan p
JOIN LATERAL (
  SELECT DISTINCT ON (step_id) t AS pattern, s.role FROM approvals_approvaltask t
  JOIN approvals_flowstep s ON s.id = t.step_id
  WHERE t.request_id = (%(patterns)s::bigint[])[1 + p.is_new]
  ORDER BY step_id, t.id) steps ON true
CROSS JOIN LATERAL unnest(CASE steps.role WHEN 'approver' THEN
    ARRAY[p.first] || CASE WHEN p.second <> p.first THEN ARRAY[p.second] ELSE '{}' END
  ELSE ARRAY[%(senior)s] END) WITH ORDINALITY asked (person, place)
CROSS JOIN LATERAL jsonb_populate_record(steps.pattern, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('approvals_approvaltask', 'id')), 'request_id', p.id,
  'person_id', asked.person, 'opened_at', now() - p.age,
  'state', CASE WHEN p.state = 'open' THEN 'open'
    WHEN p.state IN ('approved', 'rejected') AND asked.place = 1
      AND (p.state = 'approved' OR steps.role = 'approver') THEN p.state
    ELSE 'closed' END)) t
ORDER BY p.id
"""
_DECISIONS = """
INSERT INTO approvals_approvaldecision SELECT d.* FROM (
  SELECT p.id, p.maker_id AS actor, NULL::bigint AS task_id, 'submit' AS kind,
    '{}'::bigint[] AS way, now() - p.age AS at FROM plan p
  UNION ALL
  SELECT p.id, t.person_id, t.id, CASE t.state WHEN 'approved' THEN 'approve' ELSE 'reject' END,
    ARRAY[t.person_id], r.closed_at FROM plan p
    JOIN approvals_approvalrequest r ON r.id = p.id
    JOIN approvals_approvaltask t ON t.request_id = p.id AND t.state IN ('approved', 'rejected')
  UNION ALL
  SELECT p.id, p.maker_id, NULL, 'withdraw', '{}', r.closed_at FROM plan p
    JOIN approvals_approvalrequest r ON r.id = p.id AND r.state = 'withdrawn') said
CROSS JOIN (SELECT d AS pattern FROM approvals_approvaldecision d
  WHERE d.request_id = (%(patterns)s::bigint[])[1] AND d.kind = 'submit' LIMIT 1) first
CROSS JOIN LATERAL jsonb_populate_record(first.pattern, jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('approvals_approvaldecision', 'id')),
  'request_id', said.id, 'actor_id', said.actor, 'task_id', said.task_id, 'kind', said.kind,
  'way', said.way, 'at', said.at, 'reason',
  CASE said.kind WHEN 'reject' THEN 'The receipt is missing' ELSE '' END)) d
ORDER BY said.at
"""


@dataclass(frozen=True, slots=True)
class House:
    """An organization with departments, two flows, and those who make and decide."""

    books: Books
    departments: list[Department]
    makers: list[User]
    # The first of them is asked most.
    approvers: list[User]
    seniors: list[User]
    admin: User


def make_house() -> House:
    """Make an organization whose flag is on for 15 % of the departments."""
    books = make_books("approvals", accounts=200)
    home, system = books.ledger.organization, User.objects.get(username="system")
    departments = Department.create_many_versioned(
        [
            Department(organization=home, code=f"unit-{number}", name=f"Unit {number}")
            for number in range(DEPARTMENTS)
        ],
        actor=system,
    )
    ship_flags(home, actor=system)
    User.objects.filter(pk=books.maker.pk).update(department=departments[0])

    def person(name: str, role: Role, department: Department | None = None) -> User:
        made = create_user(
            actor=system,
            organization=home,
            username=f"approvals-{name}",
            password=None,
            department=department,
        )
        grant_role(made, role, actor=system)
        return made

    admin = person("admin", Role.ADMIN)
    _make_flows(admin)
    return House(
        books,
        departments,
        [person(f"clerk-{n}", Role.ACCOUNTANT, departments[n]) for n in range(MAKERS)],
        [person(f"approver-{n}", Role.APPROVER) for n in range(APPROVERS)],
        [person(f"senior-{n}", Role.SENIOR_ACCOUNTANT) for n in range(2)],
        admin,
    )


def fill_house(
    house: House, ask: Callable[[User], ApprovalRequest], *, requests: int, waiting: int
) -> None:
    """Add rounds, of which so many wait for the first approver.

    `ask` opens one for a maker; such a one is the pattern of all rounds of a flow.

    Raises:
        RuntimeError: fewer wait than was asked for.
    """
    fill_ledger(
        house.books.ledger,
        entries=requests,
        lines_per_entry=2,
        account_ids=house.books.account_ids,
        unposted=int(waiting * UNPOSTED_FOR_EACH_THAT_WAITS),
    )
    chosen = choose_many(FINANCIAL_APPROVAL_V2, house.departments)
    new = {d.pk for d, c in zip(house.departments, chosen, strict=True) if c.is_on}
    patterns = [
        ask(next(one for one in house.makers if (one.department_id in new) == is_new))
        for is_new in (False, True)
    ]
    busy, *others = house.approvers
    values = {
        "ledger": house.books.ledger.pk,
        "requests": requests,
        "suppliers": SUPPLIERS,
        "waiting": waiting,
        "busy": busy.pk,
        "approvers": [one.pk for one in others],
        "senior": house.books.poster.pk,
        "new": sorted(new),
        "patterns": [request.pk for request in patterns],
    }
    _load(values)
    tidy_up()
    found = busy.approval_tasks.filter(state="open").exclude(request__in=patterns).count()
    if found != waiting:
        raise RuntimeError(f"{found} tasks wait instead of {waiting}")


def _load(values: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in (_PLAN, _REQUESTS, _TASKS, _DECISIONS):
            cursor.execute(sql, values)


def _make_flows(admin: User) -> None:
    """Let v1 ask the approvers, and v2 a senior accountant at the same time."""
    for word, roles in (
        ("v1", [Role.APPROVER]),
        ("v2", [Role.APPROVER, Role.SENIOR_ACCOUNTANT]),
    ):
        steps = [
            FlowStep(number=1, name=str(role.label), resolver=Resolver.ROLE, role=role)
            for role in roles
        ]
        flow = create_flow(KIND, word, steps, actor=admin)
        activate_flow(flow, version=flow.version, actor=admin)
