"""Matching by hand: rows of breaks become one group, and can be told back.

Breaks are locked in the order of their keys, so that of two people who choose the same row
one wins and the other is told. Entries and lines are not touched: only results are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from apps.core.money import minor_digits
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.hand_matching import (
    Picked,
    allowed_difference,
    difference,
    group_name,
)
from apps.reconciliation.errors import (
    BreakIsTaken,
    ChannelIsBusy,
    DifferenceTooLarge,
    MatchIsUndone,
    MixedCurrencies,
    NotEnoughRows,
    TooManyBreaks,
    WrittenOffStays,
)
from apps.reconciliation.models import Break, HandMatch, ReconciliationRun
from apps.reconciliation.services.break_results import put_back, put_together, results_of
from apps.reconciliation.services.rules import rules_now
from apps.reconciliation.services.signed_off import assert_not_signed_off
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.organizations.models import User
    from apps.statements.models import Channel

MOST_ROWS = 500
_LONGEST_REASON = 500
Kind = HandMatch.Kind


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together: locked breaks, all rows, and the difference allowed."""

    channel: Channel
    breaks: Sequence[Break]
    picked: Sequence[Picked]
    allowed: Decimal


def match_by_hand(
    channel: Channel,
    seen: Mapping[int, int],
    *,
    actor: User,
    reason: str = "",
    kind: str = Kind.MANUAL,
) -> HandMatch:
    """Match the rows of breaks with each other; `seen` are the versions that the actor saw.

    Raises:
        NotEnoughRows, TooManyBreaks, MixedCurrencies: what was chosen makes no group.
        BreakIsTaken: somebody else dealt with a row meanwhile.
        ChannelIsBusy: a run works with the rows.
        DifferenceTooLarge: the sides differ by more than the rules allow.
        MatchIsFixed: the run is signed off.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    reason = clean_text(reason, field="reason")[:_LONGEST_REASON]
    if len(seen) < 2:  # noqa: PLR2004  (a match is of two)
        raise NotEnoughRows
    if len(seen) > MOST_ROWS:
        raise TooManyBreaks(limit=MOST_ROWS)
    with operation("break.match", actor=actor, reason=reason), refusals_in_words():
        breaks = lock_breaks(channel, seen)
        require_free(channel, breaks)
        picked = picked_of(breaks)
        allowed = require_agreement(channel, picked)
        group = Group(channel, breaks, picked, allowed)
        return close_as_group(group, actor=actor, kind=kind, reason=reason)


def undo_match(match: HandMatch, *, version: int, actor: User, reason: str) -> HandMatch:
    """Give the rows of a match back the results that they had, and open their breaks again.

    Raises:
        StaleVersion, MatchIsUndone: somebody was faster.
        WrittenOffStays: an entry was posted for it.
        MatchIsFixed: the run is signed off.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    if match.kind == Kind.WRITTEN_OFF:
        raise WrittenOffStays
    reason = clean_text(reason, field="reason")[:_LONGEST_REASON]
    with operation("break.unmatch", actor=actor, reason=reason), refusals_in_words():
        found = HandMatch.objects.select_for_update().get(pk=match.pk)
        if found.is_undone:
            raise MatchIsUndone
        keys = [(row["side"], row["item_id"]) for row in found.before]
        breaks = _breaks_of(found, keys)
        require_free(found.channel, breaks)
        found.update_versioned(
            actor=actor, reason=reason, expected_version=version, is_undone=True
        )
        put_back(found.channel_id, found.before)
        for state, owned in ((BreakState.ASSIGNED, False), (BreakState.OPEN, True)):
            same = [one.pk for one in breaks if (one.owner_id is None) is owned]
            change_breaks(same, actor=actor, state=state, resolution="", note=reason)
    return found


