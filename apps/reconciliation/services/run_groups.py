"""Rows of a bucket, both sides of a group together, in pages by key and as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.core.paging import KeysetPage
from apps.reconciliation.domain.buckets import OPEN, Bucket, Side
from apps.reconciliation.models import Break, MatchedItem, ReconciliationRun, RowSplit
from apps.reconciliation.services.lines import Line, note_of, reference_of
from apps.reconciliation.services.row_parts import lines_and_parts
from apps.reconciliation.services.run_words import label_of, pass_label, tone_of
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.reconciliation.models import RowPart

ROWS_PER_PAGE = 50
# Of a group no more rows than this are shown, of an export all.
SHOWN_OF_GROUP = 12
_LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows somebody looks at: a bucket, seen from one side."""

    bucket: str
    side: str

    @property
    def label(self) -> str:
        """What people call the bucket."""
        return label_of(self.bucket)

    @property
    def tone(self) -> str:
        """Whether it is matched, suggested or a break."""
        return tone_of(self.bucket)


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a group with its line."""

    item: MatchedItem
    line: Line
    break_id: int | None = None
    part: RowPart | None = None

    @property
    def reference(self) -> str:
        """What the row is called: its reference, or its text."""
        return reference_of(self.line)

    @property
    def day(self) -> str:
        """The day of the row as ISO text."""
        if isinstance(self.line, StatementLine):
            return self.line.booked_on.isoformat()
        return self.line.entry_date.isoformat() if self.line else ""

    @property
    def note(self) -> str:
        """Which part it is, the counterparty, or the entry's number."""
        return note_of(self.line, self.part)

    @property
    def url(self) -> str:
        """The page of the break, of the entry, or of the statement."""
        if self.break_id:
            return reverse("reconciliation:break_detail", args=[self.break_id])
        if isinstance(self.line, StatementLine):
            return self.line.statement.get_absolute_url()
        return self.line.entry.get_absolute_url() if self.line else ""


@dataclass(slots=True)
class Group:
    """Rows that belong together; `delta` is what the statement has more than the books."""

    lead: MatchedItem
    ours: list[Member] = field(default_factory=list)
    theirs: list[Member] = field(default_factory=list)

    @property
    def why(self) -> str:
        """Which rule put them together."""
        return pass_label(self.lead.pass_name) if self.lead.pass_name else ""

    @property
    def delta(self) -> Decimal:
        """What the statement has more than the books."""
        rows = [*self.ours, *self.theirs]
        return sum((one.item.delta for one in rows), start=Decimal(0))

    @property
    def members(self) -> list[Member]:
        """All rows, ours first."""
        return [*self.ours, *self.theirs]

    @property
    def shown_ours(self) -> list[Member]:
        """The first rows of the books."""
        return self.ours[:SHOWN_OF_GROUP]

    @property
    def shown_theirs(self) -> list[Member]:
        """The first rows of the statement."""
        return self.theirs[:SHOWN_OF_GROUP]

    @property
    def hidden_ours(self) -> int:
        """How many rows of the books are not shown."""
        return max(len(self.ours) - SHOWN_OF_GROUP, 0)

    @property
    def hidden_theirs(self) -> int:
        """How many rows of the statement are not shown."""
        return max(len(self.theirs) - SHOWN_OF_GROUP, 0)


def asked_rows(run: ReconciliationRun, query: QueryDict) -> Asked | None:
    """Return which rows a query asks for; without a bucket the first that is open."""
    found = {side: run.counters.get(side, {}) for side in Side}
    buckets = [bucket for bucket in (*sorted(OPEN), *Bucket) if _has(found, bucket)]
    bucket = query.get("bucket") or (buckets[0] if buckets else "")
    if bucket not in list(Bucket):
        return None
    side = query.get("side", "")
    if side not in list(Side):
        side = Side.BOOK if found[Side.BOOK].get(bucket) else Side.STATEMENT
    return Asked(str(bucket), str(side))


def groups_page(run: ReconciliationRun, asked: Asked, query: QueryDict) -> KeysetPage:
    """Return a page of groups, the newest rows first."""
    rows = leads_of(run, asked)
    after, before = _key(query.get("after")), _key(query.get("before"))
    if after is not None:
        found = list(rows.filter(item_id__gt=after).order_by("item_id")[: ROWS_PER_PAGE + 1])
        has_newer, has_older = len(found) > ROWS_PER_PAGE, True
        shown = found[:ROWS_PER_PAGE][::-1]
    else:
        rows = rows if before is None else rows.filter(item_id__lt=before)
        found = list(rows.order_by("-item_id")[: ROWS_PER_PAGE + 1])
        has_newer, has_older = before is not None, len(found) > ROWS_PER_PAGE
        shown = found[:ROWS_PER_PAGE]
    if not shown:
        return KeysetPage([])
    return KeysetPage(
        with_members(shown),
        shown[0].item_id if has_newer else None,
        shown[-1].item_id if has_older else None,
    )


