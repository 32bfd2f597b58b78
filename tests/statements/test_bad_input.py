"""What is wrong in a file is told by line, field and value, in the language of the reader."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.utils.translation import override

from apps.core.errors import FinanceError
from apps.core.tabular.errors import UnknownEncoding, UnreadableFile
from apps.statements.errors import (
    AmountTooFine,
    BadAmount,
    BadCurrency,
    BadDay,
    BrokenStatement,
    CurrencyOfLine,
    DoctypeRefused,
    FeesDisagree,
    OtherCurrency,
    RunningBalanceDisagrees,
    StatementEndsTooEarly,
    WrongEncoding,
)
from apps.statements.services.samples import guessed_mapping
from tests.statements import files
from tests.statements.reading import read_lines

HEADINGS = (
    "Date",
    "Value date",
    "Net",
    "Gross",
    "Fee",
    "Currency",
    "Gross currency",
    "Balance",
)
GOOD = ("2026-01-15", "2026-01-15", "9.00", "10.00", "1.00", "CNY", "CNY", "9.00")
# A bad cell by its heading, what is refused then, and what the sentence says of the value.
CELLS = [
    ("Date", "2026-02-30", BadDay, "“2026-02-30” is not a day"),
    ("Value date", "soon", BadDay, "“soon” is not a day"),
    ("Net", "9.O0", BadAmount, "“9.O0” is not an amount"),
    ("Gross", "1o.00", BadAmount, "“1o.00” is not an amount"),
    ("Fee", "1.0.0", BadAmount, "“1.0.0” is not an amount"),
    ("Balance", "nine", BadAmount, "“nine” is not an amount"),
    ("Currency", "USD", CurrencyOfLine, "the line is in USD, but the channel is in CNY"),
    ("Gross currency", "YUAN", BadCurrency, "“YUAN” is not the code of a currency"),
    ("Fee", "1.01", FeesDisagree, "10.00 less the fee 1.01 is not 9.00"),
    ("Net", "9.001", FeesDisagree, "less the fee"),
    ("Balance", "10.00", RunningBalanceDisagrees, "should be 18.00, but the file says 10.00"),
]


def rows_with(heading: str, text: str) -> list[tuple[str, ...]]:
    """Return a table of two lines; a cell of the second, in line 3, is bad."""
    second = dict(zip(HEADINGS, GOOD, strict=True)) | {"Balance": "18.00"}
    at = {"Value date": "Net"}.get(heading, heading)
    assert at in second
    return [HEADINGS, GOOD, tuple((second | {heading: text}).values())]


def as_csv(rows: list[tuple[str, ...]]) -> bytes:
    """Return a table as text."""
    return "".join(",".join(row) + "\n" for row in rows).encode()


def as_workbook(rows: list[tuple[str, ...]]) -> bytes:
    """Return a table as XLSX."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def read_table(content: bytes, **changes: Any) -> None:
    """Read a table by the mapping that fits its headings."""
    rules = guessed_mapping(as_csv([HEADINGS])).to_json() | changes
    read_lines("table", content, **rules)


@pytest.mark.parametrize("written", [as_csv, as_workbook])
@pytest.mark.parametrize(("heading", "text", "refusal", "words"), CELLS)
def test_a_bad_cell_is_told_by_line_heading_and_value(
    heading: str, text: str, refusal: type[FinanceError], words: str, written: Any
) -> None:
    told_in = "Fee" if refusal is FeesDisagree else heading

    with pytest.raises(refusal) as refused:
        read_table(written(rows_with(heading, text)))

    assert str(refused.value).startswith(f"Line 3, field “{told_in}”: ")
    assert words in str(refused.value)
    with override("zh-hans"):
        assert str(refused.value).startswith(f"第 3 行，字段“{told_in}”：")


