"""Who and what the demo is about: names only, made up."""

from __future__ import annotations

from dataclasses import dataclass

from apps.organizations.permissions import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in a tenant; without a role they only head a department."""

    username: str
    first_name: str
    last_name: str
    name_zh: str = ""
    role: Role | None = None
    can_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A department; `kind` says where its costs go: selling or admin."""

    code: str
    slug: str
    name: str
    name_zh: str
    kind: str
    headcount: int


@dataclass(frozen=True, slots=True)
class Partner:
    """A customer or supplier."""

    code: str
    name: str
    name_zh: str


HUADONG_PEOPLE = (
    Person("accountant", "Na", "Li", "李娜", Role.ACCOUNTANT, can_sign_in=True),
    Person("senior", "Yu", "Chen", "陈宇", Role.SENIOR_ACCOUNTANT, can_sign_in=True),
    Person("approver", "Lei", "Zhao", "赵磊", Role.APPROVER, can_sign_in=True),
    Person("treasury", "Ke", "Sun", "孙可", Role.TREASURY, can_sign_in=True),
    Person("auditor", "Jun", "Gao", "高俊", Role.AUDITOR, can_sign_in=True),
    Person("admin", "Min", "Wu", "吴敏", Role.ADMIN, can_sign_in=True),
    Person("api", "Settlement", "Gateway", "结算网关", Role.API_CLIENT, can_sign_in=True),
    Person("wang.fang", "Fang", "Wang", "王芳", Role.ACCOUNTANT),
    Person("liu.yang", "Yang", "Liu", "刘洋", Role.ACCOUNTANT),
    Person("zhou.jie", "Jie", "Zhou", "周洁", Role.ACCOUNTANT),
    Person("xu.jing", "Jing", "Xu", "徐静", Role.SENIOR_ACCOUNTANT),
    Person("ma.chao", "Chao", "Ma", "马超", Role.APPROVER),
    Person("he.ling", "Ling", "He", "何玲", Role.APPROVER),
    Person("lin.tao", "Tao", "Lin", "林涛"),
    Person("guo.wei", "Wei", "Guo", "郭伟"),
    Person("zheng.shuang", "Shuang", "Zheng", "郑爽"),
    Person("tang.ning", "Ning", "Tang", "唐宁"),
    Person("feng.yan", "Yan", "Feng", "冯燕"),
    Person("deng.kai", "Kai", "Deng", "邓凯"),
    Person("song.yi", "Yi", "Song", "宋怡"),
    Person("han.bing", "Bing", "Han", "韩冰"),
    Person("cao.lu", "Lu", "Cao", "曹璐"),
    Person("wong.kaming", "Ka Ming", "Wong", "黄家明"),
)
SPREE_PEOPLE = (
    Person("berlin.accountant", "Jana", "Krüger", "", Role.ACCOUNTANT, can_sign_in=True),
    Person(
        "berlin.senior",
        "Mehmet",
        "Yilmaz",
        "",
        Role.SENIOR_ACCOUNTANT,
        can_sign_in=True,
    ),
    Person("berlin.approver", "Sabine", "Vogel", "", Role.APPROVER, can_sign_in=True),
)

