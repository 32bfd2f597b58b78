"""What each company of the demo is like; amounts in the currency of its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.ledgers.domain.standard_charts import StandardChart
from apps.portal.demo import names
from apps.portal.demo.accounts import CN, CN_SOCIAL, CN_SURCHARGES, IFRS, Codes, Levy
from apps.portal.demo.names import Partner, Unit


@dataclass(frozen=True, slots=True)
class Profile:
    """A company and its ledger. Counts are for a month; taxes are in thousandths."""

    ledger: str
    name: str
    name_zh: str
    entity: str
    entity_name: str
    entity_name_zh: str
    time_zone: str
    currency: str
    chart: StandardChart
    codes: Codes
    is_chinese: bool
    units: tuple[Unit, ...]
    customers: tuple[Partner, ...]
    suppliers: tuple[Partner, ...]
    revenue: int
    sales: int
    purchases: int
    claims: int
    services: int
    wage: int
    rent: int
    vat: int
    profit_tax: int
    social: tuple[Levy, ...]
    opening: Mapping[str, int]
    surcharges: tuple[Levy, ...] = ()
    cost_percent: int = 68
    foreign: tuple[str, Decimal] | None = None
    # Revenue of a month against the average, in percent, January first.
    season: tuple[int, ...] = field(
        default=(94, 72, 101, 98, 100, 108, 95, 96, 104, 102, 118, 112)
    )


EAST_CHINA = Profile(
    ledger="east-china-cny",
    name="East China · CNY ledger",
    name_zh="华东公司 · 人民币账簿",
    entity="huadong-trading",
    entity_name="Huadong Trading Co., Ltd.",
    entity_name_zh="华东贸易有限公司",
    time_zone="Asia/Shanghai",
    currency="CNY",
    chart=StandardChart.CN_ENTERPRISE,
    codes=CN,
    is_chinese=True,
    units=names.HUADONG_UNITS[:20],
    customers=names.CHINA_CUSTOMERS,
    suppliers=names.CHINA_SUPPLIERS,
    revenue=14_600_000,
    sales=86,
    purchases=56,
    claims=34,
    services=26,
    wage=9_800,
    rent=186_000,
    vat=130,
    profit_tax=250,
    social=CN_SOCIAL,
    surcharges=CN_SURCHARGES,
    opening={
        "bank": 9_400_000,
        "receivable": 12_300_000,
        "inventory": 8_600_000,
        "prepaid": 540_000,
        "equipment": 3_900_000,
        "equipment_depreciation": -1_450_000,
        "furniture": 1_250_000,
        "furniture_depreciation": -480_000,
        "software": 960_000,
        "amortisation": -320_000,
        "loan": -8_000_000,
        "payable": -7_900_000,
        "capital": -10_000_000,
    },
)
HONG_KONG = Profile(
    ledger="hong-kong-hkd",
    name="Hong Kong · HKD ledger",
    name_zh="香港公司 · 港币账簿",
    entity="huadong-hong-kong",
    entity_name="Huadong (Hong Kong) Limited",
    entity_name_zh="华东(香港)有限公司",
    time_zone="Asia/Hong_Kong",
    currency="HKD",
    chart=StandardChart.IFRS,
    codes=IFRS,
    is_chinese=False,
    units=names.HUADONG_UNITS[15:16] + names.HUADONG_UNITS[20:],
    customers=names.HONG_KONG_CUSTOMERS,
    suppliers=names.HONG_KONG_SUPPLIERS,
    revenue=4_900_000,
    sales=36,
    purchases=18,
    claims=12,
    services=11,
    wage=27_500,
    rent=98_000,
    vat=0,
    profit_tax=165,
    social=(Levy("2135", 50),),
    opening={
        "bank": 5_200_000,
        "receivable": 3_800_000,
        "inventory": 2_900_000,
        "equipment": 620_000,
        "equipment_depreciation": -210_000,
        "furniture": 340_000,
        "furniture_depreciation": -120_000,
        "software": 180_000,
        "amortisation": -60_000,
        "loan": -2_000_000,
        "payable": -2_400_000,
        "capital": -5_000_000,
    },
    cost_percent=69,
    foreign=("USD", Decimal("7.7850")),
)
BERLIN = Profile(
    ledger="berlin-eur",
    name="Berlin · EUR ledger",
    name_zh="柏林公司 · 欧元账簿",
    entity="spree-handel",
    entity_name="Spree Handels GmbH",
    entity_name_zh="施普雷贸易有限公司",
    time_zone="Europe/Berlin",
    currency="EUR",
    chart=StandardChart.IFRS,
    codes=IFRS,
    is_chinese=False,
    units=names.SPREE_UNITS,
    customers=names.BERLIN_CUSTOMERS,
    suppliers=names.BERLIN_SUPPLIERS,
    revenue=410_000,
    sales=24,
    purchases=14,
    claims=7,
    services=8,
    wage=4_150,
    rent=6_800,
    vat=190,
    profit_tax=300,
    social=(Levy("2132", 209),),
    opening={
        "bank": 385_000,
        "receivable": 352_000,
        "inventory": 240_000,
        "equipment": 64_000,
        "equipment_depreciation": -21_000,
        "furniture": 38_000,
        "furniture_depreciation": -12_000,
        "software": 18_000,
        "amortisation": -6_000,
        "loan": -150_000,
        "payable": -236_000,
        "capital": -300_000,
    },
    cost_percent=66,
    season=(92, 90, 102, 99, 101, 103, 94, 88, 104, 106, 119, 102),
)
