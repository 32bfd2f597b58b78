"""Read the file of an import against the books: what it would make, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from apps.core.tabular import TableStream, open_table
from apps.ledgers.domain.checks import AccountFacts
from apps.ledgers.domain.import_mapping import (
    ImportMapping,
    check_mapping,
    column_labels,
    guess_sources,
    row_reader,
)
from apps.ledgers.domain.import_plan import Planner
from apps.ledgers.domain.import_values import BookFacts, ImportPlan, PeriodFacts
from apps.ledgers.import_errors import UnknownGroup
from apps.ledgers.models import Account, DimensionType, DimensionValue, JournalImport, Period
from apps.ledgers.services.entry_facts import account_facts
from apps.ledgers.services.rates import converter_for
from apps.ledgers.services.system_entries import known_rounding_account

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

HEARTBEAT_ROWS = 5_000


def book_facts(ledger: Ledger) -> BookFacts:
    """Return what the planner must know of the books, in five queries."""
    ids = dict(Account.objects.filter(chart=ledger.chart_id).values_list("code", "pk"))
    values = DimensionValue.objects.filter(
        organization=ledger.organization_id, is_active=True
    ).values_list("type__code", "code", "pk", "type_id")
    periods = Period.objects.filter(ledger=ledger, is_adjustment=False).order_by("starts_on")
    accounts: dict[int, AccountFacts] = account_facts(ledger, ids.values())
    rounding = known_rounding_account(ledger)
    return BookFacts(
        base_currency=ledger.base_currency_id,
        account_ids=ids,
        accounts=accounts,
        dimension_values={(kind, code): (pk, type_id) for kind, code, pk, type_id in values},
        periods=[
            PeriodFacts(period.starts_on, period.ends_on, str(period), period.state)
            for period in periods
        ],
        convert=converter_for(ledger),
        rounding_account_id=rounding.pk if rounding else None,
    )


def group_for_new_accounts(ledger: Ledger, code: str) -> Account:
    """Return the group under which missing accounts are made.

    Raises:
        UnknownGroup: there is no such group in the ledger's chart.
    """
    group = Account.objects.filter(chart=ledger.chart_id, code=code, is_leaf=False).first()
    if group is None:
        raise UnknownGroup(field="create_accounts_under", account=code)
    return group


def check_import_mapping(
    ledger: Ledger, mapping: ImportMapping, labels: tuple[str, ...]
) -> None:
    """Check a mapping against the file's columns and the ledger's chart.

    Raises:
        FinanceError: one of import_errors, with the field it belongs to.
    """
    check_mapping(mapping, labels)
    if mapping.create_accounts_under:
        group_for_new_accounts(ledger, mapping.create_accounts_under)


def open_import_file(journal_import: JournalImport) -> TableStream:
    """Open the stored file.

    Raises:
        UnreadableFile: it cannot be read as a table.
    """
    with journal_import.file.open("rb") as file:
        return open_table(file.read(), journal_import.filename)


def guess_mapping(ledger: Ledger, labels: tuple[str, ...]) -> ImportMapping:
    """Return the mapping that the headings suggest."""
    types = DimensionType.objects.filter(organization=ledger.organization_id)
    names = {
        name: kind.code
        for kind in types
        for name in (kind.code, kind.name, kind.name_zh)
        if name
    }
    return ImportMapping(sources=guess_sources(labels, names))


def plan_import(
    journal_import: JournalImport,
    stream: TableStream,
    *,
    limit: int | None = None,
    heartbeat: Callable[[int], object] = int,
) -> ImportPlan:
    """Read rows (all, or the first `limit`) into a plan; nothing is written.

    `heartbeat` is called with the number of rows now and then.

    Raises:
        UnreadableFile: a row cannot be read.
        FinanceError: the mapping cannot be used.
    """
    ledger = journal_import.ledger
    mapping = ImportMapping.from_json(journal_import.mapping)
    labels = column_labels(stream.headers)
    check_import_mapping(ledger, mapping, labels)
    planner = Planner(
        book_facts(ledger), mapping, word=journal_import.word, kind=journal_import.kind
    )
    read = row_reader(mapping, labels)
    rows = stream.rows if limit is None else islice(stream.rows, limit)
    for number, cells in _counted(rows, heartbeat):
        planner.add(read(number, cells))
    return planner.finish()


def _counted(
    rows: Iterator[tuple[int, tuple[str, ...]]], heartbeat: Callable[[int], object]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    for count, row in enumerate(rows, start=1):
        if count % HEARTBEAT_ROWS == 0:
            heartbeat(count)
        yield row
