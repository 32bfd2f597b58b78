"""Money that moves in two ledgers, and who matches it, for the benchmark of live matching."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from apps.events.models import OutboxEvent
from apps.events.services.arriving import read_event
from apps.events.services.consumers import CONSUMERS
from apps.events.services.outbox import NewEvent, emit_many
from apps.events.services.relay import Relay
from apps.events.words import Topic
from apps.reconciliation.services.live import CONSUMER, match_events
from apps.reconciliation.services.rules import active_rules
from apps.statements.models import Channel, SourceKind, StatementFormat
from apps.statements.services.channels import create_channel
from benchmarks import _event_load as load
from benchmarks._books import make_books

OTHER = "PAY/1002"
DAY = "2026-03-02"


@dataclass(frozen=True, slots=True)
class Flow:
    """How one load went: events a second, delays in ms, backlog in events, memory in MB."""

    rate: float
    mean: float
    p99: float
    backlog: int
    memory: float
    unmatched: int
    failed: int = 0


def prepare() -> Channel:
    """Make a channel that hears of another ledger, and let nothing else hear of money."""
    books = make_books(accounts=2)
    channel = create_channel(
        actor=books.poster, ledger=books.ledger, account_id=books.account_ids[0], code="pay",
        name="Payments", source_kind=SourceKind.EVENTS, format=StatementFormat.NONE,
        currency_id="CNY", external_account=OTHER,
    )  # fmt: skip
    active_rules(channel, actor=books.poster)
    for name in [*CONSUMERS]:
        if name != CONSUMER:
            del CONSUMERS[name]
    Relay().prepare()
    return channel


def run_flow(channel: Channel, *, rate: int, seconds: float, relays: int) -> Flow:
    """Let two writers tell of money at a rate, and so many relays match it."""
    _forget(channel)
    began = timezone.now()
    pool = [load.start(load.relay_for_ever, share, relays) for share in range(relays)]
    writers = [
        load.start(write_pairs, channel, began, rate / 2, seconds, number) for number in (0, 1)
    ]
    time.sleep(seconds * 0.9)
    memory = sum(_memory_mb(process.pid or 0) for process in pool)
    for writer in writers:
        writer.join()
    backlog = _behind(began)
    time.sleep(0.3)
    for process in pool:
        load.kill(process)
    Relay().drain()
    return _measured(channel, began, backlog, memory)


def run_unbounded(channel: Channel, *, rate: int, seconds: float) -> Flow:
    """The same load with a task for each event, as many at once as come."""
    _forget(channel)
    began = timezone.now()
    writers = [
        load.start(write_pairs, channel, began, rate / 2, seconds, number) for number in (0, 1)
    ]
    known: set[object] = set()
    failures: list[str] = []
    highest = 0.0
    with ThreadPoolExecutor(max_workers=10_000) as pool:
        until = time.monotonic() + seconds + 1
        while time.monotonic() < until:
            rows = OutboxEvent.objects.filter(occurred_at__gte=began)
            new = [pk for pk in rows.values_list("event_id", flat=True) if pk not in known]
            known.update(new)
            for pk in new:
                pool.submit(_one_task, pk, failures)
            highest = max(highest, _memory_mb("self"))
            backlog = threading.active_count() - 1
    for writer in writers:
        writer.join()
    flow = _measured(channel, began, backlog, highest)
    Relay().drain()
    return replace(flow, failed=len(failures))


def _one_task(pk: object, failures: list[str]) -> None:
    try:
        with transaction.atomic():
            match_events([read_event(pk).event])  # type: ignore[arg-type]
    except DatabaseError as error:
        failures.append(type(error).__name__)
    finally:
        connections.close_all()


def write_pairs(
    channel: Channel, began: datetime, rate: float, seconds: float, number: int
) -> None:
    """Write events at a rate: of each pair one in our books, one in the other ledger.

    Those that are due go out together, so that the rate holds when a commit takes longer.
    """
    start, count, most = time.monotonic(), 0, int(rate * seconds)
    base = number + int(began.timestamp()) * 1_000_000
    while count < most:
        due = min(most, int((time.monotonic() - start) * rate) + 1)
        if due > count:
            events = [
                _event(channel, base + 2 * (n // 2), is_ours=n % 2 == 0)
                for n in range(count, due)
            ]
            with transaction.atomic():
                emit_many(events)
        count = max(count, due)
        time.sleep(max(0.0, start + count / rate - time.monotonic()))


def _event(channel: Channel, line: int, *, is_ours: bool) -> NewEvent:
    ledger, account = (channel.ledger.code, "own") if is_ours else OTHER.split("/")
    body = {
        "account": account,
        "account_id": channel.account_id if is_ours else 0,
        "amount_minor": line % 100_000 + 1,
        "booked_on": DAY,
        "currency": "CNY",
        "ledger": ledger,
        "ledger_id": channel.ledger_id if is_ours else 0,
        "line_id": line,
        "reference": f"TXN{line}",
        "status": "completed",
    }
    key = f"entry:{line}:{int(is_ours)}"
    return NewEvent(Topic.TRANSACTION_COMPLETED, key, channel.organization_id, body)


def _forget(channel: Channel) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reconciliation_liveitem WHERE channel_id = %s", [channel.pk]
        )
        cursor.execute("VACUUM ANALYZE reconciliation_liveitem")


def _behind(began: datetime) -> int:
    """Return how many events were not matched yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM events_outboxevent o WHERE occurred_at >= %s AND NOT EXISTS ("
            " SELECT FROM events_inboxevent i WHERE i.event_id = o.event_id)",
            [began],
        )
        return int(cursor.fetchone()[0])


def _rate_since(began: datetime) -> float:
    """Return how many events a second were written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) / extract(epoch FROM max(occurred_at) - min(occurred_at))"
            " FROM events_outboxevent WHERE occurred_at >= %s",
            [began],
        )
        return float(cursor.fetchone()[0])


def _measured(channel: Channel, began: datetime, backlog: int, memory: float) -> Flow:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(1000 * avg(d), 0), coalesce(1000 * percentile_cont(0.99)
                WITHIN GROUP (ORDER BY d), 0) FROM (
              SELECT extract(epoch FROM b.matched_at - greatest(b.happened_at, r.happened_at))
                AS d FROM reconciliation_liveitem b JOIN reconciliation_liveitem r
                ON r.channel_id = b.channel_id AND r.side = 'statement'
                  AND r.item_id = b.partner_id
              WHERE b.channel_id = %s AND b.side = 'book') p
            """,
            [channel.pk],
        )
        mean, p99 = (float(value) for value in cursor.fetchone())
        cursor.execute(
            "SELECT count(*) FROM reconciliation_liveitem WHERE channel_id = %s"
            " AND bucket <> 'exact'",
            [channel.pk],
        )
        unmatched = int(cursor.fetchone()[0])
    return Flow(_rate_since(began), mean, p99, backlog, memory, unmatched)


def _memory_mb(process: int | str) -> float:
    """Return the proportional memory of a process."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(rollup.split("Pss:")[1].split()[0]) / 1024
