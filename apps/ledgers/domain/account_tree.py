"""The tree of accounts as plain values, in the order in which people read it.

Parents stand before their children, siblings in the order of their codes; the depth of a
root is 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What lists and reports show of an account."""

    pk: int
    parent_id: int | None
    code: str
    name: str
    name_zh: str
    initials: str
    account_class: str
    normal_side: int
    is_leaf: bool
    is_active: bool
    # The name in the reader's language.
    label: str

    def matches(self, text: str) -> bool:
        """Say whether a person who typed `text` means this account; empty means any."""
        wanted = text.casefold()
        return (
            self.code.startswith(text)
            or wanted in self.name.casefold()
            or wanted in self.name_zh
            or wanted in self.initials
        )


def in_tree_order(accounts: Iterable[AccountRow]) -> list[tuple[AccountRow, int]]:
    """Return each account with its depth, parents first.

    An account whose parent is not among them is a root.
    """
    known = {account.pk: account for account in accounts}
    children: dict[int | None, list[AccountRow]] = defaultdict(list)
    for account in sorted(known.values(), key=lambda row: row.code):
        children[account.parent_id if account.parent_id in known else None].append(account)
    return list(_walk(children, None, 1))


def _walk(
    children: dict[int | None, list[AccountRow]], parent: int | None, depth: int
) -> Iterator[tuple[AccountRow, int]]:
    for account in children.get(parent, ()):
        yield account, depth
        yield from _walk(children, account.pk, depth + 1)
