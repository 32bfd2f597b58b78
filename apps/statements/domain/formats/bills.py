"""Bills of WeChat Pay and Alipay: their own counts and totals are compared with the lines.

WeChat Pay: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html ;
every value begins with a back-tick, and a head and a row of totals follow the lines. Alipay:
comments before and after the lines begin with `#`, a fee is written negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from apps.statements.domain.amounts import Days, parse_amount
from apps.statements.domain.formats.table import Row, only
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BrokenStatement,
    NotThisFormat,
    StatementEndsTooEarly,
    TotalsDisagree,
)

Cells = dict[str, str]
_ZERO, _CURRENCY = Decimal(0), "货币种类"
_SUMS = ("应结订单总金额", "退款总金额", "手续费总金额")


def read_wechat(rows: list[Row]) -> list[ReadStatement]:
    """Return the statement of a WeChat Pay bill (all, successful, or refunds).

    Raises:
        BrokenStatement: or one of its subclasses.
    """
    head, body, summary = _wechat_blocks(rows)
    lines: list[ReadLine] = []
    sums = dict.fromkeys(_SUMS, _ZERO)
    days = Days()
    for number, row in body:
        cells = _cells(head, row, number)
        amounts = (
            _amount(cells, ("应结订单金额", "总金额"), number),
            _amount(cells, ("退款金额",), number),
            _amount(cells, ("手续费",), number),
        )
        sums = {name: sums[name] + one for name, one in zip(_SUMS, amounts, strict=True)}
        booked_on = days.read(cells.get("交易时间", ""), number, "交易时间")
        lines.append(_wechat_line(cells, number, booked_on, amounts))
    last = rows[-1][0]
    _compare(summary, "总交易单数", Decimal(len(lines)), last)
    for name, found in sums.items():
        _compare(summary, name, found, last)
    part = _statement(lines)
    part.currency_lines, part.currency_column = _currency_lines(head, body), _CURRENCY
    part.currency = only(part.currency_lines)
    return [part]


def _wechat_line(
    cells: Cells, number: int, booked_on: date, amounts: tuple[Decimal, Decimal, Decimal]
) -> ReadLine:
    settled, refunded, fee = amounts
    is_refund = bool(refunded)
    return ReadLine(
        number,
        booked_on,
        settled - refunded - fee,
        reference=_first(cells, ("商户退款单号",) if is_refund else (), "商户订单号"),
        partner_reference=_first(cells, ("微信退款单号",) if is_refund else (), "微信订单号"),
        kind=f"{cells.get('交易类型', '')} {cells.get('交易状态', '')}".strip()[:60],
        text=cells.get("商品名称", "")[:1000],
        fee=fee,
        gross_amount=settled - refunded,
    )


def read_alipay(rows: list[Row]) -> list[ReadStatement]:
    """Return the statement of an Alipay bill of business details.

    Raises:
        BrokenStatement: or one of its subclasses.
    """
    notes = [",".join(row).strip() for _number, row in rows if row and row[0][:1] == "#"]
    table = [(number, row) for number, row in rows if row and row[0][:1] != "#" and any(row)]
    if not table or "商户订单号" not in ",".join(table[0][1]):
        raise NotThisFormat(format="Alipay")
    if not any("列表结束" in note for note in notes):
        raise StatementEndsTooEarly(line=rows[-1][0])
    head, body = [cell.strip() for cell in table[0][1]], table[1:]
    lines, days = [], Days()
    for number, row in body:
        cells = _cells(head, row, number)
        received = _amount(cells, ("商家实收（元）", "商家实收(元)"), number)
        fee = -_amount(cells, ("服务费（元）", "服务费(元)"), number) or _ZERO
        lines.append(
            ReadLine(
                number,
                days.read(cells.get("完成时间", ""), number, "完成时间"),
                received - fee,
                reference=cells.get("商户订单号", "")[:140],
                partner_reference=cells.get("支付宝交易号", "")[:140],
                batch=cells.get("退款批次号/请求号", "")[:140],
                kind=cells.get("业务类型", "")[:60],
                counterparty=cells.get("对方账户", "")[:200],
                text=cells.get("商品名称", "")[:1000],
                fee=fee,
                gross_amount=received,
            )
        )
    _compare_notes(notes, lines, rows[-1][0])
    return [_statement(lines, "CNY", _account(notes))]


def _wechat_blocks(rows: list[Row]) -> tuple[list[str], list[Row], Cells]:
    filled = [(number, [cell.strip().strip("`") for cell in row]) for number, row in rows]
    filled = [(number, row) for number, row in filled if any(row)]
    if not filled or "交易时间" not in filled[0][1] or "微信订单号" not in filled[0][1]:
        raise NotThisFormat(format="WeChat Pay")
    at = next((i for i, (_n, row) in enumerate(filled) if row[0] == "总交易单数"), 0)
    if not at or at + 1 >= len(filled):
        raise StatementEndsTooEarly(line=filled[-1][0])
    summary = dict(zip(filled[at][1], filled[at + 1][1], strict=False))
    return filled[0][1], filled[1:at], summary


def _cells(head: list[str], row: list[str], number: int) -> Cells:
    if len(row) < len(head) - 1:
        raise BrokenStatement(line=number, text=",".join(row)[:60])
    return {name: cell.strip().strip("`\t ") for name, cell in zip(head, row, strict=False)}


def _amount(cells: Cells, names: Iterable[str], number: int) -> Decimal:
    name = next((name for name in names if cells.get(name)), "")
    return parse_amount(cells[name], number, column=name) if name else _ZERO


def _first(cells: Cells, names: tuple[str, ...], default: str) -> str:
    for name in (*names, default):
        if cells.get(name):
            return cells[name][:140]
    return ""


def _compare(summary: Cells, name: str, found: Decimal, line: int) -> None:
    if name in summary and parse_amount(summary[name] or "0", line, column=name) != found:
        raise TotalsDisagree(what=name, told=summary[name], found=found)


def _compare_notes(notes: list[str], lines: list[ReadLine], last: int) -> None:
    """Compare counts and sums of payments and refunds with what the foot says."""
    foot = "\n".join(notes)
    paid = [line for line in lines if (line.gross_amount or _ZERO) >= 0]
    refunded = [line for line in lines if (line.gross_amount or _ZERO) < 0]
    for word, some in (("交易合计", paid), ("退款合计", refunded)):
        found = re.search(word + r"[：:]\s*(\d+)\s*笔[^#\n]*?共\s*(-?[\d.,]+)\s*元", foot)
        if not found:
            continue
        total = sum((line.gross_amount or _ZERO for line in some), _ZERO)
        if int(found[1]) != len(some):
            raise TotalsDisagree(what=word, told=found[1], found=len(some))
        if abs(parse_amount(found[2], last, column=word)) != abs(total):
            raise TotalsDisagree(what=word, told=found[2], found=total)


def _account(notes: list[str]) -> str:
    found = re.search(r"账号[：:]\s*\[?([\w@.]+)", "\n".join(notes))
    return found[1] if found else ""


def _currency_lines(head: list[str], body: list[Row]) -> dict[str, int]:
    """Return the currencies of a bill, each with its first line."""
    at = head.index(_CURRENCY) if _CURRENCY in head else -1
    found: dict[str, int] = {}
    for number, row in body:
        if 0 <= at < len(row) and row[at]:
            found.setdefault(row[at], number)
    return found


def _statement(lines: list[ReadLine], currency: str = "", account: str = "") -> ReadStatement:
    if not lines:
        raise NotThisFormat(format="bill")
    days = [line.booked_on for line in lines]
    return ReadStatement(min(days), max(days), account=account, currency=currency, lines=lines)
