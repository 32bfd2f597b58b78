"""Rounds of the demo that show something: split, asked, mended, from abroad, half done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services import talk
from apps.approvals.services.delegations import delegate
from apps.approvals.services.flows import ROLLED_OUT
from apps.approvals.services.seen import mark_seen
from apps.approvals.words import DecisionKind, RequestState
from apps.ledgers.services.drafts import save_draft
from apps.portal.demo import names
from apps.portal.demo.clock import clock_at, on_one_day
from apps.portal.demo.spending import Wish, content_of, wish_of
from apps.portal.demo.verdicts import answer, entry_of

if TYPE_CHECKING:
    from datetime import datetime

    from apps.organizations.models import User
    from apps.portal.demo.desk import Desk

_DAYS_AWAY = 9


def leave_special_rounds(desk: Desk) -> None:
    """Leave one of everything that people who decide may meet."""
    clerks = {desk.unit_of(clerk).slug: clerk for clerk in desk.clerks}
    _from_abroad(desk, clerks)
    _split(desk, clerks["warehouse"])
    _asked(desk, clerks["legal"], clerks["marketing"])
    _mended(desk, clerks["online-sales"])
    _half_way(desk)
    _away(desk)


def _ago(desk: Desk, minutes: int) -> datetime:
    return desk.now - timedelta(minutes=minutes)


def _wish(desk: Desk, clerk: User, supplier: int, net: str, text: str) -> Wish:
    """Return something in particular from the supplier of a number."""
    unit = desk.unit_of(clerk)
    wish = wish_of(unit, desk.rng, supplier)
    return replace(wish, net=Decimal(net), text=f"{unit.name_zh}{text} {wish.supplier.name_zh}")


def _from_abroad(desk: Desk, clerks: dict[str, User]) -> None:
    """Leave invoices in other currencies waiting, and one of a supplier that is new."""
    for slug, currency, net, minutes, supplier in (
        ("procurement", "USD", "18400.00", 95, names.OVERSEAS_SUPPLIERS[2]),
        ("research", "JPY", "2650000", 1_550, names.OVERSEAS_SUPPLIERS[0]),
        ("sales-north", "EUR", "7320.50", 3_050, names.OVERSEAS_SUPPLIERS[1]),
        ("quality", "", "23800.00", 205, names.NEW_SUPPLIER),
    ):
        unit = desk.unit_of(clerks[slug])
        wish = replace(
            wish_of(unit, desk.rng, 0),
            currency=currency,
            net=Decimal(net),
            supplier=supplier,
            text=f"{unit.name_zh}检测设备采购 {supplier.name_zh or supplier.name}",
        )
        desk.ask(wish, clerks[slug], _ago(desk, minutes))


def _split(desk: Desk, clerk: User) -> None:
    """Ask twice on one day for what together is above the limit of senior accountants."""
    first, second = on_one_day(_ago(desk, 130), _ago(desk, 117))
    for net, moment, part in (("268000.00", first, "首批"), ("259500.00", second, "尾批")):
        wish = _wish(desk, clerk, 22, net, f"货架改造 {part}")
        desk.ask(wish, clerk, moment)


def _asked(desk: Desk, waits: User, answered: User) -> None:
    """Ask both makers something, one of whom has answered; somebody adds a comment."""
    approver = desk.book.staff.approvers[0]
    first = desk.ask(_wish(desk, waits, 20, "42000.00", "诉讼代理费"), waits, _ago(desk, 700))
    second = desk.ask(
        _wish(desk, answered, 21, "86400.00", "年度发布会搭建"), answered, _ago(desk, 980)
    )
    with clock_at(_ago(desk, 400)):
        talk.ask(first, "请补充委托合同和收费标准。", actor=approver)
        talk.ask(second, "是否已比价? 请说明为何选择这家。", actor=approver)
    with clock_at(_ago(desk, 310)):
        second.refresh_from_db()
        talk.answer(second, "三家比价, 该报价最低, 比价表已附。", actor=answered)
        talk.comment(second, "去年同类活动为 91,200 元。", actor=answered)


def _mended(desk: Desk, clerk: User) -> None:
    """Let an approver return something, and its maker submit it again with another amount."""
    approver = desk.book.staff.approvers[0]
    wish = _wish(desk, clerk, 23, "31600.00", "直播间设备租赁")
    request = desk.ask(wish, clerk, _ago(desk, 1_900))
    with clock_at(_ago(desk, 1_700)):
        mark_seen(request, approver)
    why = "租期与合同不一致, 请核对金额"
    answer(request, DecisionKind.RETURN, _ago(desk, 1_690), why=why)
    entry = entry_of(request)
    mended = content_of(replace(wish, net=Decimal("27900.00")), desk.book, entry.entry_date)
    with clock_at(_ago(desk, 240)):
        desk.submit(save_draft(entry, mended, version=entry.version, actor=clerk))


def _half_way(desk: Desk) -> None:
    """Let one of two steps be done in some rounds of the new flow."""
    waiting = ApprovalRequest.objects.filter(
        organization=desk.book.ledger.organization_id,
        flow__word=ROLLED_OUT,
        state=RequestState.OPEN,
        asked_at=None,
        created_at__lt=desk.now - timedelta(hours=2),
    )
    for request in waiting.order_by("pk")[:3]:
        if request.tasks.filter(state="open").values("step").distinct().count() > 1:
            moment = request.created_at + timedelta(minutes=50)
            answer(request, DecisionKind.APPROVE, moment)


def _away(desk: Desk) -> None:
    """Let an approver be on leave, and a senior accountant stand in for small amounts."""
    staff, today = desk.book.staff, timezone.localdate()
    days = (today, today + timedelta(days=_DAYS_AWAY))
    delegate(
        staff.seniors[0], days, actor=staff.approvers[1], limit=Decimal(100_000), reason="年假"
    )
