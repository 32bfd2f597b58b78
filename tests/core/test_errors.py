"""Refusals: a stable code, a 4xx, and one sentence in the reader's language."""

from __future__ import annotations

import string

import pytest
from django.apps import apps
from django.utils import translation

from apps.core.errors import FinanceError, InvalidAmount, StaleVersion


def all_refusals() -> list[type[FinanceError]]:
    """Return every kind of refusal in the project."""
    assert apps.ready
    found, waiting = [], [FinanceError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("apps.")]


@pytest.mark.parametrize("kind", all_refusals(), ids=lambda kind: kind.__name__)
def test_every_refusal_is_a_4xx_with_a_stable_code_and_a_sentence(
    kind: type[FinanceError],
) -> None:
    assert 400 <= kind.http_status < 500
    assert set(kind.code) <= set(string.ascii_lowercase + "_")
    assert str(kind.sentence).endswith((".", ")s"))


def test_codes_are_told_apart() -> None:
    codes = [kind.code for kind in all_refusals()]

    assert len(codes) == len(set(codes))


def test_the_sentence_is_filled_and_keeps_its_field() -> None:
    error = InvalidAmount(field="debit", text="1e400", digits=2, currency="CNY")

    assert "“1e400” is not an amount" in str(error)
    assert error.field == "debit"


def test_the_sentence_is_built_when_it_is_read() -> None:
    error = StaleVersion(what="account")

    with translation.override("zh-hans"):
        in_chinese = str(error)

    assert "account" in in_chinese
    assert "account" in str(error)
