"""Write a planned import into the journal: set-based, in chunks, inside one transaction.

Entries are born as drafts and submitted at once, because the database knows no other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from apps.ledgers.domain.import_values import ImportPlan, PlannedEntry
from apps.ledgers.errors import NoPeriod
from apps.ledgers.models import DimensionValue, JournalEntry, Period, PeriodState
from apps.ledgers.services.accounts import create_accounts_below
from apps.ledgers.services.dimensions import intern_dimension_set
from apps.ledgers.services.import_rows import group_for_new_accounts
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.ledgers.services.statistics import count_what_looks_empty
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.domain.entries import LineInput
    from apps.ledgers.models import JournalImport, Ledger
    from apps.organizations.models import User

# Small enough for the guards, which compare the rows of a statement with each other.
CHUNK = 500

_INSERT_ENTRIES = """
WITH made AS (
  INSERT INTO ledgers_journalentry (ledger_id, period_id, word, entry_date, kind, state, source,
      summary, total, maker_id, review_note, idempotency_key, payload_hash, content_hash,
      journal_import_id, policy_id, version, created_at, updated_at, updated_by_id)
    SELECT %(ledger)s, p.id, h.word, h.day, h.kind, 'draft', 'import', h.summary, h.total,
      %(maker)s, '', h.key, '', '', %(import)s, f.id, 1, now(), now(), %(maker)s
    FROM unnest(%(words)s::text[], %(days)s::date[], %(kinds)s::text[], %(summaries)s::text[],
        %(totals)s::numeric[], %(keys)s::text[]) WITH ORDINALITY
      AS h (word, day, kind, summary, total, key, place)
    JOIN ledgers_period p ON p.ledger_id = %(ledger)s
      AND h.day BETWEEN p.starts_on AND p.ends_on AND NOT p.is_adjustment
    LEFT JOIN policies_financepolicy f ON f.organization_id = %(organization)s
      AND f.state = 'confirmed' AND h.day >= f.effective_from
      AND h.day <= coalesce(f.effective_to, 'infinity')
    ORDER BY h.place
  RETURNING id, idempotency_key
)
SELECT made.id FROM made
JOIN unnest(%(keys)s::text[]) WITH ORDINALITY AS k (key, place) ON k.key = made.idempotency_key
ORDER BY k.place
"""
_INSERT_LINES = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
    dimension_set_id, side, currency_id, amount, rate, base_amount, summary)
  SELECT %s, * FROM unnest(%s::bigint[], %s::int[], %s::date[], %s::bigint[], %s::bigint[],
    %s::smallint[], %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::text[])
"""
# For a chunk that holds a line in foreign currency: its rate, and where that is from, too.
_INSERT_FOREIGN_LINES = """
INSERT INTO ledgers_journalline (ledger_id, entry_id, position, entry_date, account_id,
    dimension_set_id, side, currency_id, amount, rate, base_amount, summary, rate_per,
    rate_type, rate_source, rate_on, rate_ids)
  SELECT %s, entry_id, position, entry_date, account_id, dimension_set_id, side, currency,
    amount, rate, base_amount, summary, rate_per, rate_type, rate_source, rate_on,
    rate_ids::bigint[]
  FROM unnest(%s::bigint[], %s::int[], %s::date[], %s::bigint[], %s::bigint[], %s::smallint[],
    %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::text[], %s::smallint[],
    %s::text[], %s::text[], %s::date[], %s::text[]) AS l (entry_id, position, entry_date,
    account_id, dimension_set_id, side, currency, amount, rate, base_amount, summary, rate_per,
    rate_type, rate_source, rate_on, rate_ids)
"""
_SUBMIT = """
UPDATE ledgers_journalentry e
  SET state = 'submitted', submitted_at = %s, content_hash = h.content_hash,
    version = e.version + 1, updated_at = now()
  FROM ledgers_content_hashes(%s) h WHERE h.entry_id = e.id
"""


def write_plan(
    journal_import: JournalImport,
    plan: ImportPlan,
    *,
    actor: User,
    heartbeat: Callable[[int], object] = int,
) -> None:
    """Make what is missing, then all entries, submitted; the caller owns the transaction.

    Raises:
        Forbidden: accounts or periods would be made, and the actor may not.
        FinanceError: the database refused something.
    """
    ledger = journal_import.ledger
    accounts = make_accounts(journal_import, plan, actor=actor)
    make_periods(ledger, plan.days_without_period, actor=actor)
    sets = _intern(plan)
    for start in range(0, len(plan.entries), CHUNK):
        chunk = plan.entries[start : start + CHUNK]
        ids = _insert_entries(journal_import, chunk, actor)
        count_what_looks_empty(len(ids))
        _insert_lines(ledger, list(zip(ids, chunk, strict=True)), accounts, sets)
        count_what_looks_empty(len(ids))
        with connection.cursor() as cursor:
            # By the clock that the round of approval will begin by.
            cursor.execute(_SUBMIT, [timezone.now(), ids])
            # Checks the foreign keys now, so that they do not pile up until the commit.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        record_history(ids, actor=actor, reason="import", kind="+")
        heartbeat(start + len(chunk))


