"""The books of a demo company before its first entry: chart, ledger, periods, dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.operation import operation
from apps.ledgers.models import (
    ChartOfAccounts,
    DimensionType,
    DimensionValue,
    Ledger,
    Period,
    PeriodState,
)
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.dimensions import create_dimension_value, intern_dimension_set
from apps.ledgers.services.ledger_setup import make_standard_dimensions
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.organizations.models import LegalEntity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from apps.organizations.models import Organization, User
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.names import Partner, Unit
    from apps.portal.demo.profiles import Profile


class Dimensions:
    """The dimensions of a tenant; combinations of values are looked up by their codes."""

    def __init__(self, organization: Organization, actor: User) -> None:
        """Make the dimension types."""
        self._actor = actor
        self._values: dict[str, DimensionValue] = {}
        self._kinds: dict[str, list[str]] = {}
        self._set_ids: dict[tuple[str, ...], int | None] = {}
        make_standard_dimensions(organization, actor=actor)
        types = DimensionType.objects.filter(organization=organization)
        self._types = {kind.code: kind for kind in types}

    def add(self, kind: str, values: Sequence[Partner | Unit]) -> None:
        """Add values of a dimension."""
        for value in values:
            self._kinds.setdefault(kind, []).append(value.code)
            self._values[value.code] = create_dimension_value(
                self._types[kind],
                code=value.code,
                name=value.name,
                name_zh=value.name_zh,
                actor=self._actor,
            )

    def codes_of(self, kind: str) -> list[str]:
        """Return the codes of the values of a dimension."""
        return self._kinds[kind]

    def name_of(self, code: str, *, is_chinese: bool) -> str:
        """Return the name of a value."""
        value = self._values[code]
        return (value.name_zh if is_chinese else "") or value.name

    def set_id(self, codes: tuple[str, ...]) -> int | None:
        """Return the key of a combination of values, made at its first use."""
        if codes not in self._set_ids:
            with operation("dimension_set.intern", actor=self._actor):
                found = intern_dimension_set(self._values[code] for code in codes)
            self._set_ids[codes] = found.pk if found else None
        return self._set_ids[codes]


def make_ledger(profile: Profile, chart: ChartOfAccounts, *, actor: User) -> Ledger:
    """Make the legal entity of a profile and its statutory ledger."""
    with operation("ledger.create", actor=actor):
        entity = LegalEntity.create_versioned(
            actor=actor,
            organization=chart.organization,
            code=profile.entity,
            name=profile.entity_name,
            name_zh=profile.entity_name_zh,
            functional_currency_id=profile.currency,
            time_zone=profile.time_zone,
        )
        return Ledger.create_versioned(
            actor=actor,
            organization=chart.organization,
            entity=entity,
            code=profile.ledger,
            name=profile.name,
            name_zh=profile.name_zh,
            purpose=Ledger.Purpose.STATUTORY,
            base_currency_id=profile.currency,
            chart=chart,
        )


def make_delta(base: Ledger, *, code: str, name: str, name_zh: str, actor: User) -> Ledger:
    """Make a management ledger that holds only what differs from the statutory one."""
    with operation("ledger.create", actor=actor):
        return Ledger.create_versioned(
            actor=actor,
            organization=base.organization,
            entity=base.entity,
            code=code,
            name=name,
            name_zh=name_zh,
            purpose=Ledger.Purpose.MANAGEMENT,
            base_currency_id=base.base_currency_id,
            chart=base.chart,
            base_ledger=base,
        )


def open_periods(ledger: Ledger, months: Sequence[Month], *, actor: User) -> None:
    """Make the fiscal years of the months; open what has come, close what lies before."""
    for year in sorted({month.first.year for month in months}):
        create_fiscal_year(ledger, year, actor=actor)
    for period in _in_order(ledger):
        if period.starts_on > months[-1].last:
            break
        if not (period.is_adjustment and period.ends_on == months[-1].last):
            opened = change_period(
                period, PeriodState.OPEN, version=period.version, actor=actor
            )
            if period.ends_on < months[0].first:
                close_period(opened, version=opened.version, actor=actor)


def _in_order(ledger: Ledger) -> QuerySet[Period]:
    return Period.objects.filter(ledger=ledger).order_by("fiscal_year", "number")