def test_columns_without_headings_are_named_by_their_places() -> None:
    columns = {"date": "#1", "money_in": "#2", "money_out": "#3"}
    rules: dict[str, Any] = {"columns": columns, "has_headings": False}

    with pytest.raises(BadAmount, match="Line 2, field “#3”: “7,O0”"):
        read_lines("table", b'2026-01-15,5.00,\n2026-01-15,,"7,O0"\n', **rules)
    with pytest.raises(BadAmount, match="Line 1, field “#2”: “” is not"):
        read_lines("table", b"2026-01-15,,\n", **rules)
    with pytest.raises(AmountTooFine, match=r"Line 1, field “#3”: -7\.001 does not fit"):
        read_lines("table", b"2026-01-15,,7.001\n", **rules)


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"),
    [
        ("mt940", "260115", "261315", "Line 5, field “:61:”: “261315” is not a day"),
        ("mt940", "250,50", "2505O", "Line 5, field “:61:”: “2505ONTR” is not an amount"),
        ("mt940", "C260114CNY1000,00", "C260114CNY1O", "Line 4, field “:60F:”: “1O” is"),
        ("mt940", "250,50", "250,501", "Line 5, field “:61:”: 250.501 does not fit"),
        ("camt053", "150.00", "1x0.00", "Line 6, field “TxDtls/Amt”: “1x0.00” is not an"),
        ("camt053", "<BookgDt><Dt>2026-01-16", "<BookgDt><Dt>2026-13-16",
         "Line 9, field “BookgDt/Dt”: “2026-13-16” is not a day"),
        ("camt053", '"CNY">1200.00', '"CNY">12oo', "field “Bal/Amt”: “12oo” is not an amount"),
        ("ofx", "-50,50", "-50,5O", "Line 9, field “TRNAMT”: “-50,5O” is not an amount"),
        ("ofx", "<DTPOSTED>20260116", "<DTPOSTED>20261616", "field “DTPOSTED”: “20261616”"),
        ("ofx", "<BALAMT>1200.00", "<BALAMT>all", "field “BALAMT”: “all” is not an amount"),
        ("ofx", "<TRNAMT>-50,50", "", "Line 9, field “TRNAMT”: “” is not an amount"),
        ("wechat", "`0.60", "`0.6O", "Line 2, field “手续费”: “0.6O” is not an amount"),
        ("wechat", "`20.00,`笔", "`2o,`笔", "Line 3, field “退款金额”: “2o” is not an amount"),
        ("wechat", "`2026-01-15 11", "`2026-02-31 11", "Line 3, field “交易时间”: “2026-02-31"),
        ("wechat", "`REFUND,`CNY", "`REFUND,`HKD", "Line 3, field “货币种类”: the line is"),
        ("alipay", ",-20.00,R1", ",-2o,R1", "Line 6, field “商家实收（元）”: “-2o” is not an"),
        ("alipay", "2026-01-15 11:00:05", "11:00:05", "Line 6, field “完成时间”: “11:00:05”"),
        ("psp", "97.10", "97.1O", "Line 2, field “Net”: “97.1O” is not an amount"),
        ("psp", "97.10,CNY", "97.10,EUR", "Line 2, field “Currency”: the line is in EUR"),
    ],
)  # fmt: skip
def test_each_format_names_the_field_as_it_writes_it(
    kind: str, old: str, new: str, words: str
) -> None:
    whole = {"mt940": files.MT940, "camt053": files.CAMT, "ofx": files.OFX, "psp": files.PSP,
             "wechat": files.WECHAT, "alipay": files.ALIPAY}[kind]  # fmt: skip
    assert old in whole

    with pytest.raises(FinanceError) as refused:
        read_lines(kind, whole.replace(old, new, 1).encode())

    assert words in str(refused.value)


