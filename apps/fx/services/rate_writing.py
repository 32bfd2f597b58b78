"""Write published rates: one COPY, then for each currency one comparison and one INSERT.

What is known already is not written again. A figure that was published otherwise before
becomes the next revision of its day. The rates of the operator serve everybody at once; those
that a tenant's treasury brings are the tenant's own, are compared with what everybody has too,
and wait for a second person. No history row is written: such a rate is its own only version.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.fx.database_errors import refusals_in_words
from apps.fx.domain.ecb import BASE, PublishedRate, read_rates
from apps.fx.models import ExchangeRate, RateImport, RateState, RateType
from apps.fx.services.published_files import text_of
from apps.fx.services.rate_events import tell_of_import
from apps.fx.services.rates import forget_rates

if TYPE_CHECKING:
    from apps.organizations.models import User

State = RateImport.State

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
  WHERE from_currency = %(base)s AND to_currency = %(currency)s
    AND rate_type = %(rate_type)s AND source = %(source)s AND state <> 'rejected'
    AND per = 1 AND (organization_id IS NULL OR organization_id = %(organization)s)
  ORDER BY to_currency, valid_from, organization_id IS NOT NULL DESC, revision DESC
), places AS (
  SELECT to_currency, valid_from, max(revision) AS last FROM fx_exchangerate
  WHERE from_currency = %(base)s AND to_currency = %(currency)s
    AND rate_type = %(rate_type)s
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
  WHERE i.currency = %(currency)s AND k.rate IS DISTINCT FROM i.rate
  ORDER BY i.valid_from
  RETURNING to_currency, valid_from
)
SELECT count(*) FILTER (WHERE k.rate IS NULL), count(k.rate) FROM written w
LEFT JOIN known k USING (to_currency, valid_from)
"""


class Progress(Protocol):
    """Whom to tell how far it is; see apps.jobs.services.kinds.Work."""

    def advance(self, count: int = 1) -> None:
        """Hear that so many more are done."""


class _Nobody:
    def advance(self, count: int = 1) -> None:
        """Do nothing."""


def read_file(rate_import: RateImport) -> list[PublishedRate]:
    """Return what the file of an import says.

    Raises:
        BrokenRates, RatesTooLarge, UnreadableRates: the file is refused.
    """
    return read_rates(text_of(bytes(rate_import.content)), today=timezone.localdate())


def write_rates(
    rate_import: RateImport, rates: list[PublishedRate], work: Progress | None = None
) -> None:
    """Write what is new, and what that came to, inside the caller's transaction."""
    started = time.monotonic_ns()
    new, changed = _write(rates, rate_import, work or _Nobody())
    waits = rate_import.organization_id is not None and (new or changed)
    RateImport.objects.filter(pk=rate_import.pk).update(
        version=F("version") + 1,
        state=State.WAITING if waits else State.DONE,
        day_count=len({rate.day for rate in rates}),
        read_count=len(rates),
        new_count=new,
        changed_count=changed,
        milliseconds=(time.monotonic_ns() - started) // 1_000_000,
    )
    rate_import.refresh_from_db()
    forget_rates()


def decide_rates(
    rate_import: RateImport,
    state: str,
    *,
    actor: User,
    reason: str = "",
    work: Progress | None = None,
) -> None:
    """Confirm or reject every rate of an import, inside the caller's transaction."""
    waiting = ExchangeRate.objects.filter(rate_import=rate_import, state=RateState.WAITING)
    work = work or _Nobody()
    for currency in waiting.order_by("to_currency").values_list("to_currency").distinct():
        with refusals_in_words():
            count = waiting.filter(to_currency=currency[0]).update(
                state=state,
                confirmed_by=actor,
                confirmed_at=timezone.now(),
                reject_reason=reason,
                updated_by=actor,
                updated_at=timezone.now(),
                version=F("version") + 1,
            )
        if state == RateState.CONFIRMED and count:
            tell_of_import(rate_import, currency[0], count)
        work.advance(count)
    forget_rates()


def _write(
    rates: list[PublishedRate], rate_import: RateImport, work: Progress
) -> tuple[int, int]:
    """Return how many rates nobody knew, and how many were known with another figure."""
    owner = rate_import.organization_id
    counts: dict[str, int] = {}
    new = changed = 0
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"fx import {owner}"])
        cursor.execute(_STAGE)
        with cursor.copy("COPY fx_incoming FROM STDIN") as copy:
            for rate in rates:
                copy.write_row((rate.day, rate.currency, rate.rate))
                counts[rate.currency] = counts.get(rate.currency, 0) + 1
        for currency in sorted(counts):
            cursor.execute(_WRITE, _parameters(rate_import) | {"currency": currency})
            added, corrected = cursor.fetchone()
            new, changed = new + added, changed + corrected
            work.advance(counts[currency])
        cursor.execute("DROP TABLE fx_incoming")
    return new, changed


def _parameters(rate_import: RateImport) -> dict[str, int | str | None]:
    owner = rate_import.organization_id
    return {
        "base": BASE,
        "rate_type": RateType.SPOT,
        "source": rate_import.source,
        "organization": owner,
        "state": RateState.WAITING if owner else RateState.CONFIRMED,
        "entered_by": rate_import.entered_by_id,
        "rate_import": rate_import.pk,
    }