def lock_breaks(channel: Channel, seen: Mapping[int, int]) -> list[Break]:
    """Lock breaks of a channel in the order of their keys.

    Raises:
        BreakIsTaken: one is resolved, waits for its write-off, or has another version.
    """
    rows = Break.objects.select_for_update().filter(channel=channel, pk__in=seen)
    found = list(rows.order_by("pk"))
    done = {BreakState.RESOLVED, BreakState.PROPOSED}
    is_same = len(found) == len(seen)
    if not is_same or any(one.state in done or one.version != seen[one.pk] for one in found):
        raise BreakIsTaken(what="")
    return found


def require_free(channel: Channel, breaks: Sequence[Break]) -> None:
    """Check that no run works with the rows, and that none of theirs is signed off.

    Raises:
        ChannelIsBusy, MatchIsFixed: it does, or is.
    """
    if channel.runs.filter(state__in=ReconciliationRun.UNFINISHED).exists():
        raise ChannelIsBusy
    assert_not_signed_off(row["run_id"] for row in results_of(channel.pk, _keys(breaks)))


def picked_of(breaks: Sequence[Break]) -> list[Picked]:
    """Return rows as the arithmetic of matches knows them.

    Raises:
        MixedCurrencies: they are of several.
    """
    currencies = sorted({one.currency for one in breaks})
    if len(currencies) > 1:
        raise MixedCurrencies(currencies=", ".join(currencies))
    return [Picked(Side(one.side), one.item_id, one.amount, one.currency) for one in breaks]


def require_agreement(channel: Channel, picked: Sequence[Picked]) -> Decimal:
    """Return the difference that the rules of the channel allow.

    Raises:
        DifferenceTooLarge: the sides differ by more.
    """
    digits, currency = minor_digits(picked[0].currency), picked[0].currency
    rules = rules_now(channel)
    allowed, delta = allowed_difference(picked, rules, digits), difference(picked)
    if abs(delta) > allowed:
        raise DifferenceTooLarge(
            difference=f"{delta:,.{digits}f}",
            allowed=f"{allowed:,.{digits}f}",
            currency=currency,
        )
    return allowed


def close_as_group(group: Group, *, actor: User, kind: str, reason: str) -> HandMatch:
    """Write the group, resolve its breaks, and keep what was before."""
    channel, picked = group.channel, group.picked
    keys = [(row.side.value, row.item_id) for row in picked]
    before = results_of(channel.pk, keys)
    name, delta = group_name(picked), difference(picked)
    if put_together(channel.pk, keys, name, delta) != len(keys):
        raise BreakIsTaken(what="")
    change_breaks(
        [one.pk for one in group.breaks],
        actor=actor,
        state=BreakState.RESOLVED,
        resolution=kind,
        waits_until=None,
        note=reason,
    )
    match = HandMatch(
        organization_id=channel.organization_id,
        channel=channel,
        group_id=name,
        kind=kind,
        row_count=len(keys),
        delta=delta,
        allowed=group.allowed,
        currency=picked[0].currency,
        before=before,
        reason=reason,
        created_by=actor,
    )
    (made,) = HandMatch.create_many_versioned([match], actor=actor, reason=reason)
    return made


def change_breaks(keys: Sequence[int], *, actor: User, **changes: Any) -> None:
    """Change locked breaks with one UPDATE, and write their history with one INSERT."""
    if not keys:
        return
    rows = Break.objects.filter(pk__in=keys)
    rows.update(
        **changes, version=F("version") + 1, updated_at=timezone.now(), updated_by=actor
    )
    get_history_manager_for_model(Break).bulk_history_create(
        list(rows), update=True, default_user=actor
    )


def _breaks_of(match: HandMatch, keys: Sequence[tuple[str, int]]) -> list[Break]:
    wanted = set(keys)
    rows = Break.objects.select_for_update().filter(
        channel=match.channel_id, item_id__in=[item for _side, item in keys]
    )
    return [one for one in rows.order_by("pk") if (one.side, one.item_id) in wanted]


def _keys(breaks: Sequence[Break]) -> list[tuple[str, int]]:
    return [(one.side, one.item_id) for one in breaks]
