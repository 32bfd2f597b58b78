"""Whatever is split, matched, undone and run: nothing is lost, and of two people one wins."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.core.errors import FinanceError
from apps.ledgers.models import JournalLine
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.reconciliation.models import Break, MatchedItem, RowSplit
from apps.reconciliation.services.break_matching import match_by_hand, undo_match
from apps.reconciliation.services.break_splitting import split_row, undo_split
from apps.statements.models import Channel, StatementLine
from tests.factories import make_account, make_user
from tests.ledgers.test_races import at_once
from tests.reconciliation.test_break_splitting import make_open, split, the_line
from tests.reconciliation.world import DAYS, make_books, post, run_now
from tests.statements.world import make_line, make_statement, read

STEPS = 14


def make_world(chance: random.Random) -> tuple[Channel, User]:
    """Return a channel with rows of both sides that mostly do not agree."""
    amounts = [f"{chance.randint(200, 9_000) / 100:.2f}" for _row in range(6)]
    channel = make_books(*((f"R-{n}", amount) for n, amount in enumerate(amounts[:3])))
    lines = [make_line(f"{-Decimal(amounts[3])}", "R-8", number=8)]
    lines += [make_line(amount, f"R-{n}", number=n) for n, amount in enumerate(amounts[4:], 1)]
    make_statement(channel, read(*lines, **DAYS))
    run_now(channel)
    return channel, make_user(channel.organization, Role.ACCOUNTANT)


def some_parts(amount: Decimal, chance: random.Random) -> list[Decimal]:
    """Return two to four parts of an amount."""
    sign, cents = (-1 if amount < 0 else 1), int(abs(amount) * 100)
    cuts = sorted(chance.sample(range(1, cents), min(chance.randint(1, 3), cents - 1)))
    edges = [0, *cuts, cents]
    pairs = itertools.pairwise(edges)
    return [sign * Decimal(high - low).scaleb(-2) for low, high in pairs]


def split_one(channel: Channel, user: User, chance: random.Random) -> None:
    """Split an open row."""
    rows = Break.objects.filter(channel=channel).exclude(state="resolved")
    found = chance.choice(list(rows.order_by("pk")))
    parts = [(amount, "") for amount in some_parts(found.amount, chance)]
    split_row(found, parts, version=found.version, actor=user)


def match_some(channel: Channel, user: User, chance: random.Random) -> None:
    """Book what a part is about, and match both by hand."""
    rows = Break.objects.filter(channel=channel, side="statement").exclude(state="resolved")
    found = chance.choice(list(rows.order_by("pk")))
    other = make_account(channel.ledger)
    post(channel.ledger, channel.account, other, "HAND", str(found.amount))
    run_now(channel)
    ours = Break.objects.exclude(state="resolved").filter(side="book", amount=found.amount)
    seen = dict(
        Break.objects.filter(pk__in=[found.pk, ours[0].pk]).values_list("pk", "version")
    )
    match_by_hand(channel, seen, actor=user)


def run_again(channel: Channel, _user: User, chance: random.Random) -> None:
    """Run, sometimes after an entry that a part waits for was posted."""
    rows = list(RowSplit.objects.filter(side="statement", is_undone=False).order_by("pk"))
    if rows and chance.random() > 0.3:
        part = chance.choice(list(chance.choice(rows).parts.all()))
        line = StatementLine.objects.get(pk=part.line_id)
        other = make_account(channel.ledger)
        post(channel.ledger, channel.account, other, line.reference, str(part.amount))
    run_now(channel)


def undo_one(channel: Channel, user: User, chance: random.Random) -> None:
    """Undo a split or a match."""
    found = list(RowSplit.objects.filter(channel=channel, is_undone=False).order_by("pk"))
    if found and chance.random() > 0.3:
        undo_split(one := chance.choice(found), version=one.version, actor=user, reason="no")
    elif match := channel.hand_matches.filter(is_undone=False).first():
        undo_match(match, version=match.version, actor=user, reason="no")


def sums(channel: Channel) -> tuple[Decimal, Decimal]:
    """Return what rows of both sides in buckets come to."""
    rows = MatchedItem.objects.filter(channel=channel).values_list("side", "amount")
    ours = sum(amount for side, amount in rows if side == "book")
    theirs = sum(amount for side, amount in rows if side == "statement")
    return Decimal(ours), Decimal(theirs)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_after_any_steps_rows_in_buckets_are_the_lines(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (rows to try, the same each time)
    channel, user = make_world(chance)
    steps: list[Callable[[Channel, User, random.Random], None]] = [
        split_one, split_one, split_one, match_some, run_again, undo_one
    ]  # fmt: skip
    done = 0

    for _step in range(STEPS):
        try:
            chance.choice(steps)(channel, user, chance)
            done += 1
        except (FinanceError, IndexError):
            continue

    run_now(channel)
    ours = JournalLine.objects.filter(account=channel.account)
    assert sums(channel) == (
        sum(line.amount for line in ours),
        sum(line.amount for line in StatementLine.objects.all()),
    )
    assert done > STEPS // 2
    assert RowSplit.objects.exists()
    call_command("verify_books")


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_split_the_same_row_one_is_told() -> None:
    channel, user = make_open()
    other, found = make_user(channel.organization, Role.SENIOR_ACCOUNTANT), the_line()

    results = at_once([
        lambda: split(found, "60.00", "40.00", actor=user),
        lambda: split(found, "50.00", "50.00", actor=other),
    ])  # fmt: skip

    assert sorted(type(one).__name__ for one in results) == ["BreakIsTaken", "RowSplit"]
    assert MatchedItem.objects.count() == 2
    call_command("verify_books")


@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_matched_while_its_split_is_undone_is_in_one_place() -> None:
    channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    pair = Break.objects.filter(amount=60).exclude(state="resolved")
    seen = dict(pair.values_list("pk", "version"))

    results = at_once([
        lambda: undo_split(made, version=1, actor=user, reason="wrong"),
        lambda: match_by_hand(channel, seen, actor=user),
    ])  # fmt: skip

    assert sum(isinstance(one, FinanceError) for one in results) == 1
    call_command("verify_books")
