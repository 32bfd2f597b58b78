"""Opening a ledger: its chart of accounts, its dimensions and its first fiscal year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.core.errors import Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.domain.standard_charts import StandardChart
from apps.ledgers.errors import DeltaDiffersFromBase, LedgerCodeIsTaken
from apps.ledgers.models import ChartOfAccounts, DimensionType, Ledger
from apps.ledgers.services.accounts import import_standard_chart
from apps.ledgers.services.periods import create_fiscal_year
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import LegalEntity, Organization, User

# (code, English, Chinese) of what standard charts ask of their lines.
STANDARD_DIMENSIONS = (
    ("department", "Department", "部门"),
    ("customer", "Customer", "客户"),
    ("supplier", "Supplier", "供应商"),
    ("project", "Project", "项目"),
    ("employee", "Employee", "员工"),
)
STANDARD_CHARTS = {
    StandardChart.CN_ENTERPRISE: ("Chinese enterprise chart", "企业会计科目表"),
    StandardChart.IFRS: ("IFRS chart", "国际准则科目表"),
}


@dataclass(frozen=True, slots=True)
class NewLedger:
    """What a ledger begins with.

    `chart` is a chart of the organization, or a standard one to begin a chart with. A ledger
    that only holds what differs from another names that as `base_ledger`, whose chart and
    currency are its own.
    """

    entity: LegalEntity
    code: str
    name: str
    name_zh: str
    purpose: Ledger.Purpose
    currency_code: str
    chart: ChartOfAccounts | StandardChart
    first_year: int
    base_ledger: Ledger | None = None


def open_ledger(new: NewLedger, *, actor: User) -> Ledger:
    """Open a ledger with its chart and the periods of its first year, all still future.

    Raises:
        Forbidden: the actor may not, or the entity is not of the actor's organization.
        LedgerCodeIsTaken: the organization has a ledger of the code.
        DeltaDiffersFromBase: entity, currency or chart is another than the base's.
    """
    require(actor, Permission.LEDGER_CREATE)
    organization = new.entity.organization
    if organization.pk != actor.organization_id:
        raise Forbidden
    if Ledger.objects.filter(organization=organization, code=new.code).exists():
        raise LedgerCodeIsTaken(field="code", text=new.code)
    _require_like_base(new)
    with operation("ledger.create", actor=actor):
        make_standard_dimensions(organization, actor=actor)
        ledger = Ledger.create_versioned(
            actor=actor,
            organization=organization,
            entity=new.entity,
            code=new.code,
            name=clean_text(new.name, field="name"),
            name_zh=clean_text(new.name_zh, field="name_zh"),
            purpose=new.purpose,
            base_currency_id=new.currency_code,
            chart=_chart(new, organization, actor=actor),
            base_ledger=new.base_ledger,
        )
        create_fiscal_year(ledger, new.first_year, actor=actor)
    return ledger


def make_standard_dimensions(organization: Organization, *, actor: User) -> None:
    """Add the dimensions that the standard charts ask for, where they are missing."""
    existing = set(
        DimensionType.objects.filter(organization=organization).values_list("code", flat=True)
    )
    with operation("dimension_type.create", actor=actor):
        for code, name, name_zh in STANDARD_DIMENSIONS:
            if code not in existing:
                DimensionType.create_versioned(
                    actor=actor,
                    organization=organization,
                    code=code,
                    name=name,
                    name_zh=name_zh,
                )


def make_chart(
    organization: Organization, standard: StandardChart, *, actor: User
) -> ChartOfAccounts:
    """Make a chart of accounts from a standard one, under a code that is free."""
    name, name_zh = STANDARD_CHARTS[standard]
    with operation("chart.create", actor=actor):
        chart = ChartOfAccounts.create_versioned(
            actor=actor,
            organization=organization,
            code=_free_code(organization, standard.replace("_", "-")),
            name=name,
            name_zh=name_zh,
        )
    import_standard_chart(chart, standard, actor=actor)
    return chart


def _chart(new: NewLedger, organization: Organization, *, actor: User) -> ChartOfAccounts:
    if isinstance(new.chart, ChartOfAccounts):
        return new.chart
    return make_chart(organization, new.chart, actor=actor)


def _free_code(organization: Organization, code: str) -> str:
    taken = set(
        ChartOfAccounts.objects.filter(
            organization=organization, code__startswith=code
        ).values_list("code", flat=True)
    )
    numbered = (f"{code}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (code, *numbered) if free not in taken)


def _require_like_base(new: NewLedger) -> None:
    base = new.base_ledger
    if base is None:
        return
    own = (new.entity.pk, new.currency_code, getattr(new.chart, "pk", None))
    if own != (base.entity_id, base.base_currency_id, base.chart_id):
        raise DeltaDiffersFromBase(field="base_ledger", base=base.label)
