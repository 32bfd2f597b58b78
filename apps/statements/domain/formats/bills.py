"""Bills of WeChat Pay and Alipay: their own counts and totals are compared with the lines.

WeChat Pay: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html ;
every value begins with a back-tick, and a head and a row of totals follow the lines. Alipay:
comments before and after the lines begin with `#`, a fee is written negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from apps.statements.domain.amounts import Days, parse_amount
from apps.statements.domain.formats.table import Row
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BrokenStatement,
    NotThisFormat,
    StatementEndsTooEarly,
    TotalsDisagree,
)

Cells = dict[str, str]
_ZERO = Decimal(0)


def read_wechat(rows: list[Row]) -> list[ReadStatement]:
    """Return the statement of a WeChat Pay bill (all, successful, or refunds).

    Raises:
        BrokenStatement: or one of its subclasses.
    """
    head, body, summary = _wechat_blocks(rows)
    lines: list[ReadLine] = []
    sums = dict.fromkeys(("应结订单总金额", "退款总金额", "手续费总金额"), _ZERO)
    days = Days()
    for number, row in body:
        cells = _cells(head, row, number)
        settled = _amount(cells, ("应结订单金额", "总金额"), number)
        refunded = _amount(cells, ("退款金额",), number)
        fee = _amount(cells, ("手续费",), number)
        sums["应结订单总金额"] += settled
        sums["退款总金额"] += refunded
        sums["手续费总金额"] += fee
        is_refund = bool(refunded)
        lines.append(
            ReadLine(
                number,
                days.read(cells.get("交易时间", ""), number),
                settled - refunded - fee,
                reference=_first(cells, ("商户退款单号",) if is_refund else (), "商户订单号"),
                partner_reference=_first(
                    cells, ("微信退款单号",) if is_refund else (), "微信订单号"
                ),
                kind=f"{cells.get('交易类型', '')} {cells.get('交易状态', '')}".strip()[:60],
                text=cells.get("商品名称", "")[:1000],
                fee=fee,
                gross_amount=settled - refunded,
            )
        )
    _compare(summary, "总交易单数", Decimal(len(lines)))
    for name, found in sums.items():
        _compare(summary, name, found)
    return [_statement(lines, _currency(head, body, "货币种类"))]


def read_alipay(rows: list[Row]) -> list[ReadStatement]:
    """Return the statement of an Alipay bill of business details.

    Raises:
        BrokenStatement: or one of its subclasses.
    """
    notes = [",".join(row).strip() for _number, row in rows if row and row[0][:1] == "#"]
    table = [(number, row) for number, row in rows if row and row[0][:1] != "#" and any(row)]
    if not table or "商户订单号" not in ",".join(table[0][1]):
        raise NotThisFormat(format="Alipay")
    head, body = [cell.strip() for cell in table[0][1]], table[1:]
    lines, days = [], Days()
    for number, row in body:
        cells = _cells(head, row, number)
        received = _amount(cells, ("商家实收（元）", "商家实收(元)"), number)
        fee = -_amount(cells, ("服务费（元）", "服务费(元)"), number) or _ZERO
        lines.append(
            ReadLine(
                number,
                days.read(cells.get("完成时间", ""), number),
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
    text = next((cells[name] for name in names if cells.get(name)), "")
    return parse_amount(text, number) if text else _ZERO


def _first(cells: Cells, names: tuple[str, ...], default: str) -> str:
    for name in (*names, default):
        if cells.get(name):
            return cells[name][:140]
    return ""


def _compare(summary: Cells, name: str, found: Decimal) -> None:
    if name in summary and parse_amount(summary[name] or "0", 0) != found:
        raise TotalsDisagree(what=name, told=summary[name], found=found)


def _compare_notes(notes: list[str], lines: list[ReadLine], last: int) -> None:
    """Compare counts and sums of payments and refunds with what the foot says."""
    foot = "\n".join(notes)
    if "列表结束" not in foot:
        raise StatementEndsTooEarly(line=last)
    paid = [line for line in lines if (line.gross_amount or _ZERO) >= 0]
    refunded = [line for line in lines if (line.gross_amount or _ZERO) < 0]
    for word, some in (("交易合计", paid), ("退款合计", refunded)):
        found = re.search(word + r"[：:]\s*(\d+)\s*笔[^#\n]*?共\s*(-?[\d.,]+)\s*元", foot)
        if not found:
            continue
        total = sum((line.gross_amount or _ZERO for line in some), _ZERO)
        if int(found[1]) != len(some):
            raise TotalsDisagree(what=word, told=found[1], found=len(some))
        if abs(parse_amount(found[2], last)) != abs(total):
            raise TotalsDisagree(what=word, told=found[2], found=total)


def _account(notes: list[str]) -> str:
    found = re.search(r"账号[：:]\s*\[?([\w@.]+)", "\n".join(notes))
    return found[1] if found else ""


def _currency(head: list[str], body: list[Row], name: str) -> str:
    at = head.index(name) if name in head else -1
    found = {row[at] for _number, row in body if 0 <= at < len(row) and row[at]}
    return ", ".join(sorted(found))


def _statement(lines: list[ReadLine], currency: str, account: str = "") -> ReadStatement:
    if not lines:
        raise NotThisFormat(format="bill")
    days = [line.booked_on for line in lines]
    return ReadStatement(min(days), max(days), account=account, currency=currency, lines=lines)
