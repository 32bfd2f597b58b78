"""Each format says the same money, and a file that says too little is refused."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from apps.core.errors import FinanceError
from apps.core.tabular.errors import OldWorkbook, UnreadableFile
from apps.statements.domain.amounts import decimal_sign, parse_amount
from apps.statements.domain.formats.bills import read_alipay, read_wechat
from apps.statements.domain.formats.camt import read_camt
from apps.statements.domain.formats.mt940 import read_mt940
from apps.statements.domain.formats.ofx import read_ofx
from apps.statements.domain.gaps import Gap, Span, gaps
from apps.statements.domain.mapping import TableMapping, guess_columns
from apps.statements.domain.values import ReadStatement
from apps.statements.errors import (
    AmountTooFine,
    BadAmount,
    BadDay,
    BalancesDisagree,
    BrokenStatement,
    ColumnMissing,
    DoctypeRefused,
    FeesDisagree,
    NotThisFormat,
    OtherAccount,
    OtherCurrency,
    RunningBalanceDisagrees,
    StatementEndsTooEarly,
    TotalsDisagree,
)
from apps.statements.services.samples import guessed_mapping, head_of
from tests.factories import DAY
from tests.statements import files
from tests.statements.reading import read_lines


def read(
    kind: str, text: str | bytes, account: str = files.ACCOUNT, **rules: Any
) -> ReadStatement:
    """Return the first statement of a file."""
    content = text.encode() if isinstance(text, str) else text
    return read_lines(kind, content, account, **rules)[1][0]


def table_rules(content: bytes) -> dict[str, Any]:
    """Return the rules that are found out for a table."""
    return guessed_mapping(content).to_json()


def test_mt940_keeps_long_references_and_signs_reversals() -> None:
    part = read("mt940", files.MT940)

    assert [str(line.amount) for line in part.lines] == ["250.50", "-50.00", "-0.50"]
    first, second, third = part.lines
    assert (first.reference, first.partner_reference) == ("INV-2026-000000042", "BANK-REF-1")
    assert (first.counterparty, second.reference) == ("Alpha Ltd& Co", "E-77")
    assert (str(third.booked_on), str(third.value_on)) == ("2026-01-01", "2025-12-31")
    assert part.total == Decimal(200)
    assert [part.opening, part.closing] == [Decimal(1000), Decimal(1200)]


def test_mt940_takes_the_reference_of_who_ordered_where_there_is_no_other() -> None:
    text = files.MT940.replace("NMSCNONREF", "NMSCKREF+").replace(
        "EREF+E-77", "EREF+NONREF?21KREF+Order 9?22 and moreSVWZ+x"
    )

    assert read("mt940", text).lines[1].reference == "Order 9and more"


def test_camt_divides_a_batch_and_leaves_out_what_is_not_booked() -> None:
    part = read("camt053", files.CAMT)

    assert [line.amount for line in part.lines] == [100, 150, -50]
    assert [line.reference for line in part.lines] == ["INV-1", "INV-2", ""]
    assert part.lines[0].counterparty == "Alpha"
    assert part.lines[2].number == 9


def test_ofx_is_read_without_end_tags() -> None:
    part = read("ofx", files.OFX)

    assert [str(line.amount) for line in part.lines] == ["250.50", "-50.50"]
    assert (part.lines[0].counterparty, part.lines[1].reference) == ("Alpha & Co", "100")
    assert [part.opening, part.closing] == [Decimal(1000), Decimal(1200)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_any_encoding_with_its_totals_and_balances(encoding: str) -> None:
    content = files.CSV.encode(encoding)

    part = read("table", content, "", **table_rules(content))

    assert [str(line.amount) for line in part.lines] == ["1250.50", "-50.50"]
    assert [part.opening, part.closing] == [Decimal(1000), Decimal(2200)]
    assert part.lines[0].counterparty == "甲公司"


def test_a_workbook_is_read_like_a_csv() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    for number, row in enumerate([("Date", "Amount"), ("2026-01-15", 0.1), ("2026-01-16", -3)]):
        sheet.write_row(number, 0, row)
    book.close()
    content = stream.getvalue()

    part = read("table", content, "", **table_rules(content))

    assert [str(line.amount) for line in part.lines] == ["0.10", "-3.00"]


def test_a_decimal_comma_is_found_out() -> None:
    text = "Buchungstag;Betrag;Text\n2026-01-15;-1.234,56;Miete\n2026-01-16;7,00;x\n"

    part = read("table", text, "", **table_rules(text.encode()))

    assert [str(line.amount) for line in part.lines] == ["-1234.56", "7.00"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_bills_of_wallets_are_compared_with_their_own_totals(encoding: str) -> None:
    for kind, text in (("wechat", files.WECHAT), ("alipay", files.ALIPAY)):
        part = read(kind, text.encode(encoding), "")

        assert [str(line.amount) for line in part.lines] == ["99.40", "-19.88"]
        assert [line.fee for line in part.lines] == [Decimal("0.60"), Decimal("-0.12")]
    with pytest.raises(TotalsDisagree):
        read("wechat", files.WECHAT.replace("`0.48", "`0.49"), "")
    with pytest.raises(TotalsDisagree):
        read("alipay", files.ALIPAY.replace("1笔，商家实收共", "2笔，商家实收共"), "")


def test_a_zip_of_alipay_holds_details_and_a_summary() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("业务明细.csv", files.ALIPAY.encode("gb18030"))
        archive.writestr("业务明细(汇总).csv", "x")

    assert len(read("alipay", stream.getvalue(), "").lines) == 2


def test_gross_less_fee_is_net_on_every_line_of_a_provider() -> None:
    part = read("psp", files.PSP, "")

    assert [str(line.amount) for line in part.lines] == ["97.10", "-20.00"]
    assert {line.batch for line in part.lines} == {"po_1"}
    with pytest.raises(FeesDisagree, match="Line 2"):
        read("psp", files.PSP.replace("97.10", "97.11"), "")


@pytest.mark.parametrize(
    ("kind", "text", "refusal"),
    [
        ("mt940", files.MT940.replace("250,50N", "250,51N"), BalancesDisagree),
        ("mt940", files.MT940[:250], StatementEndsTooEarly),
        ("mt940", files.MT940.replace("260115", "261315"), BadDay),
        ("mt940", files.MT940.replace("CR250,50", "XX250,50"), BrokenStatement),
        ("mt940", files.MT940.replace("60F:C260114CNY", "60F:C260114USD"), BrokenStatement),
        ("mt940", files.MT940.replace(files.ACCOUNT, "42"), OtherAccount),
        ("mt940", files.CSV, NotThisFormat),
        ("camt053", files.CAMT[:-60], StatementEndsTooEarly),
        ("camt053", files.CAMT.replace("150.00", "1x0.00"), BadAmount),
        ("camt053", files.CAMT.replace("<Ccy>CNY", "<Ccy>USD"), OtherCurrency),
        ("camt053", files.BOMB, DoctypeRefused),
        ("camt053", "<a/>", NotThisFormat),
        ("ofx", files.OFX[:-30], StatementEndsTooEarly),
        ("ofx", files.OFX.replace("-50,50", "-50,50x"), BadAmount),
        ("ofx", "<!DOCTYPE OFX>" + files.OFX, DoctypeRefused),
        ("psp", files.PSP.replace("97.10", "97.1O"), BadAmount),
        ("psp", files.PSP.replace("100.00,2.90,97.10", "100.001,0,100.001"), AmountTooFine),
        ("wechat", files.WECHAT[: files.WECHAT.index("总")], StatementEndsTooEarly),
        (
            "alipay",
            files.ALIPAY[: files.ALIPAY.index("#-----业务明细列表结")],
            StatementEndsTooEarly,
        ),
        ("table", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OldWorkbook),
        ("alipay", b"PK\x03\x04broken", UnreadableFile),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(
    kind: str, text: str, refusal: type[FinanceError]
) -> None:
    account = "" if kind in {"psp", "wechat", "alipay", "table"} else files.ACCOUNT

    with pytest.raises(refusal):
        read(kind, text, account)


def test_a_changed_balance_or_total_of_a_table_names_its_place() -> None:
    rules = table_rules(files.CSV.encode())

    with pytest.raises(RunningBalanceDisagrees, match="Line 4"):
        read("table", files.CSV.replace("2,200.00", "2,200.01"), "", **rules)
    with pytest.raises(TotalsDisagree):
        read("table", files.CSV.replace('合计,"1,250.50"', "合计,1.00"), "", **rules)
    with pytest.raises(ColumnMissing):
        read("table", files.CSV.replace("交易日期", "日子"), "", **rules)


@pytest.mark.parametrize(
    ("text", "sign", "amount"),
    [
        ("-0.00", ".", "0"),
        ("(1,234.50)", ".", "-1234.50"),
        ("12.00-", ".", "-12.00"),
        ("￥1 234,5", ",", "1234.5"),
        ("－１２", ".", "-12"),
    ],
)
def test_amounts_are_read_as_banks_write_them(text: str, sign: str, amount: str) -> None:
    assert str(parse_amount(text, 1, sign)) == amount


@pytest.mark.parametrize("text", ["", "-", "1e5", "1,23.4", "NaN", "1.2.3", "١٢", "1" * 40])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        parse_amount(text, 1)


def test_the_decimal_sign_is_what_the_file_shows() -> None:
    assert decimal_sign(["1,234", "1.234,5"]) == ","
    assert decimal_sign(["1,234", "5"]) == "."
    assert decimal_sign(["1,5"]) == ","


def test_a_gap_is_told_and_an_overlap_is_none() -> None:
    days = [DAY.replace(day=day) for day in (1, 10, 11, 20, 21, 31)]
    first = Span(days[0], days[1], Decimal(0), Decimal(5))
    second = Span(days[2], days[3], Decimal(5), Decimal(9))
    third = Span(days[4], days[5], Decimal(9), Decimal(4))
    whole = Span(days[0], days[5], Decimal(0), Decimal(4))

    assert gaps([third, first, second]) == []
    assert gaps([first, whole]) == []
    assert gaps([first, third]) == [Gap(days[1], days[4], Decimal(5), Decimal(9))]
    assert gaps([first, third])[0].difference == 4


def test_headings_are_recognised_once() -> None:
    guessed = guess_columns(("日期", "收入", "支出", "余额"))

    assert guessed == {
        "date": "日期",
        "money_in": "收入",
        "money_out": "支出",
        "balance": "余额",
    }
    assert TableMapping.from_json({"columns": guessed, "unknown": 1}).columns == guessed
    assert len(head_of(files.CSV.encode(), {})) == 5
    assert head_of(b"a;b\n", {"delimiter": ";"}) == [(1, ["a", "b"])]


def test_readers_take_rows_and_texts_alone() -> None:
    assert read_mt940(files.MT940)[0].currency == "CNY"
    assert read_ofx(files.OFX)[0].currency == "CNY"
    assert read_camt(files.CAMT.encode())[0].currency == "CNY"
    for reader in (read_wechat, read_alipay):
        with pytest.raises(NotThisFormat):
            reader([(1, ["x"])])
