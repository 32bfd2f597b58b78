"""Where rounds of the demo are made: a book, those who enter, the clock of the past."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.portal.demo import names
from apps.portal.demo.clock import clock_at
from apps.portal.demo.credit import let_bureau_answer
from apps.portal.demo.spending import Wish, content_of
from apps.portal.demo.verdicts import round_of

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User
    from apps.portal.demo.journal import DemoBook
    from apps.portal.demo.names import Unit

ZONE = ZoneInfo("Asia/Shanghai")


class Desk:
    """Where rounds of one ledger are made: its book, who enters, the day of the demo."""

    def __init__(self, book: DemoBook, clerks: Sequence[User], today: date) -> None:
        """Draw by a seed, so that every demo is the same."""
        self.book = book
        self.clerks = clerks
        self.today = today
        self.now = timezone.now()
        self.rng = random.Random(f"rounds {book.ledger.code}")  # noqa: S311  (a demo, by a seed)
        self.units = {unit.slug: unit for unit in names.HUADONG_UNITS}

    def unit_of(self, person: User) -> Unit:
        """Return the department of a person."""
        department = person.department
        return self.units[department.code if department else "finance"]

    def day(self, moment: datetime) -> date:
        """Return the accounting date of what is entered at a moment: this month at least."""
        return max(moment.astimezone(ZONE).date(), self.today.replace(day=1))

    def ask(self, wish: Wish, maker: User, moment: datetime) -> ApprovalRequest:
        """Let somebody enter and submit something."""
        day = min(self.day(moment), self.today)
        with clock_at(moment - timedelta(minutes=self.rng.randint(4, 50))):
            content = content_of(wish, self.book, day)
            entry = create_draft(self.book.ledger, content, actor=maker)
        with clock_at(moment):
            return self.submit(entry)

    def submit(self, entry: JournalEntry) -> ApprovalRequest:
        """Let a maker submit; where the flow asks the bureau, it answers at once."""
        submit_journal_entry(entry, version=entry.version, actor=entry.maker)
        request = round_of(entry)
        let_bureau_answer(request)
        return request

    def post(self, entry: JournalEntry, moment: datetime) -> JournalEntry:
        """Let a senior accountant post what is approved."""
        with clock_at(moment):
            return post_journal_entry(
                entry, version=entry.version, actor=self.book.staff.seniors[0]
            )
