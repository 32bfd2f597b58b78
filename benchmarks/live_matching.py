"""Money that moves, matched as it happens: outbox → relay → inbox → match.

./run bench live_matching [-- SECONDS]

1. 500 events a second for a minute: mean delay from the later event of a pair to its match.
2. The highest rate that leaves no backlog.
3. Relays in a pool of 1, 2, 4 and 32, beside a task for each event without bounds.
"""

from __future__ import annotations

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from apps.statements.models import Channel
from benchmarks import _live_load as load
from benchmarks._report import Figure, Report, below

RATE, SECONDS, GOAL_MS = 500, 60, 43
RATES = (1_000, 1_500, 2_000, 3_000, 4_000)
POOLS = (1, 2, 4, 32)
_SHORT = 8
# What is on its way at any moment is no backlog: a tenth of a second's events.
_ON_ITS_WAY = 0.1
# Writers that fall behind by more have not tried the rate.
_AS_ASKED = 0.95


def main() -> None:
    """Measure and print."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    report, channel = Report(), load.prepare()
    flow = load.run_flow(channel, rate=RATE, seconds=seconds, relays=1)
    name = f"{RATE} events/s for {seconds} s"
    report.add(below(f"{name}, mean", flow.mean, "ms", GOAL_MS))
    report.add(Figure(f"{name}, 99 of 100", flow.p99, "ms"))
    report.add(Figure(f"{name}, written", flow.rate, "events/s"))
    report.add(below(f"{name}, backlog", flow.backlog, "events", RATE * _ON_ITS_WAY))
    report.add(below(f"{name}, unmatched", flow.unmatched, "rows", 2))
    _highest(report, channel)
    for relays in POOLS:
        flow = load.run_flow(channel, rate=RATE, seconds=_SHORT, relays=relays)
        _row(report, f"{relays} relays", flow)
    _row(
        report, "a task for each event", load.run_unbounded(channel, rate=RATE, seconds=_SHORT)
    )
    report.end()


def _highest(report: Report, channel: Channel) -> None:
    held = RATE
    for rate in RATES:
        flow = load.run_flow(channel, rate=rate, seconds=_SHORT, relays=1)
        report.add(Figure(f"{rate} events/s, written", flow.rate, "events/s"))
        report.add(Figure(f"{rate} events/s, mean", flow.mean, "ms"))
        report.add(Figure(f"{rate} events/s, backlog", flow.backlog, "events"))
        if flow.backlog > rate * _ON_ITS_WAY or flow.rate < rate * _AS_ASKED:
            break
        held = rate
    report.add(Figure("highest rate without a backlog", held, "events/s"))


def _row(report: Report, name: str, flow: load.Flow) -> None:
    report.add(Figure(f"{name}, mean", flow.mean, "ms"))
    report.add(Figure(f"{name}, 99 of 100", flow.p99, "ms"))
    report.add(Figure(f"{name}, memory", flow.memory, "MB"))
    report.add(Figure(f"{name}, backlog", flow.backlog, "events"))
    report.add(Figure(f"{name}, failed", flow.failed, "events"))


if __name__ == "__main__":
    main()
