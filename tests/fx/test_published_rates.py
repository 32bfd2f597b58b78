"""Reading files as the ECB publishes them, and refusing all others with the line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.fx.domain.ecb import PublishedRate, read_rates
from apps.fx.errors import BrokenRates, RatesTooLarge, UnreadableRates
from apps.fx.services import published_files
from apps.fx.services.published_files import text_of
from tests.fx.files import HISTORY, zipped

TODAY = date(2026, 11, 1)
DAILY = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
  xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time='2026-10-30'><Cube currency='USD' rate='1.1172'/>
<Cube currency='CNY' rate='7.4326'/></Cube></Cube></gesmes:Envelope>"""


def test_the_history_is_read_without_what_is_not_available() -> None:
    rates = read_rates(HISTORY, today=TODAY)

    assert len(rates) == 5
    assert rates[0] == PublishedRate(date(2026, 10, 30), "USD", Decimal("1.1172"))
    assert [rate.currency for rate in rates if rate.day == date(1999, 1, 4)] == ["USD", "TRL"]


def test_a_file_from_windows_is_read_too() -> None:
    text = text_of(b"\xef\xbb\xbf" + HISTORY.replace("\n", "\r\n").encode())

    assert read_rates(text, today=TODAY) == read_rates(HISTORY, today=TODAY)


def test_the_daily_xml_is_read() -> None:
    rates = read_rates(DAILY, today=TODAY)

    assert [(rate.currency, str(rate.rate)) for rate in rates] == [
        ("USD", "1.1172"),
        ("CNY", "7.4326"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("Date,USD", "Datum,USD", 1),
        ("USD,CNY,", "USD,USD,", 1),
        ("USD,CNY,", "USD,QQQ,", 1),
        ("2026-10-29", "2026-10-30", 3),
        ("2026-10-29", "2026-13-29", 3),
        ("2026-10-29", "29.10.2026", 3),
        ("2026-10-30", "2027-10-30", 2),
        ("7.4326", "7,4326", 2),
        ("7.4326", "-7.4326", 2),
        ("7.4326", "0.0000", 2),
        ("7.4326", "NaN", 2),
        ("7.4326", "７.4326", 2),
        ("1.113,", "", 3),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(before: str, after: str, line: int) -> None:
    assert before in HISTORY

    with pytest.raises(BrokenRates) as caught:
        read_rates(HISTORY.replace(before, after, 1), today=TODAY)

    assert caught.value.values["line"] == line
    assert f"Line {line}:" in str(caught.value)


@pytest.mark.parametrize("length", range(1, len(HISTORY) - 1, 7))
def test_a_file_that_was_cut_off_is_refused(length: int) -> None:
    part = HISTORY[:length]
    whole_rows = part.endswith("\n") and part.count("\n") > 1

    if not whole_rows:
        with pytest.raises(BrokenRates):
            read_rates(part, today=TODAY)


@pytest.mark.parametrize(
    "xml",
    [
        DAILY[:-10],
        DAILY.replace("'USD'", "'usd'"),
        DAILY.replace("1.1172", "1e3"),
        DAILY.replace("2026-10-30", "today"),
        DAILY.replace("Cube", "Cub"),
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
)
def test_a_wrong_xml_is_refused(xml: str) -> None:
    with pytest.raises(BrokenRates):
        read_rates(xml, today=TODAY)


def test_the_one_csv_of_a_zip_is_unpacked() -> None:
    assert text_of(zipped(HISTORY)) == HISTORY


def test_a_broken_zip_is_refused() -> None:
    packed = zipped(HISTORY)

    for wrong in (packed[:-30], packed[:40] + b"xx" + packed[42:], b"PK\x03\x04", b"\xff\xfe"):
        with pytest.raises(UnreadableRates):
            text_of(wrong)
    with pytest.raises(UnreadableRates):
        text_of(zipped(HISTORY, names=("a.csv", "b.csv")))


def test_a_zip_that_unpacks_to_far_more_is_refused() -> None:
    with pytest.raises(RatesTooLarge):
        text_of(zipped("0" * (published_files.MAX_UNPACKED_BYTES + 1)))
    with pytest.raises(RatesTooLarge):
        text_of(b" " * (published_files.MAX_BYTES + 1))
