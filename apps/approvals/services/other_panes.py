"""How subjects that are no entries are shown: reopenings, policies, rates, settlements."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.approvals.services.pane_shapes import Headline, Pane
from apps.core.formatting import format_rate
from apps.fx.models import ExchangeRate
from apps.fx.services.known_rates import change_from, known_without
from apps.ledgers.models import ReopenRequest, SettlementProposal
from apps.ledgers.services.closing.reopen import entries_to_reverse
from apps.ledgers.services.settlement_proposals import proposed_parts
from apps.policies.models import FinancePolicy
from apps.policies.services.comparison import compared_with
from apps.policies.services.wording import differences

if TYPE_CHECKING:
    from apps.organizations.models import User


def _reopening_headlines(keys: Collection[int]) -> dict[int, Headline]:
    rows = ReopenRequest.objects.filter(pk__in=keys).select_related("period__ledger")
    return {
        row.pk: Headline(
            title=_("Reopen %(period)s: %(reason)s")
            % {"period": row.period, "reason": row.reason},
            number=f"{row.period.ledger.code} {row.period}",
            url=reverse("ledgers:period_close", args=(row.period.ledger.code, row.period_id)),
        )
        for row in rows
    }


def _reopening_context(key: int, _viewer: User) -> dict[str, Any]:
    asked = ReopenRequest.objects.select_related("period__ledger", "run__closed_by").get(pk=key)
    return {"asked": asked, "entries": entries_to_reverse(asked.run)}


PERIOD_REOPEN = Pane(
    "approvals/_subject_period_reopen.html", _reopening_headlines, _reopening_context
)


def _policy_headlines(keys: Collection[int]) -> dict[int, Headline]:
    return {
        policy.pk: Headline(
            title=_("Finance policy %(policy)s from %(day)s: %(reason)s")
            % {
                "policy": policy,
                "day": policy.effective_from,
                "reason": policy.proposal_reason,
            },
            number=str(policy),
            url=policy.get_absolute_url(),
        )
        for policy in FinancePolicy.objects.filter(pk__in=keys)
    }


def _policy_context(key: int, _viewer: User) -> dict[str, Any]:
    policy = FinancePolicy.objects.select_related("organization").get(pk=key)
    before = compared_with(policy)
    changes = differences(before.content, policy.content())
    return {"policy": policy, "before": before, "changes": changes}


POLICY_CHANGE = Pane(
    "approvals/_subject_policy_change.html", _policy_headlines, _policy_context
)


def _rate_headlines(keys: Collection[int]) -> dict[int, Headline]:
    return {
        rate.pk: Headline(
            title=f"{rate.per} {rate.from_currency} = {format_rate(rate.rate)} "
            f"{rate.to_currency} · {rate.get_rate_type_display()}",
            number=f"{rate.from_currency}/{rate.to_currency} {rate.valid_from}",
            url=reverse("fx:rate_detail", args=(rate.pk,)),
        )
        for rate in ExchangeRate.objects.filter(pk__in=keys)
    }


def _rate_context(key: int, _viewer: User) -> dict[str, Any]:
    rate = ExchangeRate.objects.select_related("organization").get(pk=key)
    known = known_without(rate)
    return {"rate": rate, "known": known, "change": known and change_from(known, rate)}


MANUAL_RATE = Pane("approvals/_subject_manual_rate.html", _rate_headlines, _rate_context)


def _settlement_headlines(keys: Collection[int]) -> dict[int, Headline]:
    rows = SettlementProposal.objects.filter(pk__in=keys)
    return {
        row.pk: Headline(
            title=_("Settle %(whom)s")
            % {"whom": row.partner.label if row.partner else str(row.account)},
            number=f"{row.ledger.code} {row}",
            url=row.get_absolute_url(),
        )
        for row in rows.select_related("ledger", "account", "partner")
    }


def _settlement_context(key: int, _viewer: User) -> dict[str, Any]:
    rows = SettlementProposal.objects.select_related("ledger", "account", "partner")
    proposal = rows.get(pk=key)
    return {"proposal": proposal, "parts": proposed_parts(proposal)}


SETTLEMENT = Pane(
    "approvals/_subject_settlement.html", _settlement_headlines, _settlement_context
)
