"""Words for the columns and tables whose name no model spells out.

Django derives those names from the names in the code ("updated_by" is "updated by"), so
they are no messages of their own; here they become some, for the pages of the audit trail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_noop

if TYPE_CHECKING:
    from django.utils.functional import Promise

_DERIVED_NAMES = (
    gettext_noop("account balance"),
    gettext_noop("account total"),
    gettext_noop("actor"),
    gettext_noop("attempt"),
    gettext_noop("base credit"),
    gettext_noop("base currency"),
    gettext_noop("base debit"),
    gettext_noop("base ledger"),
    gettext_noop("bucket"),
    gettext_noop("chart"),
    gettext_noop("content hash"),
    gettext_noop("content type"),
    gettext_noop("created at"),
    gettext_noop("currency"),
    gettext_noop("dimension set"),
    gettext_noop("entity"),
    gettext_noop("entry"),
    gettext_noop("entry counter"),
    gettext_noop("functional currency"),
    gettext_noop("head"),
    gettext_noop("headers"),
    gettext_noop("idempotency key"),
    gettext_noop("initials"),
    gettext_noop("journal import"),
    gettext_noop("journal import error"),
    gettext_noop("label"),
    gettext_noop("last number"),
    gettext_noop("lease until"),
    gettext_noop("line count"),
    gettext_noop("mapping"),
    gettext_noop("minor digits"),
    gettext_noop("operation id"),
    gettext_noop("page"),
    gettext_noop("parent"),
    gettext_noop("payload hash"),
    gettext_noop("posts too"),
    gettext_noop("query"),
    gettext_noop("required dimension ids"),
    gettext_noop("reversal of"),
    gettext_noop("type"),
    gettext_noop("type ids"),
    gettext_noop("updated at"),
    gettext_noop("updated by"),
    gettext_noop("value ids"),
    gettext_noop("values"),
    gettext_noop("version"),
)


def in_words(name: str | Promise) -> str:
    """Return a name of a model or field in the reader's language."""
    return gettext(name) if isinstance(name, str) else str(name)
