"""The entries of the demo that wait for somebody, by ledger.

Each leg is (account, signed amount, dimension codes); the age is in hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.portal.demo.profiles import Profile

Leg = tuple[str, str, str]


class Fate(StrEnum):
    """How far an entry gets."""

    DRAFT = "draft"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Todo:
    """An entry that is not finished."""

    fate: Fate
    summary: str
    legs: tuple[Leg, ...]
    hours: int = 0
    word: str = "general"
    reason: str = ""
    papers: tuple[str, ...] = ()


def _bill(
    fate: Fate,
    summary: str,
    expense: tuple[str, str, str],
    supplier: str,
    hours: int,
    *papers: str,
) -> Todo:
    """Return a supplier's invoice for a service with 6 % VAT; amounts in yuan."""
    code, net, dimensions = expense
    whole, _, cents = net.partition(".")
    fen = int(whole + cents)
    vat = (fen * 6 + 50) // 100
    return Todo(
        fate,
        summary,
        (
            (code, net, dimensions),
            ("22210101", _yuan(vat), ""),
            ("2202", _yuan(-fen - vat), supplier),
        ),
        hours,
        "transfer",
        papers=papers,
    )


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}"


def _paid(fate: Fate, summary: str, bank: str, legs: tuple[Leg, ...], hours: int) -> Todo:
    """Return something that was paid by bank; the legs say what for."""
    total = sum(int(amount.replace(".", "")) for _, amount, _ in legs)
    word = "payment" if bank == "1002" else "general"
    return Todo(fate, summary, (*legs, (bank, _yuan(-total), "")), hours, word)


_WAITS, _DRAFT = Fate.SUBMITTED, Fate.DRAFT
_EAST_CHINA = (
    _bill(_WAITS, "阿里云四季度云主机", ("660222", "42735.85", "D08"), "S003", 2, "aliyun.pdf"),
    _bill(_WAITS, "11 月品牌推广服务费", ("660102", "177358.49", "D15 P04"), "S007", 5,
          "contract-v2.pdf", "invoice.pdf"),
    _paid(_WAITS, "深圳路演差旅费", "1002", (("660109", "6912.40", "D16"),
          ("660110", "1400.00", "D16")), 26),
    _bill(_WAITS, "年报审计费首期", ("660215", "90566.04", "D01"), "S011", 29),
    _bill(_WAITS, "苏州新仓货架及安装", ("160199", "612400.00", "D12 P02"), "S005", 31,
          "delivery-note.pdf"),
    _paid(_WAITS, "采购笔记本电脑 12 台", "1002", (("160104", "131880.00", "D08"),), 53),
    _bill(_WAITS, "双十一物流加急费", ("660104", "58216.98", "D13"), "S014", 74),
    _paid(_WAITS, "12 月办公楼租金预付", "1002", (("180199", "210000.00", "D10"),), 98),
    _bill(_WAITS, "HSBC advisory fee, cross-border cash pool", ("660216", "33962.26", "D04"),
          "S009", 146),
    _bill(Fate.APPROVED, "展会展位费 华东进出口博览会",
          ("660107", "84905.66", "D15 P04"), "S002", 30),
    _paid(Fate.APPROVED, "客户招待费", "1002", (("660110", "3280.00", "D17"),), 44),
    _bill(Fate.APPROVED, "ISO 27001 认证费", ("660216", "47169.81", "D08 P05"), "S016", 51,
          "offer.pdf"),
    _paid(Fate.APPROVED, "车间消防整改", "1002", (("660212", "18650.00", "D12"),), 75),
    Todo(Fate.RETURNED, "市场部活动物料",
         (("660103", "26400.00", "D15"), ("2202", "-26400.00", "S008")), 60, "transfer",
         "发票抬头不符, 请换开后重新提交"),
    Todo(_DRAFT, "计提 11 月电费",
         (("660210", "23850.00", "D10"), ("224104", "-23850.00", "")), word="transfer"),
    Todo(_DRAFT, "员工体检费 (待补发票)",
         (("660201", "16800.00", "D07"), ("1002", "-15800.00", "")), word="payment"),
    Todo(_DRAFT, "样品费", (("660218", "4260.00", "D20 P03"), ("1002", "-4260.00", "")),
         word="payment"),
    Todo(Fate.CANCELLED, "重复录入的快递费",
         (("660104", "1265.00", "D13"), ("1002", "-1265.00", "")), word="payment"),
)  # fmt: skip
_HONG_KONG = (
    _paid(_WAITS, "Trade licence renewal", "1112", (("6990", "12850.00", "D21"),), 7),
    _paid(_WAITS, "Temporary storage, Kwai Chung", "1112", (("6210", "68400.00", "D21"),), 49),
    Todo(_WAITS, "Customer rebate, Star Ferry Gifts",
         (("4180", "24600.00", "D16"), ("1121", "-24600.00", "HC06")), 122),
    _paid(Fate.APPROVED, "Company secretary", "1112", (("6450", "9600.00", "D21"),), 28),
    Todo(_DRAFT, "Accrued freight November",
         (("6340", "31200.00", "D21"), ("2114", "-31200.00", ""))),
)  # fmt: skip
_BERLIN = (
    _paid(_WAITS, "Messestand Hannover", "1112", (("6320", "4850.00", "D02"),), 9),
    _paid(_WAITS, "Steuerberater Q3", "1112", (("6450", "2380.00", "D01"),), 70),
    _paid(Fate.APPROVED, "Gabelstapler Wartung", "1112", (("6230", "690.00", "D03"),), 24),
    Todo(_DRAFT, "Weihnachtsgeld Rückstellung",
         (("6140", "9200.00", "D02"), ("2133", "-9200.00", ""))),
)  # fmt: skip
_TODOS = {
    "east-china-cny": _EAST_CHINA,
    "hong-kong-hkd": _HONG_KONG,
    "berlin-eur": _BERLIN,
}


def todos_of(profile: Profile) -> tuple[Todo, ...]:
    """Return what waits in the ledger of a profile."""
    return _TODOS[profile.ledger]
