"""What `verify_books` proves of the read model: it is what events and books give."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from apps.ledgers.services.verification import CHECKS, Check, Findings
from apps.reports.services.figure_names import CONSUMER
from apps.reports.services.figure_sql import OF_ALL_EVENTS, OF_THE_BOOKS, SUMS

_KEPT = """
SELECT organization_id, ledger_id, day, measure, detail, count, amount, seconds
FROM reports_dailyfigure
"""
# What the books tell beyond events counts once somebody builds the figures anew: facts older
# than the first event may wait for that, so figures may lie between the two.
_DIFFERENT = f"""
SELECT f.ledger_id, f.day, f.measure, f.detail,
  'kept', sum(f.count) FILTER (WHERE side = 1),
  'by events', sum(f.count) FILTER (WHERE side = 2),
  'by the books', sum(f.count) FILTER (WHERE side = 3)
FROM (
  SELECT 1 AS side, k.* FROM ({_KEPT}) k
  UNION ALL SELECT 2, e.* FROM ({SUMS.format(facts=OF_ALL_EVENTS)}) e
  UNION ALL SELECT 3, b.* FROM ({SUMS.format(facts=OF_THE_BOOKS)}) b
) f
JOIN (VALUES (1, 1, 1), (2, -1, -1), (3, 0, -1)) AS n (side, less_events, less_all) USING (side)
WHERE (%(ledger)s::bigint IS NULL OR f.ledger_id = %(ledger)s)
GROUP BY f.organization_id, f.ledger_id, f.day, f.measure, f.detail
HAVING NOT coalesce(
  -- Kept is what the events give, or that and the books, or something between.
  (sum(f.count * n.less_events), sum(f.amount * n.less_events),
    sum(f.seconds * n.less_events)) = (0, 0, 0)
  OR (sum(f.count * n.less_all), sum(f.amount * n.less_all),
    sum(f.seconds * n.less_all)) = (0, 0, 0)
  OR sum(f.count * n.less_events) > 0 AND sum(f.count * n.less_all) < 0, false)
ORDER BY f.day, f.measure
"""  # noqa: S608  (parts of this package)


def untrue_figures(ledger_id: int | None) -> Findings:
    """Return figures that are not what events and books give."""
    parameters = {"zone": settings.TIME_ZONE, "consumer": CONSUMER, "ledger": ledger_id}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, parameters)
        return [" ".join(str(value) for value in row) for row in cursor]


def register_checks() -> None:
    """Let `verify_books` look at the read model too."""
    CHECKS.append(Check("daily figures are what events and books give", untrue_figures))
