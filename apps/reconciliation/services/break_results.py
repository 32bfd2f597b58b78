"""Results of single rows, as matches by hand change them: read, put together, put back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.reconciliation.domain.buckets import MATCHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

_COLUMNS = "side, item_id, run_id, bucket, group_id, partner_id, delta, pass_name, score"
_WANTED = "unnest(%(sides)s::text[], %(items)s::bigint[]) AS w(side, item_id)"
_OTHERS = "unnest(%(sides)s::text[], %(items)s::bigint[]) AS o(side, item_id)"
_READ = f"""
SELECT to_jsonb(r) FROM (SELECT {_COLUMNS} FROM reconciliation_matcheditem
  JOIN {_WANTED} USING (side, item_id) WHERE channel_id = %(channel)s
  ORDER BY side, item_id FOR UPDATE OF reconciliation_matcheditem) r"""  # noqa: S608
# The difference stands on the lowest row of the statement, as that of other groups does.
_TOGETHER = f"""
UPDATE reconciliation_matcheditem m SET bucket = 'manual', group_id = %(group)s,
  partner_id = CASE WHEN %(count)s = 2 THEN (SELECT o.item_id FROM {_OTHERS}
    WHERE (o.side, o.item_id) <> (m.side, m.item_id)) END,
  delta = CASE WHEN m.side = 'statement' AND m.item_id = (SELECT min(o.item_id)
    FROM {_OTHERS} WHERE o.side = 'statement') THEN %(delta)s ELSE 0 END,
  pass_name = CASE m.pass_name WHEN 'write_off' THEN m.pass_name ELSE 'manual' END, score = NULL
FROM {_WANTED}
WHERE m.channel_id = %(channel)s AND m.side = w.side AND m.item_id = w.item_id
  AND m.bucket <> ALL(%(matched)s)"""  # noqa: S608
_BACK = """
UPDATE reconciliation_matcheditem m SET bucket = b.bucket, group_id = b.group_id,
  partner_id = b.partner_id, delta = b.delta, pass_name = b.pass_name, score = b.score
FROM jsonb_to_recordset(%(before)s::jsonb) AS b(side text, item_id bigint, bucket text,
  group_id bigint, partner_id bigint, delta numeric, pass_name text, score smallint)
WHERE m.channel_id = %(channel)s AND m.side = b.side AND m.item_id = b.item_id
  AND m.bucket = 'manual'"""


def results_of(channel_id: int, keys: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Lock and return the results of rows, ordered by side and key; amounts are texts."""
    facts = _facts(channel_id, keys)
    with connection.cursor() as cursor:
        cursor.execute(_READ, facts)
        found = [json.loads(row, parse_float=str) for (row,) in cursor.fetchall()]
    return [row | {"delta": str(row["delta"])} for row in found]


def put_together(
    channel_id: int, keys: Sequence[tuple[str, int]], group: int, delta: Decimal
) -> int:
    """Make one group of open rows by hand, and return how many were open."""
    facts = _facts(channel_id, keys) | {
        "group": group,
        "delta": delta,
        "count": len(keys),
        "matched": [bucket.value for bucket in MATCHED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, facts)
        return int(cursor.rowcount)


def put_back(channel_id: int, before: Sequence[Mapping[str, Any]]) -> None:
    """Give rows of a match by hand the results that they had before it."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK, {"channel": channel_id, "before": json.dumps(list(before))})


def _facts(channel_id: int, keys: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {
        "channel": channel_id,
        "sides": [side for side, _item in keys],
        "items": [item for _side, item in keys],
    }
