"""What a policy decides, and how two policies differ, in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.formatting import format_amount
from apps.policies.models import FinancePolicy, columns_of

if TYPE_CHECKING:
    from apps.policies.domain.facts import PolicyContent

_RATES = {"tax_rate", "special_tax_rate", "ordinary_tax_rate", "reserve_rate"}
_LIMITS = {"senior_accountant_limit", "approver_limit"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that a policy decides."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two policies decide differently."""

    field: str
    before: str
    after: str


def decisions_of(content: PolicyContent) -> list[Decision]:
    """Return everything that a policy decides, in the order of its fields."""
    return [
        Decision(name, _label(name), _text(name, value))
        for name, value in columns_of(content).items()
    ]


def differences(before: PolicyContent, after: PolicyContent) -> list[Difference]:
    """Return what `after` decides differently."""
    pairs = zip(decisions_of(before), decisions_of(after), strict=True)
    return [Difference(new.label, old.text, new.text) for old, new in pairs if old != new]


def percent(rate: Decimal) -> str:
    """Return a share as people write it: 13 %."""
    return f"{(rate * 100).normalize():f} %"


def _label(name: str) -> str:
    return capfirst(str(_field(name).verbose_name))


def _text(name: str, value: Any) -> str:
    if name in _LIMITS:
        return _("without limit") if value is None else format_amount(value, 0)
    if name in _RATES:
        return _("as the tax rate") if value is None else percent(value)
    if isinstance(value, list):
        return ", ".join(_word(name, item) for item in value)
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    field = _field(name)
    choices = dict(getattr(field, "base_field", field).flatchoices)
    return str(choices.get(value, value))


def _field(name: str) -> Any:
    return FinancePolicy._meta.get_field(name)
