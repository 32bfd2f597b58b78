"""What somebody who decides should know of a request, in words with figures.

Two statements find what the rounds and what the books tell, for all requests of a page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.approvals.services.credit_words import credit_text
from apps.approvals.services.entry_risks import NewSupplier, OverBudget, entry_risks
from apps.approvals.services.request_risks import Look, RequestRisks, request_risks
from apps.approvals.words import ENTRY_KINDS, RiskKind
from apps.core.formatting import format_signed
from apps.core.money import minor_digits

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class RiskNote:
    """One note; `is_risky` keeps the request out of what is approved in bulk by default."""

    kind: RiskKind
    text: str
    is_risky: bool = True


# Pairs of a request's key and a note of it.
Found: TypeAlias = Iterable[tuple[int, RiskNote]]


def risk_notes(requests: Sequence[ApprovalRequest], viewer: User) -> dict[int, list[RiskNote]]:
    """Return the notes of each request by its key, those without any left out."""
    notes: dict[int, list[RiskNote]] = defaultdict(list)
    if requests:
        rounds = request_risks(requests, viewer)
        for key, note in chain(_of_rounds(requests, rounds), _books(requests)):
            notes[key].append(note)
    return dict(notes)


def _of_rounds(requests: Sequence[ApprovalRequest], found: dict[int, RequestRisks]) -> Found:
    for request in requests:
        risks = found.get(request.pk)
        if risks is None:
            continue
        if risks.look:
            text = _changed_text(request, risks.look)
            yield request.pk, RiskNote(RiskKind.CHANGED, text)
        if risks.parts:
            yield request.pk, RiskNote(RiskKind.SPLIT, _split_text(request, risks.parts))
        for fact in risks.credit:
            text = credit_text(fact)
            if text:
                note = RiskNote(RiskKind.STALE_CREDIT, text, is_risky=fact.needs_person)
                yield request.pk, note


def _changed_text(request: ApprovalRequest, look: Look) -> str:
    values = {
        "at": date_format(timezone.localtime(look.at), "SHORT_DATETIME_FORMAT"),
        "before": _money(request, look.amount),
        "after": _money(request, request.amount),
    }
    if look.amount == request.amount:
        return _("Changed after you looked at it on %(at)s; still %(after)s.") % values
    return _("Changed after you looked at it on %(at)s: %(before)s, now %(after)s.") % values


def _books(requests: Sequence[ApprovalRequest]) -> Found:
    keys = {
        request.subject_id: request.pk
        for request in requests
        if request.subject_kind in ENTRY_KINDS
    }
    for risk in entry_risks(keys, timezone.localdate()):
        if isinstance(risk, OverBudget):
            note = RiskNote(RiskKind.OVER_BUDGET, _budget_text(risk))
        else:
            note = RiskNote(RiskKind.NEW_SUPPLIER, _supplier_text(risk))
        yield keys[risk.entry_id], note


def _supplier_text(supplier: NewSupplier) -> str:
    values = {"supplier": supplier.name, "date": ""}
    if supplier.first_used_on is None:
        return _("Supplier %(supplier)s was never used before.") % values
    values["date"] = date_format(supplier.first_used_on, "SHORT_DATE_FORMAT")
    return _("Supplier %(supplier)s was first used on %(date)s.") % values


def _budget_text(risk: OverBudget) -> str:
    digits = minor_digits(risk.currency)
    values = {
        "budget": risk.budget,
        "currency": risk.currency,
        "amount": format_signed(risk.amount, digits),
        "over": format_signed(risk.taken - risk.amount, digits),
        "part": format_signed(risk.part, digits),
    }
    return (
        _(
            "Budget “%(budget)s” of %(currency)s %(amount)s is exceeded by %(over)s; "
            "this takes %(part)s."
        )
        % values
    )


def _split_text(request: ApprovalRequest, amounts: Sequence[Decimal]) -> str:
    values = {
        "others": " + ".join(_money(request, amount) for amount in amounts),
        "sum": _money(request, sum(amounts, request.amount.copy_abs())),
        "counted": _money(request, request.counted_amount),
        "count": len(amounts),
    }
    return (
        ngettext(
            "%(count)s other of the same maker, counterparty and day: %(others)s. "
            "Together %(sum)s; this one was asked at %(counted)s.",
            "%(count)s others of the same maker, counterparty and day: %(others)s. "
            "Together %(sum)s; this one was asked at %(counted)s.",
            len(amounts),
        )
        % values
    )


def _money(request: ApprovalRequest, amount: Decimal) -> str:
    code = request.currency_id
    return f"{code} {format_signed(amount, minor_digits(code))}"
