"""Approvals with 200,000 requests: what people open, what the rollout asks, what workers do.

    ./run bench approvals                                    about three minutes
    ./run bench approvals -- --requests 20000 --waiting 500 --seconds 10

Goals: the inbox of somebody with 5,000 open tasks and the page of a rollout that compares all
requests of four weeks within 150 ms (95 % of views) and 12 queries; a request with its route,
lines, risks and talk within 150 ms and 24 queries; 300 rollout decisions in at most 2
statements; 1,000 submissions a minute on two workers that also decide them, none of them lost,
and no decision doubled.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import Counter

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalTask
from apps.approvals.words import DecisionKind, RequestState, TaskState
from apps.ledgers.models import EntryState, JournalEntry
from apps.organizations.models import User
from apps.rollout.services.decisions import choose_many
from apps.rollout.words import FINANCIAL_APPROVAL_V2
from benchmarks._addresses import Page
from benchmarks._deciders import Work, ask, work_at_once
from benchmarks._report import Figure, Report, at_least, below
from benchmarks._rounds import House, fill_house, make_house
from benchmarks.pages import client_of, measure

WORKERS = 2
GOAL_STATEMENTS, GOAL_A_MINUTE = 2, 1_000


def main() -> None:
    """Fill, measure, count, and end with 1 unless every goal holds."""
    options = _options()
    house = make_house()
    rng = random.Random(2026)
    fill_house(
        house,
        lambda maker: ask(house, maker, rng),
        requests=options.requests,
        waiting=options.waiting,
    )
    report = Report()
    report.add(below("statements for 300 decisions", _statements(house), "", GOAL_STATEMENTS))
    for figure in _pages(house, options):
        report.add(figure)
    done = work_at_once(house, workers=WORKERS, seconds=options.seconds)
    for figure in _throughput(done):
        report.add(figure)
    report.end()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure approvals at 200,000 requests.")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--waiting", type=int, default=5_000, help="tasks of one person")
    parser.add_argument("--seconds", type=float, default=60, help="of the two workers")
    parser.add_argument("--views", type=int, default=40, help="of each page")
    return parser.parse_args()


def _statements(house: House) -> int:
    """Return how many statements it takes while nothing is kept, as after a change."""
    settings.LISTEN_FOR_CHANGES = False
    with CaptureQueriesContext(connection) as captured:
        choose_many(FINANCIAL_APPROVAL_V2, house.departments)
    settings.LISTEN_FOR_CHANGES = True
    return len(captured)


def _pages(house: House, options: argparse.Namespace) -> list[Figure]:
    figures = []
    for page, person in _addresses(house):
        spent, queries = measure(page, client_of(person), options.views)
        name = f"{page.name}, {options.requests} requests"
        figures += [
            below(f"{name}: p95", spent, "ms", page.limit_ms),
            below(f"{name}: queries", queries, "queries", page.limit_queries),
        ]
    return figures


def _addresses(house: House) -> list[tuple[Page, User]]:
    """Return the pages with who opens them."""
    busy = house.approvers[0]
    inbox = reverse("approvals:approval_list")
    queries = ("", "?page=40", "?sort=largest", "?flow=v2", "?above=100000")
    asked = busy.approval_tasks.filter(state=TaskState.OPEN).order_by("opened_at")
    requests = [
        reverse("approvals:approval_detail", args=(pk,))
        for pk in asked.values_list("request", flat=True)[:5]
    ]
    flag = reverse("rollout:flag_detail", args=(FINANCIAL_APPROVAL_V2,))
    return [
        (Page("inbox", [inbox + query for query in queries]), busy),
        (Page("a request", requests, limit_queries=24), busy),
        (Page("page of the rollout", [flag]), house.admin),
    ]


def _throughput(done: list[Work]) -> list[Figure]:
    submitted = [pk for work in done for pk in work.submitted]
    rate = 60 * sum(len(work.submitted) / work.seconds for work in done)
    cpu_ms = 1000 * sum(work.cpu_seconds for work in done) / len(submitted)
    lost, doubled = _what_is_wrong(done)
    of = f"of {len(submitted)}"
    return [
        at_least(
            "submitted and decided on two workers", rate, "1/min", of=GOAL_A_MINUTE, share=1
        ),
        Figure("processor time of a worker, one submitted and decided", cpu_ms, "ms"),
        Figure("told that somebody was faster", sum(work.beaten for work in done), of),
        Figure("lost", lost, of, goal="0", holds=lost == 0),
        Figure("doubled", doubled, of, goal="0", holds=doubled == 0),
    ]


def _what_is_wrong(done: list[Work]) -> tuple[int, int]:
    """Return how many submissions and decisions are lost, and how many are there twice.

    Lost is a request that is not there, not approved, or not counted by its subject; also a
    decision that a worker was told of and that is not there, or the other way round.
    """
    submitted = [pk for work in done for pk in work.submitted]
    requests = ApprovalRequest.objects.filter(pk__in=submitted)
    approved = requests.filter(state=RequestState.APPROVED)
    entries = JournalEntry.objects.filter(pk__in=approved.values("subject_id"))
    lost = len(submitted) - entries.filter(state=EntryState.APPROVED).count()
    verdicts = ApprovalDecision.objects.filter(
        request__in=submitted, kind=DecisionKind.APPROVE
    ).order_by()
    told = Counter(pk for work in done for pk in work.approved)
    kept = Counter(verdicts.values_list("request", flat=True))
    lost += (told - kept).total() + (kept - told).total()
    twice = verdicts.values("request", "task__step").annotate(n=Count("pk")).filter(n__gt=1)
    tasks = ApprovalTask.objects.filter(request__in=submitted, state=TaskState.APPROVED)
    doubled = twice.count() + len(submitted) - len(set(submitted))
    return lost, doubled + abs(tasks.count() - verdicts.count())


if __name__ == "__main__":
    main()
