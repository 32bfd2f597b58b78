"""What is proposed to settle what: the same document, the same amount, else the oldest."""

from __future__ import annotations

from decimal import Decimal

from apps.ledgers.domain.item_matching import Candidate, propose


def one(number: int, amount: str, text: str = "") -> Candidate:
    return Candidate(number, Decimal(amount), text)


def test_the_same_document_comes_first() -> None:
    items = [
        one(1, "100", "Sale INV-0001"),
        one(2, "90", "Sale INV-0002"),
        one(3, "-100", "inv-0002"),
    ]

    assert propose(items) == {2: Decimal(90), 3: Decimal(90)}


def test_else_the_same_amount() -> None:
    items = [one(1, "70"), one(2, "100"), one(3, "-100")]

    assert propose(items) == {2: Decimal(100), 3: Decimal(100)}


def test_else_the_oldest_until_the_smaller_side_is_used_up() -> None:
    items = [one(1, "70"), one(2, "60"), one(3, "-100")]

    assert propose(items) == {1: Decimal(70), 2: Decimal(30), 3: Decimal(100)}


def test_each_item_is_proposed_once() -> None:
    items = [one(1, "50"), one(2, "50"), one(3, "-50"), one(4, "-50")]

    assert propose(items) == dict.fromkeys((1, 2, 3, 4), Decimal(50))


def test_one_side_alone_has_no_proposal() -> None:
    assert propose([one(1, "50")]) == {}
