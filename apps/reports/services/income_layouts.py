"""The lines of income statements: the Chinese form, one by nature of expense, a plain one.

The Chinese form follows 财会〔2019〕6号 (一般企业财务报表格式), the other IAS 1.82 and 1.102.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.reports.domain.income_statement import LayoutLine

if TYPE_CHECKING:
    from django.utils.functional import Promise

LABELS: dict[str, str | Promise] = {
    "revenue": _("Operating revenue"),
    "cost": _("less: Operating costs"),
    "surcharges": _("less: Taxes and surcharges"),
    "selling": _("less: Selling expenses"),
    "admin": _("less: Administrative expenses"),
    "research": _("less: Research and development"),
    "finance": _("less: Finance expenses"),
    "other_income": _("add: Other income"),
    "investment": _("add: Investment income"),
    "fair_value": _("add: Fair value gains"),
    "credit_loss": _("add: Credit impairment (losses negative)"),
    "asset_loss": _("add: Asset impairment (losses negative)"),
    "disposal": _("add: Gains on disposal of assets"),
    "rest": _("add: Other items"),
    "operating_profit": _("Operating profit"),
    "non_operating_income": _("add: Non-operating income"),
    "non_operating_expenses": _("less: Non-operating expenses"),
    "profit_before_tax": _("Profit before tax"),
    "tax": _("less: Income tax"),
    "net_profit": _("Net profit"),
    "staff": _("less: Employee costs"),
    "premises": _("less: Premises costs"),
    "depreciation": _("less: Depreciation and amortisation"),
    "impairment": _("less: Impairment losses"),
    "other_expenses": _("less: Other expenses"),
    "finance_income": _("add: Finance income"),
    "finance_costs": _("less: Finance costs"),
    "income": _("Income"),
    "expenses": _("less: Expenses"),
}


def _result(key: str) -> LayoutLine:
    return LayoutLine(key, is_result=True)


CHINESE = (
    LayoutLine("revenue", ("6001", "6011", "6021", "6031", "6041", "6051")),
    LayoutLine("cost", ("6401", "6402", "6411", "6421"), -1),
    LayoutLine("surcharges", ("6403",), -1),
    LayoutLine("selling", ("6601",), -1),
    LayoutLine("admin", ("6602",), -1),
    LayoutLine("research", ("660218",), -1),
    LayoutLine("finance", ("6603",), -1),
    LayoutLine("other_income", ("6117",)),
    LayoutLine("investment", ("6111",)),
    LayoutLine("fair_value", ("6101",)),
    LayoutLine("credit_loss", ("6702",)),
    LayoutLine("asset_loss", ("6701",)),
    LayoutLine("disposal", ("6115",)),
    LayoutLine("rest", takes_rest=True),
    _result("operating_profit"),
    LayoutLine("non_operating_income", ("6301",)),
    LayoutLine("non_operating_expenses", ("6711",), -1),
    _result("profit_before_tax"),
    LayoutLine("tax", ("6801",), -1),
    _result("net_profit"),
)
BY_NATURE = (
    LayoutLine("revenue", ("41",)),
    LayoutLine("other_income", ("42",)),
    LayoutLine("cost", ("5",), -1),
    LayoutLine("staff", ("61",), -1),
    LayoutLine("premises", ("62",), -1),
    LayoutLine("selling", ("63",), -1),
    LayoutLine("admin", ("64",), -1),
    LayoutLine("depreciation", ("65",), -1),
    LayoutLine("impairment", ("66",), -1),
    LayoutLine("research", ("67",), -1),
    LayoutLine("other_expenses", ("69",), -1),
    LayoutLine("rest", takes_rest=True),
    _result("operating_profit"),
    LayoutLine("finance_income", ("43",)),
    LayoutLine("finance_costs", ("7",), -1),
    _result("profit_before_tax"),
    LayoutLine("tax", ("8",), -1),
    _result("net_profit"),
)
_CHINESE_CODES = {"6001", "6401"}
_CODES_BY_NATURE = {"4110", "5120", "8100"}


def layout_for(
    codes: Collection[str], income: Collection[str], expenses: Collection[str]
) -> tuple[LayoutLine, ...]:
    """Return the layout of a chart, known by its codes; a plain one for a chart of one's own.

    `income` and `expenses` are the codes of the accounts of either section.
    """
    known = set(codes)
    if known >= _CHINESE_CODES:
        return CHINESE
    if known >= _CODES_BY_NATURE:
        return BY_NATURE
    return (
        LayoutLine("income", tuple(income)),
        LayoutLine("expenses", tuple(expenses), -1),
        LayoutLine("rest", takes_rest=True),
        _result("net_profit"),
    )
