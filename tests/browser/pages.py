"""Which pages the browser looks at: every URL that shows one, as somebody who may see it.

The list is the table of `tests/permission_table.py`, so that a new URL is looked at without
a line here. One that shows no page stands in NOT_PAGES; states of a page that its URL alone
does not show stand in MORE_PAGES.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import get_resolver

from apps.organizations.permissions import Role
from tests.permission_table import EXPECTED, LETTERS, Expected
from tests.test_permission_matrix import url_patterns

if TYPE_CHECKING:
    from tests.browser.world import BrowserWorld

# URLs that answer GET with something else than a page.
NOT_PAGES = {
    "approvals:batch_detail": "a page of one person alone: it stands in MORE_PAGES",
    "approvals:decision_export": "CSV",
    "approvals:request_attachment_download": "a file",
    "audit:operation_export": "CSV",
    "fx:rate_export": "CSV, XLSX",
    "reconciliation:break_attachment_download": "a file",
    "statements:balance_download": "a file",
    "statements:statement_download": "a file",
    "reconciliation:proof_download": "PDF",
    "reconciliation:rate_export": "CSV, XLSX",
    "reconciliation:run_export": "CSV, XLSX",
    "ledgers:account_detail_export": "CSV, XLSX",
    "ledgers:account_options": "JSON",
    "ledgers:attachment_download": "a file",
    "ledgers:currency_options": "JSON",
    "ledgers:dimension_options": "JSON",
    "ledgers:journal_entry_export": "CSV, XLSX",
    "ledgers:journal_entry_totals": "the foot of the journal's table",
    "ledgers:journal_import_errors": "CSV",
    "ledgers:line_rate": "JSON",
    "policies:policy_download": "YAML",
    "portal:healthz": "JSON",
    "portal:metrics": "figures for Prometheus",
    "reports:balance_sheet_export": "CSV, XLSX",
    "reports:income_statement_export": "CSV, XLSX",
    "rollout:exposure_export": "CSV, JSON",
    "rollout:flag_rehearsal": "the sentences below the share",
    "reports:trial_balance_export": "CSV, XLSX",
}
# Who looks at it (a letter of the permission table), and the address with names of things
# of `BrowserWorld.keys`.
MORE_PAGES = """
S /
P /
T /
U /
D /
A /ledgers/{ledger}/journal/?q=nothing-has-this-name
S /ledgers/{ledger}/journal/?state=submitted&totals=now
A /ledgers/{ledger}/journal/{posted}/
S /ledgers/{ledger}/journal/{reversal}/
A /ledgers/{ledger}/journal/{cancelled}/
A /ledgers/{ledger}/journal/{returned}/
A /ledgers/{ledger}/journal/{returned}/?tab=history
A /ledgers/{ledger}/journal/{submitted}/
P /ledgers/{ledger}/journal/{submitted}/
S /ledgers/{ledger}/journal/{approved}/
S /ledgers/{ledger}/accounts/
S /ledgers/{ledger}/accounts/?q=rent
A /ledgers/{ledger}/accounts/?q=nothing
A /ledgers/{ledger}/accounts/6602/
S /ledgers/{ledger}/periods/
S /ledgers/{ledger}/dimensions/
A /ledgers/{ledger}/trial-balance/?q=nothing-has-this-name
T /rates/
T /rates/?q=nothing
S /rates/{rate}/
T /rates/{waiting_rate}/
S /rates/{waiting_rate}/
T /rates/pair/EUR-CNY/?span=all
A /rates/convert/?amount=1,000.00&from_currency=CNY&to_currency=EUR&on=2026-01-15
T /rates/new/?from=EUR&to=HKD
T /rates/imports/{rate_import}/
U /audit/
D /people/?q=nobody-has-this-name
D /people/{person}/
D /credit/
S /policies/1/
P /policies/{number}/
S /reconciliation/channels/{channel}/rules/
T /reconciliation/channels/{channel}/rules/{version}/
S /reconciliation/channels/{channel}/rules/trials/{rule_trial}/
T /reconciliation/channels/{channel}/rules/new/?version={version}
D /rollouts/{name}/
D /rollouts/{name}/?show=pinned
P /approvals/
P /approvals/?above=999999999
P /approvals/{approval}/
P /approvals/batches/{batch}/
P /policies/calculator/?amount=113.00&currency=CNY&way=gross&invoice_kind=special&day=2026-01-31
"""
PARAMETERS = {
    name: tuple(pattern.pattern.converters)
    for name, pattern in url_patterns(get_resolver())
    if name in EXPECTED
}


@dataclass(frozen=True)
class Visit:
    """A page and who looks at it; `address` is a URL name or a path with names of things."""

    who: Role | None
    address: str

    def __str__(self) -> str:
        """Return what the test is called."""
        return f"{self.who or 'nobody'} {self.address}"

    def path(self, world: BrowserWorld) -> str:
        """Return the path in a world."""
        if self.address.startswith("/"):
            return self.address.format_map(world.keys)
        return world.url(self.address, PARAMETERS[self.address])


def all_pages() -> list[Visit]:
    """Return every page of the application."""
    rows = [row for row in EXPECTED.values() if "GET" in row.methods]
    more = [line.split(" ", 1) for line in MORE_PAGES.split("\n") if line]
    return [
        *(Visit(_first(row), row.name) for row in rows if row.name not in NOT_PAGES),
        *(Visit(LETTERS[letter], address) for letter, address in more),
    ]


def _first(row: Expected) -> Role | None:
    """Return who looks at a page: the first role that may, in the order of the table."""
    return None if row.is_public else next(r for r in LETTERS.values() if r in row.roles)
