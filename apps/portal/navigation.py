"""The menu as data: what it offers to whom, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.organizations.permissions import Permission
from apps.portal.menu_items import Group, Item, Link, LinkGroup

if TYPE_CHECKING:
    from collections.abc import Collection


MENU = (
    Group("", (Item(_("My work"), "layout-dashboard", "portal:home", key="h"),)),
    Group(
        _("Approvals"),
        (
            Item(
                _("Inbox"),
                "inbox",
                "approvals:approval_list",
                Permission.APPROVAL_VIEW,
                key="q",
                views=("approvals:approval_",),
            ),
            Item(
                _("Delegations"),
                "users",
                "approvals:delegation_list",
                Permission.APPROVAL_DECIDE,
                views=("approvals:delegation_",),
            ),
            Item(
                _("My history"),
                "history",
                "approvals:decision_list",
                Permission.APPROVAL_DECIDE,
            ),
        ),
    ),
    Group(
        _("Ledger"),
        (
            Item(
                _("Journal entries"),
                "receipt-text",
                "ledgers:journal_entry_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                key="j",
                views=("ledgers:journal_entry_", "ledgers:attachment_"),
            ),
            Item(
                _("Chart of accounts"),
                "book-open",
                "ledgers:account_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                key="a",
                views=("ledgers:account_", "ledgers:chart_import"),
            ),
            Item(
                _("Dimensions"),
                "tags",
                "ledgers:dimension_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                views=("ledgers:dimension_",),
            ),
            Item(
                _("Open items"),
                "handshake",
                "ledgers:open_item_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                key="o",
                views=("ledgers:open_item_", "ledgers:settlement_"),
            ),
            Item(
                _("Periods"),
                "calendar-days",
                "ledgers:period_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                key="p",
                views=("ledgers:period_",),
            ),
            Item(
                _("Budgets"),
                "wallet",
                "budgets:budget_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                views=("budgets:budget_",),
            ),
            Item(
                _("Imports"),
                "file-up",
                "ledgers:journal_import_list",
                Permission.ENTRY_DRAFT,
                needs_ledger=True,
                key="i",
                views=("ledgers:journal_import_",),
            ),
            Item(
                _("Jobs"),
                "hourglass",
                "jobs:job_list",
                Permission.LEDGER_VIEW,
                needs_ledger=True,
                names_ledger=False,
                views=("jobs:job_",),
            ),
        ),
    ),
    Group(
        _("Treasury"),
        (
            Item(
                _("Exchange rates"),
                "trending-up",
                "fx:rate_list",
                Permission.RATE_VIEW,
                key="x",
                views=("fx:rate_", "fx:pair_"),
            ),
            Item(
                _("Account statements"),
                "landmark",
                "statements:channel_list",
                Permission.STATEMENT_VIEW,
                views=("statements:",),
            ),
            Item(
                _("Reconciliation"),
                "list-checks",
                "reconciliation:run_list",
                Permission.RECONCILIATION_VIEW,
                views=("reconciliation:",),
            ),
        ),
    ),
    Group(
        _("Reports"),
        (
            Item(
                _("Trial balance"),
                "scale",
                "reports:trial_balance",
                Permission.REPORT_VIEW,
                needs_ledger=True,
                key="t",
                views=("reports:trial_balance",),
            ),
            Item(
                _("Income statement"),
                "trending-up",
                "reports:income_statement",
                Permission.REPORT_VIEW,
                needs_ledger=True,
            ),
            Item(
                _("Balance sheet"),
                "landmark",
                "reports:balance_sheet",
                Permission.REPORT_VIEW,
                needs_ledger=True,
            ),
        ),
    ),
    Group(
        _("Administration"),
        (
            Item(
                _("Finance policies"),
                "scroll-text",
                "policies:policy_list",
                Permission.POLICY_VIEW,
                views=("policies:policy_", "ledgers:policy_preview"),
            ),
            Item(
                _("Rollouts"),
                "toggle-left",
                "rollout:flag_list",
                Permission.ROLLOUT_VIEW,
                views=("rollout:",),
            ),
            Item(
                _("Organization"),
                "building-2",
                "organizations:organization_detail",
                Permission.PEOPLE_VIEW,
                views=(
                    "organizations:organization_",
                    "organizations:entity_",
                    "organizations:department_",
                ),
            ),
            Item(
                _("Credit checks"),
                "shield-alert",
                "credit:credit_overview",
                Permission.CREDIT_VIEW,
                views=("credit:",),
            ),
            Item(
                _("People"),
                "users",
                "organizations:person_list",
                Permission.PEOPLE_VIEW,
                views=("organizations:person_", "organizations:password_link"),
            ),
            Item(
                _("Approval flows"),
                "list-checks",
                "approvals:flow_list",
                Permission.PEOPLE_VIEW,
                views=("approvals:flow_",),
            ),
            # Whoever decides finds them under approvals.
            Item(
                _("Delegations"),
                "users",
                "approvals:delegation_list",
                Permission.PEOPLE_VIEW,
                views=("approvals:delegation_",),
            ),
            Item(
                _("Permissions"),
                "shield-check",
                "organizations:permission_matrix",
                Permission.PEOPLE_VIEW,
            ),
            Item(
                _("Audit trail"),
                "history",
                "audit:operation_list",
                Permission.SECURITY_LOG_VIEW,
                key="u",
                views=("audit:operation_",),
            ),
            Item(
                _("Events"),
                "radio",
                "events:event_list",
                Permission.EVENT_VIEW,
                views=("events:",),
            ),
        ),
    ),
)


def menu_for(
    allowed: Collection[str],
    ledger: str,
    view: str,
    counts: dict[str, int] | None = None,
) -> tuple[LinkGroup, ...]:
    """Return the menu of somebody with the permissions `allowed`.

    `ledger` is the code of the current ledger, "" for none; `view` is the name of the page
    that is shown; `counts` are numbers to show beside entries, by URL name.
    """
    counts = counts or {}
    groups = (
        LinkGroup(
            group.label,
            tuple(
                _link(item, ledger, view, counts.get(item.url_name, 0))
                for item in group.items
                if _is_for(item, allowed, ledger)
            ),
        )
        for group in MENU
    )
    return tuple(group for group in groups if group.links)


def _is_for(item: Item, allowed: Collection[str], ledger: str) -> bool:
    may_see = item.permission is None or item.permission in allowed
    return may_see and not (item.needs_ledger and not ledger)


def _link(item: Item, ledger: str, view: str, count: int) -> Link:
    names_ledger = item.needs_ledger and item.names_ledger
    href = reverse(item.url_name, args=(ledger,) if names_ledger else ())
    is_current = view == item.url_name or view.startswith(item.views or ("\0",))
    return Link(item.label, item.icon, href, item.key, is_current, count)
