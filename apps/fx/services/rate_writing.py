"""Write published rates: one COPY, one comparison, one INSERT, whatever the number.

What is known already is not written again. A figure that was published otherwise before
becomes the next revision of its day. The rates of the operator serve everybody at once; those
that a tenant's treasury brings are the tenant's own, are compared with what everybody has too,
and wait for a second person. No history row is written: such a rate is its own only version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from apps.fx.domain.ecb import BASE, PublishedRate
from apps.fx.models import RateImport, RateState, RateType

_STAGE = """
CREATE TEMP TABLE fx_incoming (
  valid_from date NOT NULL, currency varchar(3) NOT NULL, rate numeric(20,10) NOT NULL
) ON COMMIT DROP
"""
# Two imports of the same place at once would both find a rate new.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_WRITE = """
WITH known AS (
  SELECT DISTINCT ON (to_currency, valid_from) to_currency, valid_from, rate
  FROM fx_exchangerate
  WHERE from_currency = %(base)s AND rate_type = %(rate_type)s AND source = %(source)s
    AND state <> 'rejected' AND per = 1
    AND (organization_id IS NULL OR organization_id = %(organization)s)
  ORDER BY to_currency, valid_from, organization_id IS NOT NULL DESC, revision DESC
), places AS (
  SELECT to_currency, valid_from, max(revision) AS last FROM fx_exchangerate
  WHERE from_currency = %(base)s AND rate_type = %(rate_type)s
    AND organization_id IS NOT DISTINCT FROM %(organization)s::bigint
  GROUP BY 1, 2
), written AS (
  INSERT INTO fx_exchangerate (version, created_at, updated_at, organization_id, rate_type,
    from_currency, to_currency, per, rate, valid_from, source, revision, note, state,
    entered_by_id, reject_reason, is_used, rate_import_id)
  SELECT 1, now(), now(), %(organization)s::bigint, %(rate_type)s, %(base)s, i.currency, 1,
    i.rate, i.valid_from, %(source)s, coalesce(p.last, 0) + 1, '', %(state)s,
    %(entered_by)s::bigint, '', false, %(rate_import)s
  FROM fx_incoming i
  LEFT JOIN known k ON k.to_currency = i.currency AND k.valid_from = i.valid_from
  LEFT JOIN places p ON p.to_currency = i.currency AND p.valid_from = i.valid_from
  WHERE k.rate IS DISTINCT FROM i.rate
  ORDER BY i.currency, i.valid_from
  RETURNING to_currency, valid_from
)
SELECT count(*) FILTER (WHERE k.rate IS NULL), count(k.rate) FROM written w
LEFT JOIN known k USING (to_currency, valid_from)
"""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rates nobody knew, and how many were known with another figure."""

    new: int
    changed: int


def write_rates(rates: Sequence[PublishedRate], rate_import: RateImport) -> Written:
    """Write what is new, inside the caller's transaction."""
    owner = rate_import.organization_id
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"fx import {owner}"])
        cursor.execute(_STAGE)
        with cursor.copy("COPY fx_incoming FROM STDIN") as copy:
            for rate in rates:
                copy.write_row((rate.day, rate.currency, rate.rate))
        cursor.execute(
            _WRITE,
            {
                "base": BASE,
                "rate_type": RateType.SPOT,
                "source": rate_import.source,
                "organization": owner,
                "state": RateState.WAITING if owner else RateState.CONFIRMED,
                "entered_by": rate_import.entered_by_id,
                "rate_import": rate_import.pk,
            },
        )
        new, changed = cursor.fetchone()
        cursor.execute("DROP TABLE fx_incoming")
    return Written(new, changed)
