"""Policies as YAML files: exact, strict, every error with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from apps.core.rounding import RoundingMode
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent
from apps.policies.errors import FileHasErrors, UnreadableFile
from apps.policies.services.policy_file import read_document, write_document
from tests.policies.texts import POLICY, changed

SHARP = replace(
    PolicyContent(),
    default_tax_rate=Decimal("0.123456"),
    tax_rates=MappingProxyType({"ordinary": Decimal("0.03")}),
    rounding_mode=RoundingMode.HALF_EVEN,
    payment_terms=(0, 14, 365),
    default_payment_term=14,
    approval_limits=MappingProxyType(
        {Role.SENIOR_ACCOUNTANT: Decimal("1234567890123456.0001"), Role.APPROVER: None}
    ),
)


def test_it_reads_what_stands_in_the_file() -> None:
    document = read_document(POLICY)

    assert document.content == PolicyContent()
    assert (document.effective_from, document.reason) == (date(2099, 1, 1), "Yearly review")
    assert document.proposed_by == ""


@pytest.mark.parametrize("content", [PolicyContent(), SHARP])
def test_what_is_written_reads_back_exactly(content: PolicyContent) -> None:
    reason = 'a "reason": # with 中文'

    text = write_document(content, effective_from=date(2027, 1, 1), reason=reason)

    document = read_document(text)
    assert (document.content, document.reason) == (content, reason)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("rounding_mode:", "rounding:", 6, "no such key"),
        ("fx_method:", "reversal_style: red\nfx_method:", 11, "twice"),
        ("default_tax_rate: 0.13", "default_tax_rate: 13 %", 3, "0.13"),
        ("default_tax_rate: 0.13", "default_tax_rate: [0.13]", 3, "one value"),
        ("default_tax_rate: 0.13", "default_tax_rate: .inf", 3, "0.13"),
        ("default_tax_rate: 0.13", "default_tax_rate: 1_3", 3, "0.13"),
        ("2099-01-01", "2099-02-30", 1, "2026-01-31"),
        ("half_up", "nearest", 6, "half_up, half_even, up, down"),
        ("[30, 60, 90]", "30", 7, "list"),
        ("[30, 60, 90]", "[30, 30.5]", 7, "30"),
        ("[30, 60, 90]", "[30, 60, 60]", 7, "twice"),
        ("tax_rates: {}", "tax_rates: {export: 0}", 4, "no such key"),
        ("tax_rates: {}", "tax_rates: 0.03", 4, "keys with values"),
        ("  approver: unlimited\n", "", 13, "approver"),
        ("approver: unlimited", "approver: -1", 15, "0.13"),
        ("Yearly review", "''", 2, "text"),
    ],
)
def test_it_names_the_line_of_an_error(old: str, new: str, line: int, problem: str) -> None:
    with pytest.raises(FileHasErrors) as refused:
        read_document(changed(old, new))

    told = [str(error) for error in refused.value.errors]
    assert any(text.startswith(f"Line {line}, ") and problem in text for text in told), told


def test_it_names_every_error_at_once() -> None:
    text = changed("half_up", "nearest").replace("fx_method: persistent\n", "")

    with pytest.raises(FileHasErrors, match="2 errors") as refused:
        read_document(text)

    assert [error.values["key"] for error in refused.value.errors] == [
        "rounding_mode",
        "fx_method",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "just a text",
        "a: [1, 2",
        "a: 1\n---\nb: 2",
        "a: !!python/object/apply:os.system [echo]",
        "a: !Ref b",
        "a: &x 1\nb: *x",
        "a: " + "[" * 20_000,
        "\ta: 1",
    ],
)
def test_it_refuses_what_is_no_plain_document(text: str) -> None:
    with pytest.raises(UnreadableFile):
        read_document(text)
