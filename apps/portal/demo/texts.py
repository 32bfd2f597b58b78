"""What the entries of the demo say, in Chinese for the Chinese ledger, in English elsewhere."""

from __future__ import annotations

_TEXTS = {
    "opening": ("期初余额", "Opening balances"),
    "sale": ("销售商品 {partner} 发票 {number}", "Sale to {partner}, invoice {number}"),
    "service_sale": (
        "服务收入 {partner} 发票 {number}",
        "Services for {partner}, invoice {number}",
    ),
    "sale_abroad": (
        "出口销售 {partner} 发票 INV-{number}",
        "Export to {partner}, invoice INV-{number}",
    ),
    "purchase_abroad": (
        "进口采购 {partner} 发票 INV-{number}",
        "Import from {partner}, invoice INV-{number}",
    ),
    "paid_abroad": (
        "{partner} 外汇收付 发票 INV-{number}",
        "Foreign payment {partner}, invoice INV-{number}",
    ),
    "cost": ("结转销售成本", "Cost of goods sold"),
    "purchase": ("采购商品 {partner} 发票 {number}", "Goods from {partner}, invoice {number}"),
    "receipt": ("收 {partner} 货款", "Received from {partner}"),
    "receipt_part": ("收 {partner} 部分货款", "Part payment from {partner}"),
    "payment": ("付 {partner} 货款", "Paid to {partner}"),
    "exchange": ("结汇 {currency}", "Sold {currency}"),
    "payroll": ("计提 {month} 工资及社保", "Payroll {month}"),
    "withheld": ("代扣 {month} 社保及个人所得税", "Withheld from wages {month}"),
    "wages_paid": ("发放 {month} 工资", "Wages paid for {month}"),
    "social_paid": ("缴纳 {month} 社保及公积金", "Social contributions paid for {month}"),
    "income_tax_paid": ("代缴 {month} 个人所得税", "Payroll tax paid for {month}"),
    "rent": ("{month} 办公室及仓库租金", "Rent of office and warehouse {month}"),
    "utilities": ("{month} 水电费", "Electricity and water {month}"),
    "telephone": ("{month} 通讯费", "Telephone and internet {month}"),
    "property": ("{month} 物业管理费", "Building services {month}"),
    "bank_charges": ("银行手续费", "Bank charges"),
    "interest_income": ("银行存款利息", "Interest on bank balances"),
    "interest": ("计提 {month} 借款利息", "Loan interest {month}"),
    "interest_paid": ("支付借款利息", "Loan interest paid"),
    "depreciation": ("计提 {month} 折旧", "Depreciation {month}"),
    "amortisation": ("{month} 摊销", "Amortisation {month}"),
    "accrual": ("预提 {month} 审计费", "Accrued audit fee {month}"),
    "accrual_paid": ("支付审计费", "Audit fee paid"),
    "advance": ("{person} 借备用金", "Advance to {person}"),
    "claim": ("{person} 报销差旅费", "Travel expenses of {person}"),
    "vat": ("转出 {month} 未交增值税", "VAT for {month}"),
    "vat_paid": ("缴纳 {month} 增值税", "VAT paid for {month}"),
    "surcharges": ("计提 {month} 附加税费", "Surcharges on VAT {month}"),
    "surcharges_paid": ("缴纳 {month} 附加税费", "Surcharges paid for {month}"),
    "profit_tax": ("计提企业所得税", "Corporate income tax"),
    "profit_tax_paid": ("预缴企业所得税", "Corporate income tax paid"),
    "capex": ("购置电子设备 {partner}", "Computer equipment from {partner}"),
}
# Services that are bought: the expense, for which departments, and what the invoice says.
SERVICES = (
    ("advertising", "selling", "线上广告投放", "Online advertising"),
    ("freight", "selling", "干线运输费", "Freight to customers"),
    ("packaging", "selling", "包装材料", "Packaging"),
    ("promotion", "selling", "宣传资料印刷", "Printed catalogues"),
    ("events", "selling", "展会展位费", "Trade fair stand"),
    ("software", "admin", "云服务费", "Cloud services"),
    ("consulting", "admin", "咨询服务费", "Consulting"),
    ("repairs", "admin", "设备维修费", "Repairs"),
    ("training", "admin", "员工培训费", "Staff training"),
    ("office", "admin", "办公用品", "Office supplies"),
    ("research", "admin", "研发测试服务", "Laboratory tests"),
)
# What an expense claim holds beside the journey itself.
CLAIMS = ("travel", "travel", "travel", "entertainment", "office")


class Texts:
    """The texts of one ledger."""

    def __init__(self, *, is_chinese: bool) -> None:
        """Choose the language."""
        self._place = 0 if is_chinese else 1

    def __call__(self, name: str, **values: object) -> str:
        """Return a text with its values filled in."""
        return _TEXTS[name][self._place].format(**values)

    def choose(self, chinese: str, english: str) -> str:
        """Return the one of two texts that fits."""
        return english if self._place else chinese
