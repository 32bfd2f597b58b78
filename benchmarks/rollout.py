"""Rollout decisions: how many a second, in how many statements, and how soon a change shows.

Goals: 300 decisions in at most 2 statements and 20 ms from the database, 100,000 a second from
memory, a change seen by another process within 50 ms (median) and 1 s (worst), and the page of
a flag with 300 departments and 20,000 requests within 150 ms (95 % of views): it reads every
request of four weeks and compares both flows.

    ./run bench rollout                  a quarter of a minute
    ./run bench rollout -- --changes 300
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import time
from decimal import Decimal
from multiprocessing.connection import Connection

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core import notifications
from apps.organizations.models import Department, Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import grant_role
from apps.rollout.domain.outcomes import Outcome
from apps.rollout.models import Flag
from apps.rollout.services.decisions import choose, choose_many, forget_flags
from apps.rollout.services.flags import set_percent, ship_flags
from apps.rollout.services.providers import provide_outcomes
from benchmarks._report import Figure, Report, at_least, below

DEPARTMENTS, REQUESTS, VIEWS = 300, 20_000, 40
GOAL_STATEMENTS, GOAL_COLD_MS, GOAL_PER_SECOND = 2, 20, 100_000
GOAL_MEDIAN_MS, GOAL_WORST_MS, GOAL_PAGE_MS = 50, 1000, 150
_FORK = multiprocessing.get_context("fork")
_ROUNDS = 50
_NEXT_MS = 20
_HOUR = 3600


def main() -> None:
    """Measure, print, and end with 1 unless every goal holds."""
    changes = _changes()
    flag, departments, admin = _prepare()
    report = Report()
    statements, cold = _cold(flag, departments)
    report.add(below("statements for 300 decisions", statements, "", GOAL_STATEMENTS))
    report.add(below("300 decisions from the database", cold, "ms", GOAL_COLD_MS))
    warm = _warm_per_second(flag, departments)
    report.add(at_least("decisions from memory", warm, "1/s", of=GOAL_PER_SECOND, share=1))
    on = sum(choice.is_on for choice in choose_many(flag.name, departments))
    report.add(Figure("departments on at 15 %", 100 * on / len(departments), "%"))
    notifications.stop_listening()
    delays = _delays_ms(flag, departments[0], admin, changes)
    median, worst = statistics.median(delays), max(delays)
    report.add(below("change seen in another process, median", median, "ms", GOAL_MEDIAN_MS))
    report.add(below("change seen in another process, worst", worst, "ms", GOAL_WORST_MS))
    page = _page_ms(flag, departments, admin)
    report.add(below("page of a flag, 95 % within", page, "ms", GOAL_PAGE_MS))
    report.end()


def _changes() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=100, help="how many changes are timed")
    changes: int = parser.parse_args().changes
    return changes


def _prepare() -> tuple[Flag, list[Department], User]:
    """Fill the empty database with an organization, its departments and its flag."""
    actor = User.objects.create_superuser("system", password=None)
    organization = Organization.create_versioned(actor=actor, code="bench", name="Bench")
    rows = [
        Department(organization=organization, code=f"unit-{number}", name=f"Unit {number}")
        for number in range(DEPARTMENTS)
    ]
    departments = Department.create_many_versioned(rows, actor=actor)
    (flag,) = ship_flags(organization, actor=actor)
    admin = User.objects.create_user("admin", password=None, organization=organization)
    grant_role(admin, Role.ADMIN, actor=actor)
    return flag, departments, admin


def _cold(flag: Flag, departments: list[Department]) -> tuple[int, float]:
    """Return the statements and the median time of decisions that nothing is known for."""
    settings.LISTEN_FOR_CHANGES = False
    with CaptureQueriesContext(connection) as captured:
        choose_many(flag.name, departments)
    times = []
    for _ in range(_ROUNDS):
        forget_flags()
        begun = time.perf_counter()
        choose_many(flag.name, departments)
        times.append((time.perf_counter() - begun) * 1000)
    settings.LISTEN_FOR_CHANGES = True
    return len(captured), statistics.median(times)


def _warm_per_second(flag: Flag, departments: list[Department]) -> float:
    _wait_for(flag, departments[0])
    begun = time.perf_counter()
    for _ in range(_ROUNDS):
        choose_many(flag.name, departments)
    return _ROUNDS * len(departments) / (time.perf_counter() - begun)


def _wait_for(flag: Flag, department: Department) -> None:
    """Ask until the process listens."""
    while not notifications.is_hearing():
        choose(flag.name, department)
        time.sleep(0.01)
    choose(flag.name, department)


def _delays_ms(flag: Flag, department: Department, admin: User, changes: int) -> list[float]:
    """Commit changes here and let another process tell when it sees each.

    A delay begins before the service does, so all of its transaction is in it.
    """
    connections.close_all()
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_watch, args=(flag, department, changes, theirs))
    process.start()
    ours.recv()
    delays = []
    for number in range(changes):
        begun = time.perf_counter()
        percent = Decimal(16 + number % 2)
        flag = set_percent(flag, percent, version=flag.version, reason="benchmark", actor=admin)
        seen_at = ours.recv()
        delays.append((seen_at - begun) * 1000)
        time.sleep(_NEXT_MS / 1000)
    process.join()
    return delays


def _watch(flag: Flag, department: Department, changes: int, parent: Connection) -> None:
    """Ask without a pause; send the moment at which each change shows."""
    _wait_for(flag, department)
    last = choose(flag.name, department).flag_version
    parent.send("ready")
    for _ in range(changes):
        while (now := choose(flag.name, department).flag_version) == last:
            time.sleep(0.0005)
        last = now
        parent.send(time.perf_counter())
    notifications.stop_listening()
    connections.close_all()


def _page_ms(flag: Flag, departments: list[Department], admin: User) -> float:
    """Return within which time 95 % of the views of the page are answered."""
    dice = random.Random(1)
    chosen = choose_many(flag.name, departments)
    places = [(d.pk, c.is_on) for d, c in zip(departments, chosen, strict=True)]
    outcomes = [
        Outcome(*dice.choice(places), dice.randint(1, 90 * _HOUR), dice.random() < 0.05)
        for _ in range(REQUESTS)
    ]
    provide_outcomes(flag.name, lambda *_: outcomes)
    client = Client(SERVER_NAME="localhost")
    client.force_login(admin)
    url = reverse("rollout:flag_detail", args=(flag.name,))
    times = []
    for _ in range(VIEWS):
        begun = time.perf_counter()
        assert client.get(url).status_code == 200  # noqa: S101
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
