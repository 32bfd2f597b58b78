"""The charts that ship are whole, and a broken chart is refused."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from apps.ledgers.domain.pinyin import pinyin_initials
from apps.ledgers.domain.standard_charts import (
    COLUMNS,
    ChartRow,
    InvalidChart,
    StandardChart,
    parse_chart,
    read_standard_chart,
)

# The numbers of 财会〔2006〕18号, appendix: 156 first-level accounts.
GUIDE = frozenset(
    re.findall(
        r"\d{4}",
        """
1001 1002 1003 1011 1012 1021 1031 1101 1111 1121 1122 1123 1131 1132 1201 1211 1212 1221 1231
1301 1302 1303 1304 1311 1321 1401 1402 1403 1404 1405 1406 1407 1408 1411 1421 1431 1441 1451
1461 1471 1501 1502 1503 1511 1512 1521 1531 1532 1541 1601 1602 1603 1604 1605 1606 1611 1621
1622 1623 1631 1632 1701 1702 1703 1711 1801 1811 1821 1901
2001 2002 2003 2004 2011 2012 2021 2101 2111 2201 2202 2203 2211 2221 2231 2232 2241 2251 2261
2311 2312 2313 2314 2401 2501 2502 2601 2602 2611 2621 2701 2702 2711 2801 2901
3001 3002 3101 3201 3202
4001 4002 4101 4102 4103 4104 4201
5001 5101 5201 5301 5401 5402 5403
6001 6011 6021 6031 6041 6051 6061 6101 6111 6201 6202 6203 6301 6401 6402 6403 6411 6421 6501
6502 6511 6521 6531 6541 6542 6601 6602 6603 6604 6701 6711 6801 6901
""",
    )
)

HEADER = ",".join(COLUMNS)
BANK = "1002,,Bank,银行存款,asset,debit,true,bank,true,true,,"


def chart(name: StandardChart) -> dict[str, ChartRow]:
    """Return a chart by code."""
    return {row.code: row for row in read_standard_chart(name)}


def test_the_chinese_chart_holds_every_account_of_the_guide() -> None:
    top = [
        row.code
        for row in read_standard_chart(StandardChart.CN_ENTERPRISE)
        if not row.parent_code
    ]

    assert len(GUIDE) == 156
    assert set(top) >= GUIDE
    assert len(top) == 183


@pytest.mark.parametrize(
    ("code", "name", "account_class", "side"),
    [("1001", "库存现金", "asset", "debit"), ("1602", "累计折旧", "asset", "credit"),
     ("2221", "应交税费", "liability", "credit"), ("3101", "衍生工具", "common", "debit"),
     ("4104", "利润分配", "equity", "credit"), ("410406", "未分配利润", "equity", "credit"),
     ("5001", "生产成本", "cost", "debit"), ("6001", "主营业务收入", "profit_loss", "credit"),
     ("6602", "管理费用", "profit_loss", "debit"),
     ("22210101", "进项税额", "liability", "debit"),
     ("22210107", "销项税额", "liability", "credit")],
)  # fmt: skip
def test_chinese_accounts_stand_in_their_class(
    code: str, name: str, account_class: str, side: str
) -> None:
    row = chart(StandardChart.CN_ENTERPRISE)[code]

    assert (row.name_zh, row.account_class, row.normal_side) == (name, account_class, side)


def test_chinese_children_extend_the_code_of_their_parent_by_two_digits() -> None:
    rows = read_standard_chart(StandardChart.CN_ENTERPRISE)

    assert all(row.code[:-2] == row.parent_code for row in rows if row.parent_code)
    assert all(len(row.code) == 4 for row in rows if not row.parent_code)


@pytest.mark.parametrize("name", list(StandardChart))
def test_control_accounts_require_the_dimension_of_their_ledger(name: StandardChart) -> None:
    wanted = {"receivable": ("customer",), "payable": ("supplier",), "bank": (), "": ()}

    rows = read_standard_chart(name)

    assert all(row.required_dimensions == wanted[row.control] for row in rows)
    assert {row.control for row in rows} == set(wanted)


@pytest.mark.parametrize("name", list(StandardChart))
def test_charts_are_complete_in_both_languages(name: StandardChart) -> None:
    rows = read_standard_chart(name)

    assert all(row.name_en.isascii() and not row.name_zh.isascii() for row in rows)
    assert all(pinyin_initials(row.name_zh) for row in rows)
    names = Counter(
        (row.parent_code, text) for row in rows for text in (row.name_en, row.name_zh)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("name", list(StandardChart))
def test_only_the_system_posts_the_profit_for_the_year(name: StandardChart) -> None:
    rows = read_standard_chart(name)

    assert [row.name_zh for row in rows if not row.allows_manual] == ["本年利润"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["code,name"], "the columns must be"),
        ([HEADER, BANK, BANK], "twice"),
        ([HEADER, BANK.replace("1002,,", "100201,1002,")], "parent must stand above"),
        ([HEADER, BANK, BANK.replace("1002,,", "100201,1002,")], "without children"),
        ([HEADER, BANK.replace("true,bank", "false,bank")], "without children"),
        ([HEADER, BANK.replace("asset", "wealth")], "wealth"),
        ([HEADER, BANK.replace("Bank", "")], "both names"),
        ([HEADER, BANK.replace("1002", "１００２")], "digits"),
        ([HEADER, BANK + "income"], "section"),
        (
            [HEADER, BANK.replace("bank", "").replace("true,true,,", "true,true,customer,")],
            "dimensions",
        ),
        ([HEADER, "1002,,Bank"], "cells"),
        ([HEADER, BANK + ",x"], "cells"),
    ],
)
def test_it_refuses_a_broken_chart(lines: list[str], reason: str) -> None:
    with pytest.raises(InvalidChart, match=reason):
        parse_chart(lines)


def test_it_refuses_a_child_of_another_class() -> None:
    parent = BANK.replace("true,bank", "false,")
    child = BANK.replace("1002,,", "100201,1002,").replace("asset", "liability")

    with pytest.raises(InvalidChart, match="account 100201: its class"):
        parse_chart([HEADER, parent, child])


@pytest.mark.parametrize(
    ("text", "initials"),
    [("应收账款", "yszk"), ("银行存款", "yhck"), ("长期借款", "cqjk"), ("累计折耗", "ljzh"),
     ("应交增值税", "yjzzs"), ("行政费用", "xzfy"), ("重分类调整", "cfltz"),
     ("工行基本户", "ghjbh"), ("以前年度损益调整", "yqndsytz"), ("增值税13%", "zzs13"),
     ("研发（R&D）", "yfrd"), ("ＶＡＴ税", "vs"), ("", ""),
     ("Accounts receivable", "ar"), ("Owner’s equity", "oe"), ("Écart", "e")],
)  # fmt: skip
def test_initials_are_what_people_type(text: str, initials: str) -> None:
    assert pinyin_initials(text) == initials
