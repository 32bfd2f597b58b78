"""What is not finished in the demo: drafts, a queue that waits, reversals, attachments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.approvals.words import DecisionKind
from apps.ledgers.domain.entries import EntryInput
from apps.ledgers.models import Control, EntryKind, EntryState, JournalEntry, Side
from apps.ledgers.services.attachments import attach_file
from apps.ledgers.services.drafts import (
    cancel_journal_entry,
    create_draft,
    submit_journal_entry,
)
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.portal.demo.clock import clock_at
from apps.portal.demo.credit import let_bureau_answer
from apps.portal.demo.files import pdf_file, png_file
from apps.portal.demo.journal import DemoBook, Leg
from apps.portal.demo.todo import Fate, Todo, todos_of
from apps.portal.demo.verdicts import answer, approve, round_of

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.portal.demo.profiles import Profile

_REVERSED = 4
_WITH_PAPERS = 10
_LATER = timedelta(minutes=40)


def leave_work_waiting(book: DemoBook, profile: Profile, today: date) -> None:
    """Leave the ledger as it is on an ordinary day: some work done, some waiting."""
    for number, todo in enumerate(todos_of(profile)):
        _leave(book, todo, number, today)
    _reverse_some(book, profile)
    _attach_papers(book)


@dataclass(frozen=True, slots=True)
class _Hands:
    """The people whose hands an entry goes through."""

    maker: User
    poster: User


def _hands(book: DemoBook, number: int) -> _Hands:
    staff = book.staff
    return _Hands(
        maker=staff.makers[number % len(staff.makers)],
        poster=staff.seniors[0],
    )


def _leave(book: DemoBook, todo: Todo, number: int, today: date) -> JournalEntry:
    hands = _hands(book, number)
    moment = timezone.now() - timedelta(hours=todo.hours)
    with clock_at(moment - timedelta(minutes=20)):
        entry = create_draft(book.ledger, _content(book, todo, today), actor=hands.maker)
        for name in todo.papers:
            paper = pdf_file(name, [todo.summary, str(entry.total)])
            attach_file(entry, paper, actor=hands.maker)
    if todo.fate == Fate.CANCELLED:
        return cancel_journal_entry(entry, version=entry.version, actor=hands.maker)
    if todo.fate == Fate.DRAFT:
        return entry
    with clock_at(moment):
        entry = submit_journal_entry(entry, version=entry.version, actor=hands.maker)
        let_bureau_answer(round_of(entry))
    if todo.fate == Fate.RETURNED:
        answer(round_of(entry), DecisionKind.RETURN, moment + _LATER, why=todo.reason)
    if todo.fate == Fate.APPROVED:
        return approve(entry, moment + _LATER)
    return entry


def _content(book: DemoBook, todo: Todo, today: date) -> EntryInput:
    """Return the content of an entry dated when it was handed in, but within this month."""
    day = max(today - timedelta(days=todo.hours // 24), today.replace(day=1))
    legs = [
        Leg(code, Decimal(amount), tuple(dimensions.split()))
        for code, amount, dimensions in todo.legs
    ]
    return EntryInput(
        entry_date=day,
        lines=tuple(book.line(leg, todo.summary) for leg in legs),
        word=todo.word,
        summary=todo.summary,
    )


def _reverse_some(book: DemoBook, profile: Profile) -> None:
    """Reverse a few posted entries of the open months; the last reversal still waits."""
    reasons = (
        ("发票金额有误, 红字冲销", "Wrong amount on the invoice"),
        ("科目使用错误", "Posted to the wrong account"),
        ("重复入账", "Entered twice"),
        ("客户退货", "Goods returned by the customer"),
    )
    for number, entry in enumerate(_reversible(book)):
        hands = _hands(book, number)
        chinese, english = reasons[number % len(reasons)]
        reason = chinese if profile.is_chinese else english
        moment = timezone.now() - timedelta(hours=20 + number)
        with clock_at(moment):
            reversal = reverse_journal_entry(entry, actor=hands.poster, reason=reason)
        if number:
            reversal = approve(reversal, moment + _LATER)
            post_journal_entry(reversal, version=reversal.version, actor=hands.poster)


def _reversible(book: DemoBook) -> list[JournalEntry]:
    """Return some recent invoices of suppliers."""
    posted = JournalEntry.objects.filter(
        ledger=book.ledger,
        state=EntryState.POSTED,
        kind=EntryKind.ORDINARY,
        period__state="open",
        # Those of the past months, not what went through a round here.
        idempotency_key__startswith="demo-",
    )
    bills = posted.filter(
        lines__account__control=Control.PAYABLE, lines__side=Side.CREDIT, total__lt=60_000
    ).select_related("ledger", "maker")
    return list(bills.order_by("-entry_date", "-id")[7 : 7 + 9 * _REVERSED : 9])


def _attach_papers(book: DemoBook) -> None:
    """Attach an invoice or a receipt to the latest posted entries."""
    posted = JournalEntry.objects.filter(ledger=book.ledger, state=EntryState.POSTED)
    latest = posted.select_related("ledger", "maker").order_by("-entry_date", "-id")
    for number, entry in enumerate(latest[: _WITH_PAPERS * 3 : 3]):
        if number % 3:
            lines = ["INVOICE", str(entry), f"{book.currency} {entry.total}"]
            paper = pdf_file(f"invoice-{entry.pk}.pdf", lines)
        else:
            paper = png_file(f"receipt-{entry.pk}.png", number)
        attach_file(entry, paper, actor=entry.maker)
