"""How the columns of a table become statement lines.

A column is named by its heading, or by its place from 1 as `#3` where there are no headings.
Amounts stand in one column that is signed (or the other way round), in two columns for in and
out, or in one column beside another that says which of the two it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = (
    "date",
    "value_date",
    "amount",
    "money_in",
    "money_out",
    "direction",
    "currency",
    "account",
    "balance",
    "reference",
    "partner_reference",
    "batch",
    "kind",
    "counterparty",
    "counter_account",
    "text",
    "gross",
    "fee",
    "gross_currency",
)
# Headings that banks and providers use, in the order in which they are tried.
ALIASES: dict[str, tuple[str, ...]] = {
    "date": (
        "交易日期", "记账日期", "入账日期", "交易时间", "日期", "booking date", "booked on",
        "transaction date", "date", "created", "buchungstag", "posted",
    ),
    "value_date": ("起息日", "起息日期", "value date", "valuta", "wertstellung"),
    "amount": (
        "金额", "交易金额", "发生额", "amount", "net", "net amount", "betrag", "净额",
    ),
    "money_in": ("收入", "贷方发生额", "收入金额", "贷方金额", "credit", "money in", "paid in"),
    "money_out": (
        "支出", "借方发生额", "支出金额", "借方金额", "debit", "money out", "paid out",
    ),
    "direction": ("借贷标志", "收/支", "借贷", "direction", "dr/cr", "cr/dr"),
    "currency": ("币种", "货币种类", "currency", "währung", "settlement currency"),
    "account": (
        "账号", "本方账号", "账户", "account", "account number", "account id", "account no",
        "iban",
    ),
    "balance": ("余额", "账户余额", "balance", "running balance", "saldo"),
    "reference": (
        "商户订单号", "凭证号", "订单号", "参考号", "reference", "merchant reference", "ref",
        "order id", "end-to-end id",
    ),
    "partner_reference": (
        "交易流水号", "流水号", "交易号", "transaction id", "psp reference", "id", "fitid",
    ),
    "batch": ("批次号", "payout id", "batch", "batch number", "settlement batch"),
    "kind": ("交易类型", "业务类型", "type", "transaction type", "kind"),
    "counterparty": (
        "对方户名", "对方名称", "对手方", "counterparty", "name", "payee", "customer",
    ),
    "counter_account": ("对方账号", "对方账户", "counterparty account", "counter account",
                        "partner account"),
    "text": ("摘要", "用途", "附言", "备注", "description", "text", "memo", "purpose",
             "verwendungszweck"),
    "gross": ("总额", "订单金额", "gross", "gross amount"),
    "fee": ("手续费", "服务费", "fee", "fees", "commission"),
    "gross_currency": ("gross currency", "payment currency", "原币种"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableMapping:
    """The rules of a mapping; "" is found out from the file.

    `footer` begins the rows of totals, which are checked and are no lines. `is_negated` is for
    exports that write what goes out positive. `money_in_words` say in the column `direction`
    that money came in.
    """

    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    skip_head: int = 0
    skip_tail: int = 0
    has_headings: bool = True
    is_negated: bool = False
    money_in_words: str = "贷,收,收入,C,CR,credit,in"
    date_format: str = ""
    decimal_sign: str = ""
    footer: str = "合计,总计,total"

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TableMapping:
        """Return the mapping of plain values; what it does not know is left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def column_of(columns: Mapping[str, str], name: str, amount: Decimal = Decimal(0)) -> str:
    """Return in which column a value of a line stands; `amount` may have two of them."""
    names: tuple[str, ...] = (name,)
    if name == "amount":
        names = ("money_out" if amount < 0 else "money_in", "amount", "gross")
    return next((columns[one] for one in names if columns.get(one)), "")


def guess_columns(headings: tuple[str, ...]) -> dict[str, str]:
    """Return which headings are likely which fields; a heading is used once."""
    bare = {
        heading.strip().lower().replace("_", " "): heading for heading in reversed(headings)
    }
    guessed: dict[str, str] = {}
    for name in FIELDS:
        for alias in ALIASES[name]:
            heading = bare.get(alias)
            if heading and heading not in guessed.values():
                guessed[name] = heading
                break
    if "money_in" in guessed and "money_out" in guessed:
        guessed.pop("amount", None)
    return guessed
