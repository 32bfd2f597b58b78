"""The world of the permission test with a little of everything that a page can show."""

from __future__ import annotations

from typing import Any

from apps.ledgers.models import AccountClass, JournalEntry, Ledger, Side
from apps.ledgers.services.decisions import approve_journal_entry, reject_journal_entry
from apps.ledgers.services.drafts import (
    cancel_journal_entry,
    create_draft,
    save_draft,
    submit_journal_entry,
)
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.ledgers.services.saved_views import save_view
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.factories import (
    make_account,
    make_content,
    make_dimension_type,
    make_dimension_value,
    make_ledger,
)
from tests.permission_world import World

_RESULT = {"account_class": AccountClass.PROFIT_LOSS}
_INCOME = _RESULT | {"normal_side": Side.CREDIT, "statement_section": "income"}
_EXPENSE = _RESULT | {"statement_section": "expense"}
ACCOUNTS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("1001", "Cash on hand", "库存现金", "kcxj", {}),
    ("1002", "Bank deposits", "银行存款", "yhck", {}),
    ("6001", "Main business revenue", "主营业务收入", "zyywsr", _INCOME),
    ("6602", "Administrative expenses", "管理费用", "glfy", _EXPENSE),
    ("6602.08", "Rent", "房租", "fz", _EXPENSE),
    ("6602.09", "Communication and telephone", "通讯费", "txf", _EXPENSE),
]
LONG = "A summary that is as long as people write them when nobody stops them at all"


class BrowserWorld(World):
    """Every state of an entry, a tree of accounts, dimensions, a saved view."""

    home: Organization
    members: dict[Role, User]

    def books(self) -> Ledger:
        """Return a new ledger of the home organization, with accounts and no entries."""
        ledger = make_ledger(self.home)
        add_accounts(ledger)
        return ledger

    def _make_things(self, home: Organization, members: dict[Role, User]) -> dict[str, object]:
        self.home, self.members = home, members
        keys = super()._make_things(home, members)
        ledger = Ledger.objects.get(organization=home)
        add_accounts(ledger)
        kind = make_dimension_type(home, "department")
        make_dimension_value(kind, "D01")
        query = "state=posted&q=a+word"
        save_view(
            ledger, "journal_entry_list", name="Posted", query=query, actor=self._accountant
        )
        return keys | self._make_entries(ledger)

    @property
    def _accountant(self) -> User:
        return self.members[Role.ACCOUNTANT]

    def _make_entries(self, ledger: Ledger) -> dict[str, object]:
        posted = self._posted(ledger, summary="Cash sale")
        reversal = reverse_journal_entry(
            posted, actor=self.members[Role.SENIOR_ACCOUNTANT], reason="Booked twice"
        )
        cancelled = self._draft(ledger)
        cancel_journal_entry(cancelled, version=1, actor=self._accountant)
        returned = self._submitted(ledger, summary=LONG)
        reject_journal_entry(
            returned,
            version=returned.version,
            actor=self.members[Role.APPROVER],
            reason="The receipt is missing",
        )
        made = {
            "posted": posted,
            "reversal": reversal,
            "cancelled": cancelled,
            "returned": returned,
            "submitted": self._submitted(ledger, summary=LONG),
            "approved": self._approved(ledger),
            # What these URLs show best.
            "ledgers:journal_entry_reverse": self._posted(ledger),
            "ledgers:journal_entry_print": posted,
        }
        return {name: entry.pk for name, entry in made.items()}

    def _draft(self, ledger: Ledger, **values: Any) -> JournalEntry:
        bank, sales = (ledger.chart.accounts.get(code=code) for code in ("1002", "6001"))
        content = make_content((bank, "1234567.89"), (sales, "-1234567.89"), **values)
        return create_draft(ledger, content, actor=self._accountant)

    def _submitted(self, ledger: Ledger, **values: Any) -> JournalEntry:
        draft = self._draft(ledger)
        bank, sales = (ledger.chart.accounts.get(code=code) for code in ("1002", "6602.08"))
        content = make_content((bank, "-45300.10"), (sales, "45300.10"), **values)
        save_draft(draft, content, version=1, actor=self._accountant)
        return submit_journal_entry(draft, version=draft.version, actor=self._accountant)

    def _approved(self, ledger: Ledger, **values: Any) -> JournalEntry:
        entry = self._submitted(ledger, **values)
        checker = self.members[Role.APPROVER]
        return approve_journal_entry(entry, version=entry.version, actor=checker)

    def _posted(self, ledger: Ledger, **values: Any) -> JournalEntry:
        entry = self._approved(ledger, **values)
        senior = self.members[Role.SENIOR_ACCOUNTANT]
        return post_journal_entry(entry, version=entry.version, actor=senior)


def add_accounts(ledger: Ledger) -> None:
    """Add the accounts that are not there yet: bank, sales, a group with two leaves."""
    known = {account.code: account for account in ledger.chart.accounts.all()}
    for code, name, name_zh, initials, values in ACCOUNTS:
        if code not in known:
            known[code] = make_account(
                ledger,
                code,
                name=name,
                name_zh=name_zh,
                initials=initials,
                parent=known.get(code.partition(".")[0]),
                is_leaf=code != "6602",
                **values,
            )