# Who enters what a department spends, by the slug of the department.
HUADONG_CLERKS = {
    "accounts-payable": Person("ye.qing", "Qing", "Ye", "叶青", Role.ACCOUNTANT),
    "accounts-receivable": Person("pan.hong", "Hong", "Pan", "潘虹", Role.ACCOUNTANT),
    "treasury": Person("yuan.lin", "Lin", "Yuan", "袁林", Role.ACCOUNTANT),
    "tax": Person("jiang.min", "Min", "Jiang", "蒋敏", Role.ACCOUNTANT),
    "internal-audit": Person("du.juan", "Juan", "Du", "杜娟", Role.ACCOUNTANT),
    "human-resources": Person("shen.yi", "Yi", "Shen", "沈怡", Role.ACCOUNTANT),
    "procurement": Person("lu.bin", "Bin", "Lu", "陆斌", Role.ACCOUNTANT),
    "warehouse": Person("fan.rui", "Rui", "Fan", "范蕊", Role.ACCOUNTANT),
    "logistics": Person("xia.yu", "Yu", "Xia", "夏雨", Role.ACCOUNTANT),
    "quality": Person("peng.fei", "Fei", "Peng", "彭飞", Role.ACCOUNTANT),
    "marketing": Person("dong.mei", "Mei", "Dong", "董梅", Role.ACCOUNTANT),
    "sales-east": Person("cui.hao", "Hao", "Cui", "崔浩", Role.ACCOUNTANT),
    "sales-north": Person("ren.jie", "Jie", "Ren", "任杰", Role.ACCOUNTANT),
    "online-sales": Person("yao.na", "Na", "Yao", "姚娜", Role.ACCOUNTANT),
    "customer-service": Person("fu.qiang", "Qiang", "Fu", "傅强", Role.ACCOUNTANT),
    "research": Person("qiu.yan", "Yan", "Qiu", "邱燕", Role.ACCOUNTANT),
    "hong-kong-office": Person("lam.waiyee", "Wai Yee", "Lam", "林慧怡", Role.ACCOUNTANT),
}

# Departments that try what is new before others do.
PILOTS = ("it", "quality", "sales-east", "customer-service", "research", "human-resources")

HUADONG_UNITS = (
    Unit("D01", "finance", "Finance", "财务部", "admin", 9),
    Unit("D02", "accounts-payable", "Accounts payable", "应付组", "admin", 6),
    Unit("D03", "accounts-receivable", "Accounts receivable", "应收组", "admin", 6),
    Unit("D04", "treasury", "Treasury", "资金部", "admin", 4),
    Unit("D05", "tax", "Tax", "税务部", "admin", 3),
    Unit("D06", "internal-audit", "Internal audit", "内审部", "admin", 3),
    Unit("D07", "human-resources", "Human resources", "人力资源部", "admin", 6),
    Unit("D08", "it", "IT", "信息技术部", "admin", 11),
    Unit("D09", "legal", "Legal", "法务部", "admin", 3),
    Unit("D10", "administration", "Administration", "行政部", "admin", 7),
    Unit("D11", "procurement", "Procurement", "采购部", "admin", 8),
    Unit("D12", "warehouse", "Warehouse", "仓储部", "selling", 16),
    Unit("D13", "logistics", "Logistics", "物流部", "selling", 12),
    Unit("D14", "quality", "Quality", "质量部", "admin", 6),
    Unit("D15", "marketing", "Marketing", "市场部", "selling", 8),
    Unit("D16", "sales-east", "Sales East", "华东销售部", "selling", 18),
    Unit("D17", "sales-north", "Sales North", "华北销售部", "selling", 12),
    Unit("D18", "online-sales", "Online sales", "电商部", "selling", 10),
    Unit("D19", "customer-service", "Customer service", "客户服务部", "selling", 9),
    Unit("D20", "research", "Research and development", "研发部", "admin", 14),
    Unit("D21", "hong-kong-office", "Hong Kong office", "香港办事处", "selling", 9),
)
SPREE_UNITS = (
    Unit("D01", "finance", "Finance", "财务", "admin", 2),
    Unit("D02", "sales", "Sales", "销售", "selling", 5),
    Unit("D03", "warehouse", "Warehouse", "仓库", "selling", 4),
)

PROJECTS = (
    Partner("P01", "ERP roll-out", "ERP 上线"),
    Partner("P02", "New warehouse Suzhou", "苏州新仓"),
    Partner("P03", "Smart shelf", "智能货架"),
    Partner("P04", "Brand campaign", "品牌推广"),
    Partner("P05", "ISO 27001", "ISO 27001 认证"),
    Partner("P06", "Cross-border shop", "跨境商城"),
)

