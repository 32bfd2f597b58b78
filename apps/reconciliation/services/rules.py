"""Rules of a channel: tried, then saved as a draft, then activated by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from apps.core.operation import operation
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.rules import DEFAULT_PASSES, Rules, digest_of, read_rules
from apps.reconciliation.errors import ReasonIsMissing
from apps.reconciliation.models import RuleSet, RuleSetVersion, RuleTrial
from apps.reconciliation.rule_errors import (
    OwnRules,
    RulesAreElsewhere,
    RulesMovedOn,
    RulesNotTried,
    RulesUnchanged,
)

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
    found = active_version(channel)
    return rules_of(found) if found else read_rules(DEFAULT_PASSES)


def active_version(channel: Channel) -> RuleSetVersion | None:
    """Return the active version of a channel; None before its first run or trial."""
    return _versions(channel).filter(state=State.ACTIVE).first()


def active_rules(channel: Channel, *, actor: User) -> RuleSetVersion:
    """Return the active rules of a channel; one without any gets those that all begin with."""
    found = active_version(channel)
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
    """Write a new version as a draft, after exactly these rules were tried; twice is once.

    Raises:
        Forbidden: the actor may not write rules.
        InvalidRules: a pass or an option is not one that is known.
        ReasonIsMissing: nobody could tell why.
        RulesNotTried: no finished trial is of exactly these rules.
        RulesMovedOn: they were compared with rules that are not active any more.
        RulesUnchanged: they are the active ones.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    wanted = read_rules(passes, options)
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    with operation("rules.propose", actor=actor, reason=reason), refusals_in_words():
        trial = _trial_of(channel, digest_of(passes, options))
        # Whoever saves, activates or withdraws waits here for the others.
        rule_set = RuleSet.objects.select_for_update().get(channel=channel)
        _check_baseline(trial)
        if rules_of(trial.baseline) == wanted:
            raise RulesUnchanged
        saved = rule_set.versions.filter(trial=trial).first()
        return saved or RuleSetVersion.objects.create(
            rule_set=rule_set,
            number=_next_number(rule_set),
            passes=passes,
            options=dict(options),
            reason=reason.strip(),
            trial=trial,
            created_by=actor,
        )


def activate_rules(version: RuleSetVersion, *, actor: User) -> RuleSetVersion:
    """Let a draft of another person decide from now on; the one before is retired.

    Raises:
        Forbidden: the actor may not activate rules.
        OwnRules: the actor wrote them.
        RulesAreElsewhere: it is no draft any more.
        RulesNotTried: it is from before rules were tried.
        RulesMovedOn: other rules became active since it was tried.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    if version.created_by_id == actor.pk:
        raise OwnRules
    with operation("rules.activate", actor=actor), refusals_in_words():
        RuleSet.objects.select_for_update().get(pk=version.rule_set_id)
        versions = RuleSetVersion.objects.filter(rule_set=version.rule_set_id)
        draft = versions.select_related("trial__baseline").get(pk=version.pk)
        if draft.state != State.DRAFT:
            raise RulesAreElsewhere(state=draft.get_state_display())
        _check_baseline(draft.trial)
        versions.filter(state=State.ACTIVE).update(state=State.RETIRED)
        versions.filter(pk=version.pk).update(
            state=State.ACTIVE, activated_by=actor, activated_at=timezone.now()
        )
    version.refresh_from_db()
    return version


def withdraw_rules(version: RuleSetVersion, *, actor: User) -> RuleSetVersion:
    """Put a draft away; it is never activated.

    Raises:
        Forbidden: the actor may not write rules.
        RulesAreElsewhere: it is no draft any more.
    """
    require(actor, Permission.RECONCILIATION_RULES)
    with operation("rules.withdraw", actor=actor), refusals_in_words():
        drafts = RuleSetVersion.objects.filter(pk=version.pk, state=State.DRAFT)
        moved = drafts.update(state=State.RETIRED)
    version.refresh_from_db()
    if not moved:
        raise RulesAreElsewhere(state=version.get_state_display())
    return version


def _versions(channel: Channel) -> QuerySet[RuleSetVersion]:
    return RuleSetVersion.objects.filter(rule_set__channel=channel)


def _trial_of(channel: Channel, digest: str) -> RuleTrial:
    """Return the newest finished trial of exactly these rules."""
    trials = RuleTrial.objects.filter(
        channel=channel, digest=digest, state=RuleTrial.State.DONE
    )
    found = trials.select_related("baseline").order_by("-pk").first()
    if found is None:
        raise RulesNotTried
    return found


def _check_baseline(trial: RuleTrial | None) -> None:
    """See that the rules that a trial was compared with are still the active ones."""
    if trial is None:
        raise RulesNotTried
    trial.baseline.refresh_from_db(fields=["state"])
    if trial.baseline.state != State.ACTIVE:
        raise RulesMovedOn


def _next_number(rule_set: RuleSet) -> int:
    highest = rule_set.versions.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1
