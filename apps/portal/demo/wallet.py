"""A shop on WeChat Pay: the last day of a month in the books, and the bill of that day.

Books and bill agree, but for what happens: a fee that was rounded otherwise, one that nobody
booked, an order that is missing in the books. A refund stands in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.portal.demo.journal import Leg
from apps.statements.models import Channel, SourceKind, StatementFormat
from apps.statements.services.channels import create_channel, create_partner
from apps.statements.services.stated_balances import Said, state_balance
from apps.statements.services.statement_jobs import import_at_once

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.portal.demo.calendar import Month
    from apps.portal.demo.company import Company
    from apps.portal.demo.journal import DemoBook

WALLET = "101207"
_ORDERS = 8
# In the books: the order whose fee is a cent less, the one without its fee, the one with words
# around its number, the one that is missing, and the one that was given back.
_ROUNDED, _WITHOUT_FEE, _IN_WORDS, _MISSING, _REFUNDED = 3, 6, 7, 8, 2
_FEE, _CENT = Decimal("0.006"), Decimal("0.01")
_HEAD = (
    "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易类型,交易状态,货币种类,"
    "应结订单金额,微信退款单号,商户退款单号,退款金额,商品名称,手续费"
)


@dataclass(frozen=True, slots=True)
class Sale:
    """An order, or with a negative amount its refund; the wallet moves by amount − fee."""

    number: int
    amount: Decimal

    @property
    def fee(self) -> Decimal:
        """What the provider keeps back, or gives back."""
        return (self.amount * _FEE).quantize(_CENT)

    def reference(self, day: date) -> str:
        """Return the number that both sides know."""
        kind = "SO" if self.amount > 0 else "RF"
        return f"{kind}{day:%m%d}{self.number:03}"


def sales_of_the_day() -> list[Sale]:
    """Return all orders, then the refund."""
    orders = [Sale(number, Decimal(168 * number)) for number in range(1, _ORDERS + 1)]
    return [*orders, Sale(_REFUNDED, -orders[_REFUNDED - 1].amount)]


def sell_in_shop(company: Company, month: Month) -> None:
    """Write the sales of the month's last day, where the chart has an account of the wallet."""
    if WALLET not in company.book.account_ids:
        return
    for sale in sales_of_the_day():
        if sale.number != _MISSING:
            _write(company, month.last, sale)


def open_wallet(book: DemoBook, actor: User, today: date) -> list[Channel]:
    """Open the channel with the bill of a day and the balance that a person read at its end."""
    account = book.account_ids.get(WALLET)
    if account is None:
        return []
    partner = create_partner(code="wechat", name="WeChat Pay", name_zh="微信支付", actor=actor)
    channel = create_channel(
        actor=actor,
        code="wechat-pay",
        name="WeChat Pay shop",
        name_zh="微信支付商户",
        source_kind=SourceKind.PROVIDER,
        partner=partner,
        ledger=book.ledger,
        account_id=account,
        currency_id=book.currency,
        format=StatementFormat.WECHAT,
    )
    day = today.replace(day=1) - timedelta(days=1)
    import_at_once(channel, bill_of(day).encode(), f"微信账单-{day}.csv", actor=actor)
    _state_balance(channel, day, actor)
    return [channel]


def bill_of(day: date) -> str:
    """Return the provider's bill of a day."""
    sales = sales_of_the_day()
    paid = sum((one.amount for one in sales if one.amount > 0), Decimal(0))
    refunded = -sum((one.amount for one in sales if one.amount < 0), Decimal(0))
    fees = sum((one.fee for one in sales), Decimal(0))
    rows = [_row(day, place, sale) for place, sale in enumerate(sales, start=1)]
    foot = [
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额",
        f"`{len(sales)},`{paid:.2f},`{refunded:.2f},`0.00,`{fees:.2f}",
    ]
    return "\n".join([_HEAD, *rows, *foot]) + "\n"


def _write(company: Company, day: date, sale: Sale) -> None:
    book, codes = company.book, company.codes
    fee = sale.fee
    if sale.amount > 0 and sale.number == _ROUNDED:
        fee -= _CENT
    elif sale.number == _WITHOUT_FEE:
        fee = Decimal(0)
    # Always the same: nobody draws lots here, or all that comes later would change.
    shop = next(unit for unit in company.profile.units if unit.kind == "selling")
    net = company.round(sale.amount / (1 + Decimal(company.profile.vat) / 1000))
    text = sale.reference(day)
    if sale.number == _IN_WORDS:
        text = company.say.choose(f"门店零售 {text} 顾客自提", f"Shop sale {text}, collected")
    book.write(
        day,
        text,
        Leg(WALLET, sale.amount - fee),
        Leg(codes.bank_charges, fee),
        Leg(codes.revenue, -net, (shop.code,)),
        Leg(codes.output_vat, net - sale.amount),
        word=company.word("receipt" if sale.amount > 0 else "payment"),
    )


def _row(day: date, place: int, sale: Sale) -> str:
    """Return a line of the bill: every value begins with a back-tick."""
    order = f"SO{day:%m%d}{sale.number:03}"
    is_refund = sale.amount < 0
    refund = (f"50000{place:06}", sale.reference(day)) if is_refund else ("0", "0")
    cells = (
        f"{day} {9 + place:02}:12:00", "wx8f", "1500020", f"42000{sale.number:06}", order,
        "JSAPI", "REFUND" if is_refund else "SUCCESS", "CNY",
        f"{max(sale.amount, Decimal(0)):.2f}", *refund,
        f"{max(-sale.amount, Decimal(0)):.2f}", "门店零售", f"{sale.fee:.2f}",
    )  # fmt: skip
    return ",".join(f"`{cell}" for cell in cells)


def _state_balance(channel: Channel, day: date, actor: User) -> None:
    """State what the wallet shows at the end of the day: its bills tell no balance."""
    balance = sum((one.amount - one.fee for one in sales_of_the_day()), Decimal(0))
    shown = f"微信支付商户平台 账户余额\n{day} 24:00\nCNY {balance:,.2f}\n"
    evidence = SimpleUploadedFile(f"微信余额-{day}.txt", shown.encode())
    said = Said(day, balance, "商户平台余额页，微信账单不列余额", evidence)
    state_balance(channel, said, version=0, actor=actor)
