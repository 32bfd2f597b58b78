"""Finding the account that a person means: by code, by "code name", by name or initials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, InvalidInput
from apps.ledgers.errors import UnknownAccount
from apps.ledgers.models import Account

if TYPE_CHECKING:
    from apps.ledgers.models import Ledger

_MOST_SHOWN = 3


class AccountSearch:
    """Accounts of one chart for many texts, in two queries at most."""

    def __init__(self, ledger: Ledger, texts: Iterable[str]) -> None:
        """Fetch the accounts whose codes the texts begin with."""
        codes = {_first_word(text) for text in texts}
        accounts = Account.objects.filter(chart=ledger.chart_id, code__in=codes - {""})
        self._chart_id = ledger.chart_id
        self._by_code = {account.code: account for account in accounts}
        self._leaves: list[Account] | None = None
        self._found: dict[str, Account | FinanceError] = {}

    def find(self, text: str) -> Account:
        """Return the one account that a text means.

        Raises:
            UnknownAccount, InvalidInput: none or more than one is called so.
        """
        text = text.strip()
        account = self._by_code.get(_first_word(text))
        if account is not None:
            return account
        if text not in self._found:
            self._found[text] = self._search(text)
        found = self._found[text]
        if isinstance(found, FinanceError):
            raise found
        return found

    def _search(self, text: str) -> Account | FinanceError:
        wanted = text.lower()
        if not wanted:
            return InvalidInput(field_name=_("Account"), problem=_("choose one"))
        if self._leaves is None:
            self._leaves = list(
                Account.objects.filter(chart=self._chart_id).taking_postings().order_by("code")
            )
        fitting = [account for account in self._leaves if _is_called(account, wanted)]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            return UnknownAccount(text=text[:60])
        codes = ", ".join(account.code for account in fitting[:_MOST_SHOWN])
        problem = _("“%(text)s” fits several: %(codes)s …") % {
            "text": text[:60],
            "codes": codes,
        }
        return InvalidInput(field_name=_("Account"), problem=problem)


def _first_word(text: str) -> str:
    return text.strip().partition(" ")[0]


def _is_called(account: Account, wanted: str) -> bool:
    names = {account.name.lower(), account.name_zh.lower(), *account.initials.split()}
    return wanted in names
