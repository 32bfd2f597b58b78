"""How the columns of a file become the fields of journal entries.

Each field has a source, a text in which `{heading}` stands for the cell of that column:

    date             {Buchungstag}           a column
    account          2011.{account_id}       a text around a column
    counter_account  1002                    a fixed value
    dimension.dept   {Abteilung}

`entry` groups rows into entries. Without it each row is an entry when there is a counter
account, which takes the other side of every row; else the whole file is one entry.
Amounts come from `debit` and `credit`, or from `amount`, signed (debit positive) or with
the side named by `direction`. A negative amount on a named side is a red-letter line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.ledgers.import_errors import (
    AmountsTwice,
    ColumnIsMissing,
    UnknownColumn,
    UnknownField,
)

FIELDS = (
    "entry",
    "date",
    "word",
    "summary",
    "account",
    "debit",
    "credit",
    "amount",
    "direction",
    "currency",
    "rate",
    "counter_account",
)
DIMENSION = "dimension."

DEBIT_WORDS = ("debit", "dr", "d", "借", "借方", "1", "+")
CREDIT_WORDS = ("credit", "cr", "c", "贷", "贷方", "-1", "-")

# What headings of common exports say, folded by `_fold`.
_HEADINGS = {
    "entry": "entry entryno entrynumber entrykey entryid voucher voucherno vouchernumber "
    "journal journalno transactionid transaction "
    "凭证号 凭证编号 凭证号数 凭证 分录号 流水号 单据号",
    "date": "date entrydate postingdate bookingdate voucherdate "
    "日期 凭证日期 记账日期 制单日期 交易日期 业务日期",
    "word": "word type journaltype vouchertype voucherword 凭证字 凭证类别 凭证类型 字",
    "summary": "summary description memo text narration purpose details 摘要 说明 备注 用途",
    "account": "account accountcode accountno accountnumber ledgeraccount glaccount code "
    "科目 科目编码 科目代码 会计科目 科目编号",
    "debit": "debit dr debitamount 借方 借方金额 借方发生额 借",
    "credit": "credit cr creditamount 贷方 贷方金额 贷方发生额 贷",
    "amount": "amount value sum signedamount 金额 发生额",
    "direction": "direction side drcr dc debitcredit 方向 借贷 借贷方向",
    "currency": "currency ccy currencycode 币种 币别 货币",
    "rate": "rate exchangerate fxrate 汇率",
    "counter_account": "counteraccount contraaccount offsetaccount 对方科目",
}
_FIELD_OF_HEADING = {
    heading: name for name, headings in _HEADINGS.items() for heading in headings.split()
}
_PLACE = re.compile(r"\{([^{}]+)\}")

Cells = Sequence[str]
Source = Callable[[Cells], str]


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """Where each field comes from, which words name a side, and what may be made new."""

    sources: Mapping[str, str]
    debit_words: tuple[str, ...] = ()
    credit_words: tuple[str, ...] = ()
    # The group under which missing accounts are made; "" makes none.
    create_accounts_under: str = ""
    create_periods: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return what is stored with the import."""
        return {
            "sources": dict(self.sources),
            "debit_words": list(self.debit_words),
            "credit_words": list(self.credit_words),
            "create_accounts_under": self.create_accounts_under,
            "create_periods": self.create_periods,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ImportMapping:
        """Read what `to_json` gave; an empty one for an import that is not mapped yet."""
        return cls(
            sources=dict(stored.get("sources", {})),
            debit_words=tuple(stored.get("debit_words", ())),
            credit_words=tuple(stored.get("credit_words", ())),
            create_accounts_under=stored.get("create_accounts_under", ""),
            create_periods=bool(stored.get("create_periods")),
        )

    def side_of(self, text: str) -> int:
        """Return +1 for a word of debit, −1 for one of credit, 0 for neither."""
        word = text.strip().casefold()
        if word in {known.casefold() for known in self.debit_words or DEBIT_WORDS}:
            return 1
        if word in {known.casefold() for known in self.credit_words or CREDIT_WORDS}:
            return -1
        return 0


@dataclass(frozen=True, slots=True)
class RowTexts:
    """The texts of one row, by field; a field without a source is ""."""

    number: int
    texts: Mapping[str, str]
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return the text of a field."""
        return self.texts.get(name, "")


def column_labels(headers: Iterable[str]) -> tuple[str, ...]:
    """Return a name for each column: its heading, told apart where two are alike."""
    labels: list[str] = []
    for place, header in enumerate(headers, start=1):
        label = header.replace("{", "(").replace("}", ")") or f"#{place}"
        labels.append(label if label not in labels else f"{label} #{place}")
    return tuple(labels)


def guess_sources(labels: Iterable[str], dimension_names: Mapping[str, str]) -> dict[str, str]:
    """Guess the source of each field by the headings; `dimension_names` is name → code."""
    guessed: dict[str, str] = {}
    known = {_fold(name): f"{DIMENSION}{code}" for name, code in dimension_names.items()}
    for label in labels:
        name = _FIELD_OF_HEADING.get(_fold(label)) or known.get(_fold(label))
        if name and name not in guessed:
            guessed[name] = f"{{{label}}}"
    if "debit" in guessed and "credit" in guessed:
        guessed.pop("amount", None)
    if "amount" not in guessed:
        guessed.pop("direction", None)
    return guessed


def check_mapping(mapping: ImportMapping, labels: Sequence[str]) -> None:
    """Check that the mapping gives everything that an entry needs.

    Raises:
        UnknownField, UnknownColumn, ColumnIsMissing, AmountsTwice: with the field.
    """
    sources = mapping.sources
    for name, template in sources.items():
        if name not in FIELDS and not name.startswith(DIMENSION):
            raise UnknownField(field=name, name=name)
        for column in _PLACE.findall(template):
            if column not in labels:
                raise UnknownColumn(field=name, column=column)
    has_columns = bool(sources.get("debit") or sources.get("credit"))
    if has_columns and (sources.get("amount") or sources.get("direction")):
        raise AmountsTwice(field="amount")
    wanted = ["date", "account"] if has_columns else ["date", "account", "amount"]
    for name in wanted:
        if not sources.get(name):
            raise ColumnIsMissing(field=name, name=name)


def row_reader(
    mapping: ImportMapping, labels: Sequence[str]
) -> Callable[[int, Cells], RowTexts]:
    """Return the function that turns the cells of a row into the texts of its fields."""
    places = {label: place for place, label in enumerate(labels)}
    fields: dict[str, Source] = {}
    dimensions: dict[str, Source] = {}
    for name, template in mapping.sources.items():
        if not template:
            continue
        if name.startswith(DIMENSION):
            dimensions[name.removeprefix(DIMENSION)] = _source(template, places)
        else:
            fields[name] = _source(template, places)

    def read(number: int, cells: Cells) -> RowTexts:
        return RowTexts(
            number,
            {name: source(cells) for name, source in fields.items()},
            {code: text for code, source in dimensions.items() if (text := source(cells))},
        )

    return read


def words_of(text: str) -> tuple[str, ...]:
    """Split a list of words that a person wrote with commas or spaces."""
    return tuple(filter(None, re.split(r"[\s,，、;]+", text)))


def _source(template: str, places: Mapping[str, int]) -> Source:
    """Compile a template; a template whose columns are all empty gives ""."""
    columns = [places[name] for name in _PLACE.findall(template)]
    if not columns:
        return lambda _cells: template
    if _PLACE.fullmatch(template):
        return lambda cells, place=columns[0]: cells[place]  # type: ignore[misc]
    texts = _PLACE.split(template)[::2]

    def fill(cells: Cells) -> str:
        values = [cells[place] for place in columns]
        if not any(values):
            return ""
        return texts[0] + "".join(map("".join, zip(values, texts[1:], strict=True)))

    return fill


def _fold(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
