"""Which account of a standard chart plays which part in the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Levy:
    """A charge on an amount, in thousandths: where it is owed, and where it is an expense."""

    liability: str
    permille: int
    expense: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """Account codes by their part; `selling` and `admin` are expenses by what they are for.

    `vat_transfer` is where the month's VAT is carried out 转出未交增值税; without it, output
    and input VAT themselves are cleared.
    """

    bank: str
    receivable: str
    inventory: str
    advances: str
    prepaid: str
    input_vat: str
    equipment: str
    equipment_depreciation: str
    furniture: str
    furniture_depreciation: str
    software: str
    amortisation: str
    loan: str
    payable: str
    wages: str
    income_tax_withheld: str
    social_withheld: str
    output_vat: str
    vat_transfer: str
    vat_owed: str
    profit_tax: str
    profit_tax_expense: str
    interest_owed: str
    interest_expense: str
    interest_income: str
    exchange_gain: str
    exchange_loss: str
    bank_charges: str
    accrued: str
    capital: str
    retained: str
    revenue: str
    services: str
    cost_of_sales: str
    selling: Mapping[str, str]
    admin: Mapping[str, str]

    def expense(self, kind: str, what: str) -> str:
        """Return the account of an expense of a selling or other department."""
        own, other = self.selling, self.admin
        if kind != "selling":
            own, other = other, own
        return own.get(what) or other[what]


CN = Codes(
    bank="1002",
    receivable="1122",
    inventory="1405",
    advances="122101",
    prepaid="180199",
    input_vat="22210101",
    equipment="160104",
    equipment_depreciation="160204",
    furniture="160105",
    furniture_depreciation="160205",
    software="170102",
    amortisation="1702",
    loan="2001",
    payable="2202",
    wages="221101",
    income_tax_withheld="222114",
    social_withheld="224102",
    output_vat="22210107",
    vat_transfer="22210104",
    vat_owed="222102",
    profit_tax="222113",
    profit_tax_expense="680101",
    interest_owed="2231",
    interest_expense="660301",
    interest_income="660302",
    exchange_gain="660303",
    exchange_loss="660303",
    bank_charges="660304",
    accrued="224104",
    capital="4001",
    retained="410406",
    revenue="6001",
    services="605199",
    cost_of_sales="6401",
    selling={
        "staff": "660101", "advertising": "660102", "promotion": "660103", "freight": "660104",
        "packaging": "660106", "events": "660107", "travel": "660109",
        "entertainment": "660110", "depreciation": "660111", "rent": "660112",
        "service": "660113", "office": "660199", "telephone": "660199",
        "amortisation": "660199",
    },
    admin={
        "staff": "660201", "office": "660202", "travel": "660203", "entertainment": "660204",
        "depreciation": "660205", "amortisation": "660206", "rent": "660208",
        "property": "660209", "utilities": "660210", "telephone": "660211", "repairs": "660212",
        "meetings": "660214", "audit": "660215", "consulting": "660216", "research": "660218",
        "training": "660221", "software": "660222",
    },
)  # fmt: skip
CN_SOCIAL = (
    Levy("22110801", 160),
    Levy("22110301", 95),
    Levy("22110802", 5),
    Levy("22110302", 4),
    Levy("221104", 70),
)
CN_SURCHARGES = (
    Levy("222115", 70, "640302"),
    Levy("222116", 30, "640303"),
    Levy("222117", 20, "640304"),
)

_BY_NATURE = {
    "staff": "6110", "advertising": "6310", "promotion": "6310", "freight": "6340",
    "packaging": "6340", "events": "6320", "travel": "6410", "entertainment": "6350",
    "depreciation": "6510", "rent": "6210", "service": "6990", "office": "6420",
    "telephone": "6430", "amortisation": "6530", "property": "6230", "utilities": "6220",
    "repairs": "6230", "meetings": "6320", "audit": "6450", "consulting": "6460",
    "research": "6700", "training": "6160", "software": "6440",
}  # fmt: skip
IFRS = Codes(
    bank="1112",
    receivable="1121",
    inventory="1144",
    advances="1125",
    prepaid="1154",
    input_vat="1161",
    equipment="1516",
    equipment_depreciation="1526",
    furniture="1515",
    furniture_depreciation="1525",
    software="1552",
    amortisation="1558",
    loan="2152",
    payable="2111",
    wages="2131",
    income_tax_withheld="2143",
    social_withheld="2132",
    output_vat="2141",
    vat_transfer="",
    vat_owed="2142",
    profit_tax="2144",
    profit_tax_expense="8100",
    interest_owed="2154",
    interest_expense="7100",
    interest_income="4310",
    exchange_gain="4240",
    exchange_loss="6950",
    bank_charges="6490",
    accrued="2114",
    capital="3110",
    retained="3310",
    revenue="4110",
    services="4120",
    cost_of_sales="5120",
    selling=_BY_NATURE,
    admin=_BY_NATURE,
)
