"""Summaries as accountants write them, in both languages: common words, rare numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator

_WHAT = (
    ("Invoice", 20),
    ("Goods sold on credit, invoice", 14),
    ("Customer receipt, invoice", 12),
    ("Supplier payment", 10),
    ("支付货款", 9),
    ("收到货款", 8),
    ("销售商品", 7),
    ("采购入库", 6),
    ("报销差旅费", 4),
    ("Office rent", 3),
    ("Bank charges", 3),
    ("计提折旧", 2),
    ("Payroll", 1),
    ("Insurance premium", 1),
)
_WHO = tuple(f"{name} {kind}" for name in (
    "Aurora", "Baltic", "Cedar", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo",
    "Juniper", "Kestrel", "Lantern", "Meridian", "Nimbus", "Orchid", "Pioneer",
) for kind in ("Trading", "Logistics", "Foods", "Textiles", "Energy")) + tuple(
    f"{place}{name}" for place in (
        "上海", "深圳", "杭州", "苏州", "宁波", "青岛", "成都", "武汉",
    ) for name in ("宏达贸易", "联科电子", "恒信物流", "东方纺织", "安泰机械")
)  # fmt: skip


def summaries(rng: random.Random, first: int, end: int) -> Iterator[str]:
    """Yield one summary for each place; the reference at its end is of that place alone."""
    count = end - first
    what = rng.choices([text for text, _ in _WHAT], weights=[n for _, n in _WHAT], k=count)
    who = rng.choices(_WHO, k=count)
    for place, act, name in zip(range(first, end), what, who, strict=True):
        yield f"{act} {name} R{place:07}"
