"""What a menu is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from apps.organizations.permissions import Permission


@dataclass(frozen=True)
class Item:
    """One entry of the menu; `key` follows G on the keyboard, `views` also mark it current.

    `needs_ledger` hides it where there is none; its code is in the URL if `names_ledger`.
    """

    label: Promise
    icon: str
    url_name: str
    permission: Permission | None = None
    needs_ledger: bool = False
    names_ledger: bool = True
    key: str = ""
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Entries under one head."""

    label: Promise | str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Link:
    """An entry as one person sees it."""

    label: Promise
    icon: str
    href: str
    key: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True)
class LinkGroup:
    """A group as one person sees it."""

    label: Promise | str
    links: tuple[Link, ...]