def make_accounts(
    journal_import: JournalImport, plan: ImportPlan, *, actor: User
) -> dict[int, int]:
    """Make the missing accounts; return their keys by the plan's negative numbers."""
    if not plan.new_accounts:
        return {}
    require(actor, Permission.ACCOUNT_MANAGE)
    group = group_for_new_accounts(
        journal_import.ledger, journal_import.mapping["create_accounts_under"]
    )
    made = create_accounts_below(group, plan.new_accounts, actor=actor)
    return {number: made[code].pk for code, number in plan.new_accounts.items()}


def make_periods(ledger: Ledger, days: set[date], *, actor: User) -> None:
    """Make the fiscal years of the days, and open the months that they lie in."""
    if not days:
        return
    require(actor, Permission.PERIOD_MANAGE)
    for year in sorted({day.year for day in days}):
        if not Period.objects.filter(ledger=ledger, fiscal_year=year).exists():
            create_fiscal_year(ledger, year, actor=actor)
    for month in sorted({(day.year, day.month) for day in days}):
        day = min(day for day in days if (day.year, day.month) == month)
        period = Period.objects.filter(ledger=ledger).containing(day).get()
        if period.state == PeriodState.FUTURE:
            change_period(period, PeriodState.OPEN, version=period.version, actor=actor)


def record_history(ids: Sequence[int], *, actor: User, reason: str, kind: str) -> None:
    """Write history rows of entries as they stand now, as `update_versioned` does for one."""
    history = JournalEntry.history.model
    columns = ", ".join(str(field.column) for field in JournalEntry._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {history._meta.db_table} ({columns}, history_date,
                history_change_reason, history_type, history_user_id)
              SELECT {columns}, now(), %s, %s, %s FROM ledgers_journalentry
              WHERE id = ANY (%s) ORDER BY id
            """,  # noqa: S608  (names of our own columns)
            [reason, kind, actor.pk, list(ids)],
        )


def _intern(plan: ImportPlan) -> dict[int | None, int | None]:
    wanted = {pk for ids in plan.combinations for pk in ids}
    values = DimensionValue.objects.in_bulk(wanted)
    sets: dict[int | None, int | None] = {None: None}
    for ids, number in plan.combinations.items():
        found = intern_dimension_set(values[pk] for pk in ids)
        sets[number] = found.pk if found else None
    return sets


def _insert_entries(
    journal_import: JournalImport, chunk: Sequence[PlannedEntry], actor: User
) -> list[int]:
    contents = [entry.content for entry in chunk]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_ENTRIES,
            {
                "ledger": journal_import.ledger_id,
                "organization": journal_import.ledger.organization_id,
                "import": journal_import.pk,
                "maker": actor.pk,
                "words": [content.word for content in contents],
                "days": [content.entry_date for content in contents],
                "kinds": [content.kind for content in contents],
                "summaries": [content.summary for content in contents],
                "totals": [content.total() for content in contents],
                "keys": [f"import:{journal_import.pk}:{entry.key}" for entry in chunk],
            },
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if len(ids) != len(chunk):
        raise NoPeriod(date=contents[0].entry_date)
    return ids


def _insert_lines(
    ledger: Ledger,
    pairs: Sequence[tuple[int, PlannedEntry]],
    accounts: Mapping[int, int],
    sets: Mapping[int | None, int | None],
) -> None:
    rows = list(_line_rows(pairs, accounts, sets))
    lines = [line for _, entry in pairs for line in entry.content.lines]
    statement = _INSERT_LINES
    if any(line.rate_type for line in lines):
        statement = _INSERT_FOREIGN_LINES
        rows = [(*row, *_rate_columns(line)) for row, line in zip(rows, lines, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [ledger.pk, *map(list, zip(*rows, strict=True))])


def _rate_columns(line: LineInput) -> tuple[object, ...]:
    ids = ",".join(map(str, line.rate_ids))
    return (
        line.rate_per,
        line.rate_type,
        line.rate_source,
        line.rate_on,
        f"{{{ids}}}" if ids else None,
    )


def _line_rows(
    pairs: Sequence[tuple[int, PlannedEntry]],
    accounts: Mapping[int, int],
    sets: Mapping[int | None, int | None],
) -> Iterator[tuple[object, ...]]:
    for pk, entry in pairs:
        for position, line in enumerate(entry.content.lines, start=1):
            yield (
                pk,
                position,
                entry.content.entry_date,
                accounts.get(line.account_id, line.account_id),
                sets[line.dimension_set_id],
                line.side,
                line.currency,
                line.amount,
                line.rate,
                line.base_amount,
                line.summary,
            )
