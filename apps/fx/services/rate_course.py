"""The course of one pair over a span of time, thinned by PostgreSQL to what a chart shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.charts import LineChart, line_chart

if TYPE_CHECKING:
    from apps.organizations.models import Organization

MOST_POINTS = 240
SPANS = {
    "1m": (timedelta(days=31), _("1 month")),
    "3m": (timedelta(days=92), _("3 months")),
    "1y": (timedelta(days=366), _("1 year")),
    "5y": (timedelta(days=5 * 366), _("5 years")),
    "all": (None, _("All")),
}
DEFAULT_SPAN = "1y"

# The last day of each of 240 equal stretches, so both ends of the span are kept.
_COURSE = """
WITH days AS (
  SELECT DISTINCT ON (valid_from) valid_from, rate / per AS worth FROM fx_exchangerate
  WHERE state = 'confirmed' AND from_currency = %(one)s AND to_currency = %(other)s
    AND rate_type = %(rate_type)s AND valid_from BETWEEN %(since)s AND %(today)s
    AND (organization_id IS NULL OR organization_id = %(organization)s)
  ORDER BY valid_from, organization_id IS NOT NULL DESC, revision DESC
), span AS (
  SELECT min(valid_from) AS first, max(valid_from) AS last, min(worth) AS low,
    max(worth) AS high, count(*) AS count FROM days
), points AS (
  SELECT DISTINCT ON (place) valid_from, worth FROM (
    SELECT d.*, (s.last - d.valid_from) * %(most)s / greatest(s.last - s.first + 1, %(most)s)
      AS place
    FROM days d CROSS JOIN span s) placed
  ORDER BY place, valid_from DESC
)
SELECT s.low, s.high, s.count, array(SELECT valid_from FROM points ORDER BY valid_from),
  array(SELECT worth FROM points ORDER BY valid_from)
FROM span s
"""


@dataclass(frozen=True, slots=True)
class Course:
    """What a span shows: all its days count for lowest and highest, the chart has fewer."""

    low: Decimal
    high: Decimal
    count: int
    points: tuple[tuple[date, Decimal], ...]

    @property
    def chart(self) -> LineChart:
        """The line, for two points or more."""
        return line_chart(self.points)

    @property
    def change(self) -> Decimal:
        """By how many per cent the last day differs from the first."""
        first, last = self.points[0][1], self.points[-1][1]
        return (last - first) * 100 / first


def rate_course(
    organization: Organization, pair: tuple[str, str], *, rate_type: str, span: str, today: date
) -> Course | None:
    """Return the course of a pair; None where there are fewer than two days."""
    length, _label = SPANS[span]
    with connection.cursor() as cursor:
        cursor.execute(
            _COURSE,
            {
                "one": pair[0],
                "other": pair[1],
                "rate_type": rate_type,
                "since": today - length if length else date.min,
                "today": today,
                "organization": organization.pk,
                "most": MOST_POINTS,
            },
        )
        low, high, count, days, worths = cursor.fetchone()
    if count < 2:  # noqa: PLR2004  (a line has two ends)
        return None
    return Course(low, high, count, tuple(zip(days, worths, strict=True)))
