"""Rules of a channel: written as a draft, activated by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from apps.core.operation import operation
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.rules import DEFAULT_PASSES, Rules, read_rules
from apps.reconciliation.errors import OwnRules, RunIsElsewhere
from apps.reconciliation.models import RuleSet, RuleSetVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.organizations.models import User
    from apps.statements.models import Channel

State = RuleSetVersion.State


def rules_of(version: RuleSetVersion) -> Rules:
    """Return what a version says."""
    return read_rules(version.passes, version.options)


def rules_now(channel: Channel) -> Rules:
    """Return what the active rules of a channel say, or what all begin with."""
    found = _versions(channel).filter(state=State.ACTIVE).first()
    return rules_of(found) if found else read_rules(DEFAULT_PASSES)


def active_rules(channel: Channel, *, actor: User) -> RuleSetVersion:
    """Return the active rules of a channel; one without any gets those that all begin with."""
    found = _versions(channel).filter(state=State.ACTIVE).first()
    if found:
        return found
    with operation("rules.begin", actor=actor):
        rule_set, _ = RuleSet.objects.get_or_create(
            channel=channel, defaults={"created_by": actor}
        )
        return RuleSetVersion.objects.create(
            rule_set=rule_set,
            number=_next_number(rule_set),
            state=State.ACTIVE,
            passes=DEFAULT_PASSES,
            created_by=actor,
            activated_at=timezone.now(),
        )


def propose_rules(
    channel: Channel,
    *,
    passes: list[dict[str, Any]],
    options: Mapping[str, Any],
    reason: str,
    actor: User,
) -> RuleSetVersion:
    """Write a new version as a draft.

    Raises:
        Forbidden: the actor may not write rules.
        InvalidRules: a pass or an option is not one that is known.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    read_rules(passes, options)
    with operation("rules.propose", actor=actor, reason=reason):
        rule_set, _ = RuleSet.objects.select_for_update().get_or_create(
            channel=channel, defaults={"created_by": actor}
        )
        return RuleSetVersion.objects.create(
            rule_set=rule_set,
            number=_next_number(rule_set),
            passes=passes,
            options=dict(options),
            reason=reason,
            created_by=actor,
        )


def activate_rules(version: RuleSetVersion, *, actor: User) -> RuleSetVersion:
    """Let a draft of another person decide from now on; the one before is retired.

    Raises:
        Forbidden: the actor may not activate rules.
        OwnRules: the actor wrote them.
        RunIsElsewhere: it is no draft any more.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    if version.created_by_id == actor.pk:
        raise OwnRules
    with operation("rules.activate", actor=actor), refusals_in_words():
        RuleSet.objects.select_for_update().get(pk=version.rule_set_id)
        versions = RuleSetVersion.objects.filter(rule_set=version.rule_set_id)
        versions.filter(state=State.ACTIVE).update(state=State.RETIRED)
        moved = versions.filter(pk=version.pk, state=State.DRAFT).update(
            state=State.ACTIVE, activated_by=actor, activated_at=timezone.now()
        )
        if not moved:
            raise RunIsElsewhere(state=version.get_state_display())
    version.refresh_from_db()
    return version


def _versions(channel: Channel) -> QuerySet[RuleSetVersion]:
    return RuleSetVersion.objects.filter(rule_set__channel=channel)


def _next_number(rule_set: RuleSet) -> int:
    highest = rule_set.versions.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1
