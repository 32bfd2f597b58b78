"""What is logged shows no numbers of cards and accounts, and no secrets."""

from __future__ import annotations

from apps.core.masking import mask


def test_it_keeps_the_last_four_digits_of_long_numbers() -> None:
    assert mask("card 6222021234567890123, tel 13912345678") == "card ***0123, tel ***5678"


def test_it_leaves_amounts_and_dates_alone() -> None:
    text = "2026-11-24 1234567.89 JV-2026-11-0412"

    assert mask(text) == text


def test_it_hides_what_stands_under_a_secret_key() -> None:
    masked = mask({"user": "li", "Password": "x", "nested": [{"api_token": "y", "n": 1}]})

    assert masked == {"user": "li", "Password": "***", "nested": [{"api_token": "***", "n": 1}]}
