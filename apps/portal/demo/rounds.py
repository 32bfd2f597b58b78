"""Rounds of approval in the demo: those of the last weeks, and the queues of today.

All of them go through the services, at the time at which they would have happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from apps.approvals.services.flows import ROLLED_OUT
from apps.approvals.words import DecisionKind
from apps.ledgers.services.drafts import cancel_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.portal.demo.calendar import is_workday
from apps.portal.demo.clock import clock_at
from apps.portal.demo.desk import ZONE, Desk
from apps.portal.demo.special_rounds import leave_special_rounds
from apps.portal.demo.spending import wish_of
from apps.portal.demo.verdicts import answer, approve, entry_of

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User
    from apps.portal.demo.journal import DemoBook

_MOST_PAST = 5
# Past rounds began so many days ago, and are over.
_FIRST_DAY, _LAST_DAY = 26, 4
# Minutes from submission to the verdict. The new flow asks at the same time whom the old one
# leaves to find each other.
_MINUTES = {
    False: (95, 240, 410, 780, 1_180, 1_490, 1_610, 2_100, 2_890, 4_200),
    True: (35, 70, 130, 220, 390, 480, 610, 900, 1_410, 1_900),
}
# One in so many is rejected; one in so many of the old flow is reversed after it was posted.
_REJECTED, _REVERSED = {False: 13, True: 19}, 24
_NO = ("发票抬头不符", "未附合同, 请补充后重新提交", "超出部门预算", "重复报销")
_AGES = (
    6, 14, 25, 41, 58, 83, 110, 140, 165, 205, 250, 330, 410, 520, 640, 900, 1_140, 1_320,
    1_460, 1_700, 1_980, 2_350, 2_800, 3_300, 4_100, 4_900, 5_700, 7_200, 8_900, 11_600,
)  # fmt: skip


def make_rounds(book: DemoBook, clerks: Sequence[User], today: date) -> None:
    """Leave the rounds of the last weeks, decided, and those of today, waiting."""
    desk = Desk(book, clerks, today)
    for number, clerk in enumerate(clerks):
        for turn in range(_MOST_PAST - number % 3):
            _past(desk, clerk, number + turn * len(clerks))
    for number, minutes in enumerate(_AGES):
        place = number * 5 % len(clerks)
        turn = _MOST_PAST + number // len(clerks)
        wish = wish_of(desk.unit_of(clerks[place]), desk.rng, place + turn * len(clerks))
        desk.ask(wish, clerks[place], desk.now - timedelta(minutes=minutes))
    leave_special_rounds(desk)


def _past(desk: Desk, clerk: User, number: int) -> None:
    """Let one round of the last weeks run from its submission to what became of it."""
    opened = _working_hour(desk, number)
    request = desk.ask(wish_of(desk.unit_of(clerk), desk.rng, number), clerk, opened)
    is_new = request.flow.word == ROLLED_OUT
    closed = opened + timedelta(minutes=desk.rng.choice(_MINUTES[is_new]))
    if desk.rng.randrange(_REJECTED[is_new]) == 0:
        why = desk.rng.choice(_NO)
        answer(request, DecisionKind.REJECT, closed, why=why, place=number)
        _give_up(entry_of(request), closed + timedelta(hours=3))
        return
    entry = desk.post(
        approve(entry_of(request), closed, place=number), closed + timedelta(hours=2)
    )
    if not is_new and number % _REVERSED == 0:
        _reverse(desk, entry, closed + timedelta(hours=9))


def _working_hour(desk: Desk, number: int) -> datetime:
    """Return a moment of a workday some weeks ago, when people sit at their desks."""
    day = (desk.now - timedelta(days=_FIRST_DAY)).astimezone(ZONE).date()
    day += timedelta(days=number * 7 % (_FIRST_DAY - _LAST_DAY))
    while not is_workday(day):
        day -= timedelta(days=1)
    hour = time(desk.rng.randint(9, 17), desk.rng.randint(0, 59))
    return datetime.combine(day, hour, ZONE)


def _give_up(entry: JournalEntry, moment: datetime) -> None:
    with clock_at(moment):
        cancel_journal_entry(entry, version=entry.version, actor=entry.maker)


def _reverse(desk: Desk, entry: JournalEntry, moment: datetime) -> None:
    """Correct what was posted wrongly; the reversal takes its own round."""
    senior = desk.book.staff.seniors[-1]
    with clock_at(moment):
        reversal = reverse_journal_entry(entry, actor=senior, reason="发票金额有误, 红字冲销")
    later = moment + timedelta(hours=1)
    desk.post(approve(reversal, later), later + timedelta(hours=1))
