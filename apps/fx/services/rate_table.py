"""The newest rate of every pair, with its course of the last months: one statement.

Pairs are found by skipping along the index, so hundreds of thousands of rates cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from apps.core.charts import sparkline
from apps.fx.models import RateType
from apps.fx.services.lookup import MAX_AGE_DAYS

if TYPE_CHECKING:
    from apps.organizations.models import Organization

# A pair without a rate for so long is history, as the mark or the lira of old.
ENDED = timedelta(days=400)

_PAIRS = """
WITH RECURSIVE pairs AS (
  (SELECT from_currency AS one, to_currency AS other, rate_type AS kind FROM fx_exchangerate
   WHERE state = 'confirmed'
     AND (organization_id IS NULL OR organization_id = %(organization)s)
   ORDER BY 1, 2, 3 LIMIT 1)
  UNION ALL
  SELECT n.* FROM pairs p CROSS JOIN LATERAL (
    SELECT from_currency, to_currency, rate_type FROM fx_exchangerate
    WHERE state = 'confirmed'
      AND (organization_id IS NULL OR organization_id = %(organization)s)
      AND (from_currency, to_currency, rate_type) > (p.one, p.other, p.kind)
    ORDER BY 1, 2, 3 LIMIT 1) n
), newest AS (
  SELECT p.*, r.* FROM pairs p CROSS JOIN LATERAL (
    SELECT id, rate, per, valid_from, source, organization_id IS NOT NULL AS is_own, revision
    FROM fx_exchangerate
    WHERE state = 'confirmed' AND from_currency = p.one AND to_currency = p.other
      AND rate_type = p.kind AND valid_from <= %(today)s
      AND (organization_id IS NULL OR organization_id = %(organization)s)
    ORDER BY valid_from DESC, organization_id IS NOT NULL DESC, revision DESC LIMIT 1) r
)
SELECT n.one, n.other, n.kind, n.id, n.rate, n.per, n.valid_from, n.source, n.is_own,
  n.revision, array(
    SELECT c.rate / c.per FROM (
      SELECT DISTINCT ON (valid_from) valid_from, rate, per FROM fx_exchangerate
      WHERE state = 'confirmed' AND from_currency = n.one AND to_currency = n.other
        AND rate_type = n.kind AND valid_from BETWEEN n.valid_from - 90 AND n.valid_from
        AND (organization_id IS NULL OR organization_id = %(organization)s)
      ORDER BY valid_from, organization_id IS NOT NULL DESC, revision DESC) c
    ORDER BY c.valid_from)
FROM newest n
WHERE n.valid_from > %(since)s
ORDER BY n.one, n.other, n.kind
"""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair with its newest rate; `course` are the figures of 90 days, oldest first."""

    today: date
    from_currency: str
    to_currency: str
    rate_type: str
    pk: int
    rate: Decimal
    per: int
    valid_from: date
    source: str
    is_own: bool
    revision: int
    course: list[Decimal]

    @property
    def age_days(self) -> int:
        """How many days ago it was set."""
        return (self.today - self.valid_from).days

    @property
    def is_stale(self) -> bool:
        """Whether a look-up of today would refuse it; a month's rates are not due each day."""
        if self.rate_type in {RateType.CLOSING, RateType.AVERAGE}:
            return False
        return self.age_days > MAX_AGE_DAYS[RateType(self.rate_type)]

    @property
    def type_label(self) -> str:
        """The type in words."""
        return str(RateType(self.rate_type).label)

    @property
    def line(self) -> str:
        """The path of its sparkline."""
        return sparkline(self.course)

    @property
    def change(self) -> Decimal | None:
        """By how many per cent it differs from the rate before; None for a first one."""
        if len(self.course) < 2:  # noqa: PLR2004  (two make a change)
            return None
        before, now = self.course[-2:]
        return (now - before) * 100 / before


def rate_table(
    organization: Organization,
    *,
    today: date,
    rate_type: str = "",
    text: str = "",
    with_ended: bool = False,
) -> list[PairRow]:
    """Return the pairs that an organization can use, by name."""
    since = date.min if with_ended else today - ENDED
    with connection.cursor() as cursor:
        cursor.execute(
            _PAIRS, {"organization": organization.pk, "today": today, "since": since}
        )
        rows = [PairRow(today, *row) for row in cursor.fetchall()]
    wanted = text.strip().upper()
    return [
        row
        for row in rows
        if rate_type in {"", row.rate_type}
        and wanted in f"{row.from_currency}/{row.to_currency} {row.from_currency}"
    ]
