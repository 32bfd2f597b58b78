"""The peer: django-hordak posting transfers by its documented call, in a program of its own.

    python -m benchmarks._hordak      makes the tables, says "ready", then answers each line
                                      PROCESSES SECONDS with the transfers a second

It is given what ours is given, the keys of two accounts and an amount, and reads the accounts
by one query. It runs apart because its applications are no part of ours. It keeps no balance,
no number, no history and no log; each transfer is one row and two legs, checked by its
triggers.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from benchmarks._processes import Prepare, run_processes

ACCOUNTS = 1_000
AHEAD = 1_000


def main() -> None:
    """Set up and answer until the input ends."""
    _set_up()
    account_ids = _make_accounts()
    print("ready", flush=True)
    for line in sys.stdin:
        processes, seconds = line.split()
        done = run_processes(
            _prepared(account_ids),
            processes=int(processes),
            seconds=float(seconds),
            ahead=AHEAD,
        )
        print(done.rate, flush=True)


def _set_up() -> None:
    url = urlsplit(os.environ["PEER_DATABASE_URL"])
    host = parse_qs(url.query).get("host", [url.hostname or ""])[0]
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path.lstrip("/"),
                "USER": unquote(url.username or ""),
                "PASSWORD": unquote(url.password or ""),
                "HOST": host,
                "PORT": str(url.port or ""),
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "mptt",
            "hordak",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        HORDAK_INTERNAL_CURRENCY="CNY",
        CURRENCIES=["CNY"],
    )
    django.setup()
    call_command("migrate", verbosity=0)


def _make_accounts() -> list[int]:
    account = import_module("hordak.models").Account
    return [
        account.objects.create(
            name=f"Account {number}", code=f"{number:05}", type="AS", currencies=["CNY"]
        ).pk
        for number in range(ACCOUNTS)
    ]


def _prepared(account_ids: list[int]) -> Prepare:
    account = import_module("hordak.models").Account
    money = import_module("moneyed").Money

    def prepare(rng: random.Random, key: str) -> Callable[[], int]:
        source, target = rng.sample(account_ids, 2)
        amount = money(Decimal(rng.randint(1, 1_000_000)).scaleb(-2), "CNY")

        def transfer() -> int:
            with transaction.atomic():
                found = account.objects.in_bulk([source, target])
                found[source].transfer_to(found[target], amount, description=key)
            return 1

        return transfer

    return prepare


if __name__ == "__main__":
    main()