def test_a_file_in_one_other_currency_is_told_as_a_whole() -> None:
    with pytest.raises(OtherCurrency, match="The file is in EUR"):
        read_lines("psp", files.PSP.replace("CNY", "EUR").encode())


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [
        ("mt940", files.MT940[: len(files.MT940) // 2].encode(), StatementEndsTooEarly),
        ("camt053", files.CAMT[: len(files.CAMT) // 2].encode(), StatementEndsTooEarly),
        ("ofx", files.OFX[: len(files.OFX) // 2].encode(), StatementEndsTooEarly),
        ("wechat", files.WECHAT[: len(files.WECHAT) // 2].encode(), StatementEndsTooEarly),
        ("alipay", files.ALIPAY[: len(files.ALIPAY) // 2].encode(), StatementEndsTooEarly),
        ("psp", files.PSP[: files.PSP.index(",po_1")].encode(), StatementEndsTooEarly),
        ("psp", files.PSP[: files.PSP.rindex(",CNY")].encode(), StatementEndsTooEarly),
        ("table", as_workbook([HEADINGS, GOOD])[:2000], UnreadableFile),
    ],
)
def test_half_a_file_is_refused(kind: str, content: bytes, refusal: type[FinanceError]) -> None:
    with pytest.raises(refusal):
        read_lines(kind, content)


def test_a_table_that_stops_inside_a_row_is_refused_but_a_short_total_is_none() -> None:
    half = as_csv([HEADINGS, GOOD])[:-8]

    with pytest.raises(StatementEndsTooEarly, match="after line 2"):
        read_table(half)
    read_table(as_csv([HEADINGS, GOOD]) + "合计".encode())
    read_table(as_csv([HEADINGS, GOOD])[:-1])


@pytest.mark.parametrize(
    ("named", "written", "words"),
    [
        ("utf-8-sig", "gb18030", "in UTF-8, but it is in GBK / GB18030"),
        ("gb18030", "utf-8", "in GBK / GB18030, but it is in UTF-8"),
        ("cp1252", "utf-8", "in Windows-1252, but it is in UTF-8"),
        ("gb18030", "utf-16", "in GBK / GB18030, but it is in UTF-16"),
        ("utf-8-sig", "utf-16", "in UTF-8, but it is in UTF-16"),
        ("utf-16", "utf-8", "in UTF-16, but it is in UTF-8"),
    ],
)
def test_a_file_in_another_encoding_than_the_mapping_says_is_refused(
    named: str, written: str, words: str
) -> None:
    content = files.CSV.encode(written)
    rules = guessed_mapping(files.CSV.encode()).to_json()

    with pytest.raises(WrongEncoding) as refused:
        read_lines("table", content, **rules | {"encoding": named})

    assert words in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_file_in_the_encoding_that_the_mapping_says_is_read(encoding: str) -> None:
    rules = guessed_mapping(files.CSV.encode()).to_json()
    content = files.CSV.encode(encoding)

    _found, (part,) = read_lines("table", content, **rules | {"encoding": encoding})

    assert part.lines[0].counterparty == "甲公司"


def test_bytes_that_are_in_no_encoding_are_refused() -> None:
    with pytest.raises(UnknownEncoding):
        read_lines("table", "Müller".encode("cp1252") * 3 + b"\n", columns={"date": "#1"})


def test_an_encoding_that_xml_does_not_know_names_the_first_line() -> None:
    with pytest.raises(BrokenStatement, match=r"Line 1 cannot be read: “<.xml version"):
        read_lines("camt053", files.CAMT.replace("UTF-8", "x-none").encode())
    with pytest.raises(BrokenStatement, match="Line 7 cannot be read: “<NtryDtls>"):
        read_lines("camt053", files.CAMT.replace("Alpha", "甲").encode("gb18030"))


def test_a_bomb_of_entities_is_not_unfolded() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a19;</x>'

    with pytest.raises(DoctypeRefused):
        read_lines("camt053", bomb.encode())


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    stream = io.BytesIO(as_workbook([HEADINGS, GOOD]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 300_000_000)

    with pytest.raises(FinanceError, match=r"MB|unpack|large"):
        read_table(stream.getvalue())


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mt940", files.MT940.replace("D50,N", "D0,N").replace("CNY1200,00", "CNY1250,00")),
        ("camt053", files.CAMT.replace(">50.00<", ">0.00<").replace("1200.00", "1250.00")),
        ("ofx", files.OFX.replace("-50,50", "-0.00").replace("1200.00", "1250.50")),
        ("psp", files.PSP.replace("-20.00,0.00,-20.00", "-0.00,-0.00,-0.00")),
        ("wechat", files.WECHAT.replace("`20.00", "`-0.00").replace("`-0.12", "`-0.00")
            .replace("`0.48", "`0.60")),
        ("alipay", files.ALIPAY.replace("100.00", "-0.00").replace("-0.60", "-0.00")),
    ],
)  # fmt: skip
def test_zero_is_never_negative(kind: str, text: str) -> None:
    _found, (part,) = read_lines(kind, text.encode())

    zeros = [str(line.amount) for line in part.lines if not line.amount]
    assert zeros == ["0.00"]
    assert not any(line.amount.is_signed() for line in part.lines if not line.amount)
