"""What services must know of an entry before they change it: its lines, period, problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection

from apps.core.errors import StaleVersion
from apps.ledgers.domain.checks import AccountFacts, Problem, problems_of
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.errors import (
    IllegalStep,
    NoAdjustmentPeriod,
    NoPeriod,
    PeriodTakesNoEntries,
)
from apps.ledgers.models import (
    Account,
    DimensionSet,
    DimensionType,
    EntryKind,
    EntryState,
    JournalEntry,
    Period,
    PeriodState,
)

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.models import JournalLine, Ledger


def period_taking_entries(ledger: Ledger, day: date, kind: str = EntryKind.ORDINARY) -> Period:
    """Return the period of a day, if a person may write into it.

    An adjustment goes into the adjustment period, which lies on the last day of its year.

    Raises:
        NoPeriod, NoAdjustmentPeriod: no period contains the day.
        PeriodTakesNoEntries: it is not open.
    """
    is_adjustment = kind == EntryKind.ADJUSTMENT
    periods = Period.objects.filter(ledger=ledger)
    period = periods.containing(day, for_adjustment=is_adjustment).first()
    if period is None:
        refusal = NoAdjustmentPeriod if is_adjustment else NoPeriod
        raise refusal(field="entry_date", date=day)
    if period.state != PeriodState.OPEN:
        raise PeriodTakesNoEntries(
            field="entry_date", period=str(period), state=period.get_state_display()
        )
    return period


def require_state(entry: JournalEntry, state: EntryState) -> None:
    """Check the state that a step starts from.

    Raises:
        IllegalStep: the entry is in another state.
    """
    if entry.state != state:
        raise IllegalStep(state=entry.get_state_display())


def require_version(entry: JournalEntry, version: int) -> None:
    """Check that an entry is as somebody saw it.

    Raises:
        StaleVersion: it was changed since.
    """
    if entry.version != version:
        raise StaleVersion(what=entry._meta.verbose_name)


def lines_of(entry: JournalEntry) -> tuple[LineInput, ...]:
    """Return the lines of an entry as plain values, in their order."""
    return tuple(line_input_of(line) for line in entry.lines.all().order_by("position"))


def line_input_of(line: JournalLine) -> LineInput:
    """Return a stored line as a plain value."""
    return LineInput(
        account_id=line.account_id,
        side=line.side,
        amount=line.amount,
        base_amount=line.base_amount,
        currency=line.currency_id,
        summary=line.summary,
        dimension_set_id=line.dimension_set_id,
        rate=line.rate,
        rate_per=line.rate_per,
        rate_type=line.rate_type,
        rate_source=line.rate_source,
        rate_on=line.rate_on,
        rate_ids=tuple(line.rate_ids or ()),
    )


def problems_of_entry(entry: JournalEntry) -> list[Problem]:
    """Return what keeps a stored draft from being submitted."""
    content = EntryInput(entry_date=entry.entry_date, lines=lines_of(entry))
    return problems_of(
        content,
        accounts=account_facts(entry.ledger, {line.account_id for line in content.lines}),
        dimension_types=_types_of_sets({line.dimension_set_id for line in content.lines}),
        base_currency=entry.ledger.base_currency_id,
        is_manual=entry.source == JournalEntry.Source.MANUAL,
    )


def account_facts(ledger: Ledger, account_ids: Iterable[int]) -> dict[int, AccountFacts]:
    """Return what posting must know of the accounts."""
    types = DimensionType.objects.filter(organization=ledger.organization_id)
    names = {kind.pk: kind.label for kind in types}
    accounts = Account.objects.filter(pk__in=set(account_ids), chart=ledger.chart_id)
    return {
        account.pk: AccountFacts(
            code=account.code,
            takes_postings=account.is_leaf and account.is_active,
            allows_manual=account.allows_manual,
            only_currency=account.currency_id,
            required_dimensions={pk: names[pk] for pk in account.required_dimension_ids},
        )
        for account in accounts
    }


def content_hash_of(entry: JournalEntry) -> str:
    """Return the SHA-256 of header and lines as the database computes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_hash FROM ledgers_content_hashes(%s)", [[entry.pk]])
        return str(cursor.fetchone()[0])


def _types_of_sets(set_ids: Iterable[int | None]) -> dict[int | None, frozenset[int]]:
    ids = {pk for pk in set_ids if pk is not None}
    rows = DimensionSet.objects.filter(pk__in=ids).values_list("pk", "type_ids")
    return {pk: frozenset(type_ids) for pk, type_ids in rows}
