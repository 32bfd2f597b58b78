"""A policy as a YAML document: read with the line of every error, and written.

    effective_from: 2027-01-01
    reason: Yearly review
    default_tax_rate: 0.13            # a share
    tax_rates: {ordinary: 0.03}       # only kinds that differ
    ...

The document is composed, never constructed: each value is the text that stands in the file,
so that 0.13 is exact and no tag of YAML can build anything. Unknown and repeated keys, tags,
anchors and wrong types are errors; all of them are reported together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from apps.core.errors import FinanceError
from apps.core.rounding import RoundingMode
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent
from apps.policies.errors import FileError, FileHasErrors
from apps.policies.services import yaml_values as values
from apps.policies.services.yaml_nodes import Key, compose_mapping, entries_of
from apps.policies.words import FxMethod, InvoiceKind, ProfitTransfer, ReversalStyle, Rounding

LIMITED_ROLES = ("senior_accountant", "approver")


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """What a file proposes; `proposed_by` names who does, where nobody uploads it.

    Without a day of its own it begins with the next month. `lines` tells on which line each
    key stands.
    """

    content: PolicyContent
    effective_from: date | None
    reason: str
    proposed_by: str
    lines: Mapping[str, int]

    def error_at(self, problem: FinanceError) -> FileError:
        """Return a problem of a field as an error at the key that holds it."""
        key = _KEYS_OF_FIELDS.get(problem.field, problem.field)
        return FileError(line=self.lines.get(key, 1), key=key, problem=str(problem))


# What may be left out.
_OPTIONAL: dict[str, Any] = {
    "effective_from": None,
    "proposed_by": "",
    "tax_rates": MappingProxyType({}),
}
# Where a key is not called like the field of the form.
_KEYS_OF_FIELDS = {
    "tax_rate": "default_tax_rate",
    **{f"{kind}_tax_rate": "tax_rates" for kind in InvoiceKind.values},
    **{f"{role}_limit": "approval_limits" for role in LIMITED_ROLES},
}


@cache
def _readers() -> dict[str, Callable[[Key], Any]]:
    """Return each key of a document with how its value is read."""
    return {
        "effective_from": values.read_day,
        "reason": values.read_text,
        "proposed_by": values.read_text,
        "default_tax_rate": values.read_number,
        "tax_rates": values.mapping_of(InvoiceKind.values, values.read_number),
        "invoice_kinds": values.list_of(values.choice_of(InvoiceKind.values)),
        "rounding_mode": values.choice_of(Rounding.values),
        "payment_terms": values.list_of(values.read_days),
        "default_payment_term": values.read_days,
        "fx_method": values.choice_of(FxMethod.values),
        "reversal_style": values.choice_of(ReversalStyle.values),
        "profit_transfer": values.choice_of(ProfitTransfer.values),
        "reserve_rate": values.read_number,
        "approval_limits": values.mapping_of(
            LIMITED_ROLES, values.read_limit, is_complete=True
        ),
    }


def read_document(text: str) -> PolicyDocument:
    """Return what a YAML text proposes.

    Raises:
        UnreadableFile: it is no YAML, or more than a plain document.
        FileHasErrors: with the line and key of each error.
    """
    errors: list[FinanceError] = []
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    root = compose_mapping(text)
    for key in entries_of(root, set(_readers()), errors):
        lines[key.name] = key.line
        try:
            found[key.name] = _readers()[key.name](key)
        except FileHasErrors as several:
            errors += several.errors
        except FinanceError as error:
            errors.append(error)
    missing = [name for name in _readers() if name not in lines and name not in _OPTIONAL]
    errors += [values.missing(root, name) for name in missing]
    if errors:
        raise FileHasErrors(errors)
    return _document(_OPTIONAL | found, lines)


def write_document(content: PolicyContent, *, effective_from: date, reason: str) -> str:
    """Return a content as the YAML text that `read_document` reads back."""
    limits = content.approval_limits
    lines = [
        f"effective_from: {effective_from.isoformat()}",
        f"reason: {_quoted(reason)}",
        f"default_tax_rate: {content.default_tax_rate.normalize():f}",
        "tax_rates:" + ("" if content.tax_rates else " {}"),
        *(f"  {kind}: {rate.normalize():f}" for kind, rate in content.tax_rates.items()),
        f"invoice_kinds: [{', '.join(content.invoice_kinds)}]",
        f"rounding_mode: {content.rounding_mode}",
        f"payment_terms: [{', '.join(map(str, content.payment_terms))}]",
        f"default_payment_term: {content.default_payment_term}",
        f"fx_method: {content.fx_method}",
        f"reversal_style: {content.reversal_style}",
        f"profit_transfer: {content.profit_transfer}",
        f"reserve_rate: {content.reserve_rate.normalize():f}",
        "approval_limits:",
        *(f"  {role}: {_limit(limits.get(Role(role)))}" for role in LIMITED_ROLES),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _limit(limit: Decimal | None) -> str:
    return values.UNLIMITED if limit is None else f"{limit:f}"


def _document(found: Mapping[str, Any], lines: Mapping[str, int]) -> PolicyDocument:
    content = {name: found[name] for name in PolicyContent.__dataclass_fields__}
    content["rounding_mode"] = RoundingMode(content["rounding_mode"])
    content["approval_limits"] = MappingProxyType(
        {Role(role): limit for role, limit in content["approval_limits"].items()}
    )
    return PolicyDocument(
        content=PolicyContent(**content),
        effective_from=found["effective_from"],
        reason=found["reason"],
        proposed_by=found["proposed_by"],
        lines=lines,
    )
