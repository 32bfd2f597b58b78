"""Server time and queries of every page that reads books, at a million lines.

Requests run one after another through the whole middleware, sessions included, by Django's
test client: what is measured is the server's work for one answer, without a network. Each
page is asked for with several addresses in turn, the first round being thrown away.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    django.setup()

from django.db import connection
from django.test import Client

from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.organizations.services.people import create_user, grant_role
from benchmarks._addresses import Page, pages_of
from benchmarks._books import Books, make_books
from benchmarks._report import Report, below
from benchmarks.fill import fill_books
from finance_mis import wsgi as wsgi  # noqa: PLC0414  (keeps what is loaded, as a server does)

REQUESTS = 40


class SlowOrWrong(Exception):
    """A page did not answer with what was asked for."""


def measure(page: Page, client: Client, requests: int) -> tuple[float, int]:
    """Return the 95th percentile in milliseconds and the most queries of one answer."""
    addresses = list(islice(cycle(page.addresses), max(requests, len(page.addresses))))
    queries = max(_queries(client, address) for address in page.addresses)
    times = sorted(_milliseconds(client, address) for address in addresses)
    return times[int(len(times) * 0.95)], queries


def _milliseconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    answer = client.get(address)
    spent = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise SlowOrWrong(f"{address}: {answer.status_code}")
    return spent


def _queries(client: Client, address: str) -> int:
    with _counted() as statements:
        _milliseconds(client, address)
    return len(statements)


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(execute: Any, sql: str, parameters: Any, many: Any, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield statements


def _client(role: Role, books: Books) -> Client:
    """Return the browser of somebody who may see the pages."""
    name = f"{books.ledger.code}-reads-as-{role}"
    person = User.objects.filter(username=name).first()
    if person is None:
        system = User.objects.get(username="system")
        person = create_user(
            actor=system,
            organization=books.ledger.organization,
            username=name,
            password=None,
        )
        grant_role(person, role, actor=system)
    return client_of(person)


def client_of(person: User) -> Client:
    """Return the browser of somebody who is signed in."""
    client = Client(headers={"accept-language": "en", "host": "localhost"})
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def main() -> None:
    """Fill books and report every page."""
    parser = argparse.ArgumentParser(description="Measure the pages at a million lines.")
    parser.add_argument("--entries", type=int, default=250_000)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    options = parser.parse_args()
    books = make_books("pages")
    lines = fill_books(books, entries=options.entries)
    report = Report()
    clients = {role: _client(role, books) for role in Role}
    for page in pages_of(books):
        if options.only in page.name:
            own = page.visitor_id and client_of(User.objects.get(pk=page.visitor_id))
            spent, queries = measure(page, own or clients[page.role], options.requests)
            name = f"{page.name}, {lines} lines"
            report.add(below(f"{name}: p95", spent, "ms", page.limit_ms))
            report.add(below(f"{name}: queries", queries, "queries", page.limit_queries))
    report.end()


if __name__ == "__main__":
    main()
