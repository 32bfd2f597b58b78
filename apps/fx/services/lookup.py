"""The rate between two currencies on a day, the only way to get one.

    rate = find_rate(organization, "USD", "CNY", on=entry_date)
    base = convert(Decimal("100.00"), rate)

Which rate wins: the pair's own before one through a pivot, the newest day before an older one,
the tenant's own before a published one, the latest revision. What is older than `max_age_days`
is not taken at all. Answers come from the cache of `rate_cache`, which states how stale they
can be; a document stores the whole `RateUsed`, so what it used stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from apps.core import notifications
from apps.core.rounding import RoundingMode, convert_amount
from apps.fx.domain.quotes import Pair, Quote, choose, pairs_of, paths
from apps.fx.errors import NoRate
from apps.fx.models import ExchangeRate, RateType
from apps.fx.services.rate_cache import CHANNEL, RateCache

if TYPE_CHECKING:
    from apps.fx.services.rate_cache import CacheState
    from apps.organizations.models import Organization

# Markets rest for a week at most (the National Day, new year); the others hold for their time.
MAX_AGE_DAYS = {
    RateType.SPOT: 10,
    RateType.CLOSING: 10,
    RateType.AVERAGE: 31,
    RateType.BUDGET: 366,
}
DEFAULT = -1
SAME_CURRENCY = "same"

# An answer may be kept when everybody would get it: it is not this transaction's own change,
# nor what an older snapshot shows.
_FIND = """
SELECT asked.one, asked.other, r.id, r.rate, r.per, r.valid_from, r.source,
  r.organization_id IS NOT NULL, r.revision,
  current_setting('app.fx_changed', true) IS DISTINCT FROM '1'
    AND current_setting('transaction_isolation') = 'read committed'
FROM unnest(%(ones)s::text[], %(others)s::text[]) AS asked(one, other)
CROSS JOIN LATERAL (
  SELECT * FROM fx_exchangerate
  WHERE state = 'confirmed' AND rate_type = %(rate_type)s
    AND from_currency = asked.one AND to_currency = asked.other
    AND valid_from BETWEEN %(since)s AND %(on)s
    AND (organization_id IS NULL OR organization_id = %(organization)s)
  ORDER BY valid_from DESC, organization_id IS NOT NULL DESC, revision DESC LIMIT 1) r
"""


@dataclass(frozen=True, slots=True)
class RateUsed:
    """What a document stores of the rate that it used.

    `rate` units of `to_currency` are worth `per` units of `from_currency`. `path` names the
    currencies on the way, two of them or three; `valid_from` and `age_days` are those of the
    oldest rate on it, and `rate_ids` the stored rates.
    """

    from_currency: str
    to_currency: str
    rate: Decimal
    per: int
    rate_type: str
    valid_from: date
    age_days: int
    source: str
    path: tuple[str, ...]
    rate_ids: tuple[int, ...]


rates: RateCache[RateUsed] = RateCache()
notifications.subscribe(
    CHANNEL, rates.forget, version_sql="SELECT version FROM fx_ratestamp WHERE id = 1"
)


def find_rate(
    organization: Organization,
    from_currency: str,
    to_currency: str,
    *,
    on: date,
    rate_type: str = RateType.SPOT.value,
    max_age_days: int = DEFAULT,
) -> RateUsed:
    """Return the rate of a day, at most `max_age_days` old; DEFAULT goes by the type.

    Raises:
        NoRate: there is none; never an older one instead.
    """
    key = (organization.id, from_currency, to_currency, on, rate_type, max_age_days)
    found = rates.get(key)
    if found is not None:
        return found
    if from_currency == to_currency:
        return _same(from_currency, on, rate_type)
    store = rates.begin()
    found, may_keep = _look_up(
        organization.id, (from_currency, to_currency), on, rate_type, max_age_days
    )
    if may_keep:
        rates.keep(store, key, found)
    return found


def convert(amount: Decimal, rate: RateUsed, *, mode: str = RoundingMode.HALF_UP) -> Decimal:
    """Return an amount in `rate.to_currency`, rounded once to its minor unit.

    Raises:
        UnknownCurrency: money of that currency cannot be booked any more.
    """
    return convert_amount(
        amount,
        rate=rate.rate,
        per=rate.per,
        currency=rate.to_currency,
        mode=RoundingMode(mode),
    )


def mark_used(rate_ids: Iterable[int]) -> None:
    """Fix rates for ever because a posted document uses them; call it in its transaction.

    Rates that are used already are not touched, so posters do not wait for each other. Rows
    are locked in the order of their keys.
    """
    wanted = ExchangeRate.objects.filter(pk__in=set(rate_ids), is_used=False).order_by("pk")
    locked = list(wanted.select_for_update(no_key=True).values_list("pk", flat=True))
    if locked:
        ExchangeRate.objects.filter(pk__in=locked, is_used=False).update(is_used=True)


def cache_state() -> CacheState:
    """Return the state of this process's cache, which wakes up by being asked."""
    notifications.listen()
    return rates.state()


def _look_up(
    organization_id: int, pair: Pair, on: date, rate_type: str, max_age_days: int
) -> tuple[RateUsed, bool]:
    """Ask the database; say too whether the answer may be kept for others."""
    days = MAX_AGE_DAYS[RateType(rate_type)] if max_age_days == DEFAULT else max_age_days
    ways = paths(pair, settings.FX_PIVOTS)
    quotes, may_keep = _read(
        organization_id, pairs_of(ways), (on - timedelta(days), on), rate_type
    )
    chain = choose(ways, quotes)
    if chain is None:
        raise NoRate(
            rate_type=RateType(rate_type).label,
            from_currency=pair[0],
            to_currency=pair[1],
            days=days,
            on=on.isoformat(),
        )
    rate, per = chain.figure()
    return RateUsed(
        from_currency=pair[0],
        to_currency=pair[1],
        rate=rate,
        per=per,
        rate_type=rate_type,
        valid_from=chain.valid_from,
        age_days=(on - chain.valid_from).days,
        source=chain.source,
        path=chain.path,
        rate_ids=tuple(quote.pk for quote in chain.quotes),
    ), may_keep


def _read(
    organization_id: int, pairs: list[Pair], days: tuple[date, date], rate_type: str
) -> tuple[dict[Pair, Quote], bool]:
    """Return the best stored rate of each pair in one statement."""
    ones, others = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "ones": list(ones),
                "others": list(others),
                "rate_type": rate_type,
                "since": days[0],
                "on": days[1],
                "organization": organization_id,
            },
        )
        rows = cursor.fetchall()
    found = (Quote(pk, (one, other), *facts) for one, other, pk, *facts, _ in rows)
    return {quote.pair: quote for quote in found}, all(row[-1] for row in rows)


def _same(currency: str, on: date, rate_type: str) -> RateUsed:
    """Return the rate of a currency to itself, which no row holds."""
    return RateUsed(
        from_currency=currency,
        to_currency=currency,
        rate=Decimal(1),
        per=1,
        rate_type=rate_type,
        valid_from=on,
        age_days=0,
        source=SAME_CURRENCY,
        path=(currency,),
        rate_ids=(),
    )