def leads_of(run: ReconciliationRun, asked: Asked) -> QuerySet[MatchedItem]:
    """Return one row for each group of a bucket: the lowest of the side that is asked for."""
    mark = run.book_mark if asked.side == Side.BOOK else run.statement_mark
    rows = MatchedItem.objects.filter(
        channel=run.channel_id, run=run, side=asked.side, bucket=asked.bucket
    )
    if mark is not None and not RowSplit.objects.filter(channel=run.channel_id).exists():
        # Rows of later runs lie beyond, and are not walked through; parts may lie there too.
        rows = rows.filter(item_id__lte=mark)
    if asked.bucket in {Bucket.DUPLICATE, Bucket.EXACT}:
        return rows
    if asked.side == Side.BOOK:
        # A group bears the name of its lowest row in the books.
        return rows.filter(Q(group_id=None) | Q(group_id=F("item_id")))
    lower = MatchedItem.objects.filter(
        channel=run.channel_id,
        side=asked.side,
        bucket=asked.bucket,
        group_id=OuterRef("group_id"),
        item_id__lt=OuterRef("item_id"),
    )
    # Exact pairs are in no index by group: to leave them out lets the index serve.
    return rows.exclude(Exists(lower.exclude(bucket=Bucket.EXACT)))


def with_members(leads: Sequence[MatchedItem]) -> list[Group]:
    """Return the groups of their first rows, with lines and breaks: some queries for all."""
    by_name: dict[int, list[MatchedItem]] = defaultdict(list)
    for item in _others_of(leads):
        by_name[item.group_id or 0].append(item)
    everyone = {(item.side, item.item_id): item for item in leads}
    rows = [item for items in by_name.values() for item in items]
    everyone |= {(item.side, item.item_id): item for item in rows}
    members = _members(list(everyone.values()))
    groups = []
    for lead in leads:
        keys = {(lead.side, lead.item_id): None}
        keys |= dict.fromkeys((i.side, i.item_id) for i in by_name[lead.group_id or 0])
        group = Group(lead)
        for key in sorted(keys):
            (group.ours if key[0] == Side.BOOK else group.theirs).append(members[key])
        groups.append(group)
    return groups


def _has(found: dict[Side, dict[str, int]], bucket: str) -> bool:
    return any(counts.get(bucket) for counts in found.values())


def _others_of(leads: Sequence[MatchedItem]) -> list[MatchedItem]:
    """Return the other rows of groups; exact pairs know each other by key."""
    if not leads:
        return []
    rows = MatchedItem.objects.filter(channel=leads[0].channel_id)
    exact = {
        item.partner_id
        for item in leads
        if item.bucket == Bucket.EXACT and item.partner_id is not None
    }
    names = {item.group_id for item in leads if item.group_id is not None}
    if exact:
        other = Side.STATEMENT if leads[0].side == Side.BOOK else Side.BOOK
        return list(rows.filter(side=other, item_id__in=exact))
    if not names:
        return []
    found = list(rows.exclude(bucket=Bucket.EXACT).filter(group_id__in=names))
    if leads[0].bucket == Bucket.DUPLICATE:
        # The pair that a row doubles bears the name of its row in the books.
        ours = [name for name in names if name > 0]
        found += rows.filter(side=Side.BOOK, item_id__in=ours, bucket=Bucket.EXACT)
    return found


def _members(items: Sequence[MatchedItem]) -> dict[tuple[str, int], Member]:
    if not items:
        return {}
    lines, parts = lines_and_parts((item.side, item.item_id) for item in items)
    breaks = {}
    if any(item.bucket in OPEN for item in items):
        either = [item.item_id for item in items]
        rows = Break.objects.filter(channel=items[0].channel_id, item_id__in=either)
        breaks = {
            (side, pk): key for side, pk, key in rows.values_list("side", "item_id", "pk")
        }
    return {
        key: Member(item, lines.get(key), breaks.get(key), parts.get(key))
        for key, item in (((one.side, one.item_id), one) for one in items)
    }


def _key(text: str | None) -> int | None:
    is_key = text is not None and text.isascii() and text.isdecimal()
    return int(text) if is_key and text and len(text) <= _LONGEST_KEY else None
