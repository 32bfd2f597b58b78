"""What the page of a break shows: both sides' evidence, the cause, candidates, its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import DecimalField, ExpressionWrapper, F, Func, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.money import minor_digits
from apps.ledgers.models import JournalLine
from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.candidates import LEAST_SCORE, Reasons, compare
from apps.reconciliation.domain.items import Item
from apps.reconciliation.domain.references import normalise
from apps.reconciliation.models import Break, HandMatch, MatchedItem
from apps.reconciliation.services.breaks_queue import Row, rows_with_lines
from apps.reconciliation.services.lines import note_of
from apps.reconciliation.words import BreakCategory, BreakState, Resolution
from apps.statements.models import StatementFormat, StatementLine

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOOKED_AT = 60
_SHOWN = 8
_MOST_OF_GROUP = 50
_RAW_LINES = 4
_RAW_BYTES = 2_000
_MOST_RAW_LINE = 200_000
_TABLES = {
    StatementFormat.TABLE,
    StatementFormat.PSP,
    StatementFormat.WECHAT,
    StatementFormat.ALIPAY,
}
_TEXT_FORMATS = {StatementFormat.MT940, StatementFormat.OFX, *_TABLES}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open row of the other side, and why it may fit."""

    row: Row
    score: int
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a row shows of itself: facts as (label, value), files, and its raw text."""

    row: Row
    files: list[dict[str, Any]] = field(default_factory=list)
    raw: str = ""


def evidence_of(row: Row) -> Evidence:
    """Return what proves a row: attachments of the entry, or the text of the statement."""
    if isinstance(row.line, JournalLine):
        return Evidence(row, files=_files_of(row.line))
    return Evidence(row, raw=_raw_text(row.line) if row.line else "")


def group_of(found: Break) -> list[Row]:
    """Return the other open rows that a run put beside this one."""
    if found.group_id is None or found.category == BreakCategory.DUPLICATE:
        return []
    peers = Break.objects.filter(channel=found.channel_id, group_id=found.group_id)
    peers = peers.exclude(pk=found.pk).exclude(state=BreakState.RESOLVED)
    return rows_with_lines(peers.select_related("channel", "owner")[:_MOST_OF_GROUP])


def hand_match_of(found: Break) -> HandMatch | None:
    """Return the match by hand that a break was resolved by."""
    item = MatchedItem.objects.filter(
        channel=found.channel_id, side=found.side, item_id=found.item_id, bucket=Bucket.MANUAL
    ).first()
    if item is None or item.group_id is None:
        return None
    matches = HandMatch.objects.filter(channel=found.channel_id, group_id=item.group_id)
    return matches.filter(is_undone=False).first()


def rows_of_match(match: HandMatch, found: Break) -> list[Row]:
    """Return the other rows of a match by hand."""
    items = [row["item_id"] for row in match.before]
    keys = {(row["side"], row["item_id"]) for row in match.before}
    rows = Break.objects.filter(channel=match.channel_id, item_id__in=items)
    rows = rows.exclude(pk=found.pk).select_related("channel", "owner").order_by("pk")
    return rows_with_lines(one for one in rows if (one.side, one.item_id) in keys)


def candidates_for(row: Row, besides: Iterable[Row]) -> list[Candidate]:
    """Return open rows of the other side that may fit, the best first, with the reasons."""
    found = row.found
    others = Break.objects.filter(channel=found.channel_id, currency=found.currency)
    others = others.exclude(state=BreakState.RESOLVED).exclude(side=found.side)
    others = others.exclude(pk__in=[one.found.pk for one in besides])
    distance = Func(
        ExpressionWrapper(F("amount") - Value(found.amount), DecimalField()), function="abs"
    )
    near = others.order_by(distance, "pk").select_related("channel", "owner")[:_LOOKED_AT]
    made = [_candidate(row, other) for other in rows_with_lines(near)]
    good = [one for one in made if one.score >= LEAST_SCORE]
    return sorted(good, key=lambda one: (-one.score, one.row.found.pk))[:_SHOWN]


def _candidate(row: Row, other: Row) -> Candidate:
    ours, theirs = (row, other) if row.found.side == Side.BOOK else (other, row)
    reasons = compare(_item(ours), _item(theirs))
    return Candidate(other, reasons.score, _words(reasons, row.found.currency))


def _item(row: Row) -> Item:
    digits = minor_digits(row.found.currency)
    party = row.line.counterparty if isinstance(row.line, StatementLine) else ""
    return Item(
        row.found.item_id,
        normalise(row.reference),
        row.found.currency,
        int(row.found.amount.scaleb(digits)),
        row.found.booked_on,
        text=normalise(f"{row.reference} {note_of(row.line)}"),
        party=normalise(party),
    )


def _words(reasons: Reasons, currency: str) -> list[str]:
    """Say what a score is made of."""
    digits = minor_digits(currency)
    amount = Decimal(abs(reasons.difference)).scaleb(-digits)
    said = [
        _("same amount")
        if not reasons.difference
        else _("amounts differ by %(amount)s") % {"amount": f"{amount:,.{digits}f}"},
        _("same day")
        if not reasons.days
        else _("%(days)s days apart") % {"days": reasons.days},
    ]
    if reasons.likeness:
        said.append(_("words alike: %(score)s of 100") % {"score": reasons.likeness})
    return said


def _files_of(line: JournalLine) -> list[dict[str, Any]]:
    entry = line.entry
    return [
        {
            "name": file.filename,
            "url": reverse("ledgers:attachment_download", args=[entry.ledger.code, file.pk]),
            "size": file.size,
            "by": file.uploaded_by.display_name(),
            "at": file.uploaded_at,
            "sha256": file.sha256,
        }
        for file in entry.attachments.select_related("uploaded_by")
    ]  # fmt: skip


def files_of(found: Break) -> list[dict[str, Any]]:
    """Return the files of a break as `components/attachment_list.html` shows them."""
    return [
        {
            "name": file.filename,
            "url": reverse("reconciliation:break_attachment_download", args=[file.pk]),
            "size": file.size,
            "by": file.uploaded_by.display_name(),
            "at": file.uploaded_at,
            "sha256": file.sha256,
        }
        for file in found.attachments.select_related("uploaded_by")
    ]


def _raw_text(line: StatementLine) -> str:
    """Return the lines of the file where a statement line stands, as they came."""
    statement = line.statement
    is_text = statement.format in _TEXT_FORMATS and statement.encoding
    if not is_text or line.line_no > _MOST_RAW_LINE:
        return ""
    try:
        with statement.file.open("rb") as file:
            first = line.line_no - 1
            count = 1 if statement.format in _TABLES else _RAW_LINES
            found = b"".join(islice(file, first, first + count))
    except OSError:
        return ""
    return found[:_RAW_BYTES].decode(statement.encoding, errors="replace").rstrip()


def story_of(found: Break, *, is_part: bool = False) -> list[dict[str, Any]]:
    """Return what happened to a break, the oldest first, for `components/timeline.html`.

    That of a part begins when somebody split its row.
    """
    rows = list(found.history.select_related("history_user", "owner").order_by("history_id"))
    steps = [_step(None, rows[0])] if rows else []
    steps += [_step(before, after) for before, after in pairwise(rows)]
    if steps and is_part:
        steps[0]["what"] = _("split it off")
    if steps:
        steps[-1]["state"] = "done" if found.state == BreakState.RESOLVED else "now"
    return steps


def _step(before: Any, after: Any) -> dict[str, Any]:
    return {
        "state": "done",
        "who": after.history_user.display_name() if after.history_user else "",
        "what": _what(before, after),
        "at": after.history_date,
        "quote": after.note if before is None or before.note != after.note else "",
    }


def _what(before: Any, after: Any) -> str:
    """Say what changed between two versions."""
    if before is None:
        return _("found it: %(category)s") % {"category": after.get_category_display()}
    if after.state == BreakState.RESOLVED and before.state != BreakState.RESOLVED:
        return str(Resolution(after.resolution).label)
    said = []
    if before.owner_id != after.owner_id:
        owner = after.owner.display_name() if after.owner else _("nobody")
        said.append(_("gave it to %(person)s") % {"person": owner})
    if after.state not in {before.state, BreakState.ASSIGNED}:
        said.append(str(after.get_state_display()))
    if after.waits_until and before.waits_until != after.waits_until:
        said.append(after.waits_until.isoformat())
    if before.category != after.category:
        said.append(str(after.get_category_display()))
    return " · ".join(said) or _("looked at it again")