_CITIES = (
    ("Shanghai", "上海"), ("Suzhou", "苏州"), ("Hangzhou", "杭州"), ("Nanjing", "南京"),
    ("Ningbo", "宁波"), ("Wuxi", "无锡"), ("Hefei", "合肥"), ("Qingdao", "青岛"),
    ("Beijing", "北京"), ("Tianjin", "天津"),
)  # fmt: skip
_TRADES = (
    ("Hengtong Electronics", "恒通电子"), ("Ruifeng Trading", "瑞丰贸易"),
    ("Xincheng Machinery", "新程机械"), ("Lianhua Retail", "联华商业"),
    ("Bolan Technology", "博澜科技"), ("Jiahe Household", "嘉禾家居"),
    ("Tianyi Logistics", "天驿物流"),
)  # fmt: skip


def _chinese(prefix: str, count: int, step: int) -> tuple[Partner, ...]:
    """Return companies by pairing cities and trades; `step` is prime to both."""
    pairs = len(_CITIES) * len(_TRADES)
    partners = []
    for number in range(1, count + 1):
        place = number * step % pairs
        city, city_zh = _CITIES[place % len(_CITIES)]
        trade, trade_zh = _TRADES[place // len(_CITIES)]
        code = f"{prefix}{number:03}"
        partners.append(Partner(code, f"{city} {trade}", f"{city_zh}{trade_zh}有限公司"))
    return tuple(partners)


def _listed(prefix: str, names: str) -> tuple[Partner, ...]:
    listed = enumerate(names.split(", "), start=1)
    return tuple(Partner(f"{prefix}{number:02}", name, "") for number, name in listed)


CHINA_CUSTOMERS = _chinese("C", 36, 11)
CHINA_SUPPLIERS = _chinese("S", 24, 17)
# Nobody has bought of it yet.
NEW_SUPPLIER = Partner("S025", "Suzhou Nova Optics", "苏州新光光学有限公司")
HONG_KONG_CUSTOMERS = _listed(
    "HC",
    "Pacific Lane Stores, Kowloon Home, Harbour Gadgets, Lantau Living, Peak Electronics, "
    "Star Ferry Gifts, Nathan Road Supplies, Victoria Office, Sai Kung Outdoor, Tai Po Tools, "
    "Manila Bay Imports, Saigon Retail Partners",
)
HONG_KONG_SUPPLIERS = _listed(
    "HS",
    "Kwai Chung Freight, Tsuen Wan Packaging, Causeway Bay Media, Shenzhen Bright Parts, "
    "Dongguan Casting, Central Legal Services, Quarry Bay Cloud, Hung Hom Cleaning",
)
OVERSEAS_CUSTOMERS = _listed(
    "OC",
    "Cascade Outfitters, Rheinland Bürobedarf, Nagoya Denki, Lisboa Casa, Auckland Supply",
)
OVERSEAS_SUPPLIERS = _listed("OS", "Toyohashi Precision, Bergamo Tessuti, Portland Sensors")
BERLIN_CUSTOMERS = _listed(
    "C",
    "Havel Haushaltswaren, Kiez Elektronik, Alster Handel, Isar Büro, Elbe Technik, "
    "Spandau Baumarkt, Köpenick Garten, Wedding Werkzeug, Potsdam Wohnen, Rhein Versand",
)
BERLIN_SUPPLIERS = _listed(
    "S",
    "Oder Logistik, Neisse Verpackung, Huadong Hong Kong, Saale Stahl, Mitte Medien, "
    "Prenzlauer Recht, Tempel Reinigung",
)


def employees(people: tuple[Person, ...]) -> tuple[Partner, ...]:
    """Return the people of a tenant as values of the dimension employee."""
    return tuple(
        Partner(f"E{number:03}", f"{person.first_name} {person.last_name}", person.name_zh)
        for number, person in enumerate(people, start=1)
    )
