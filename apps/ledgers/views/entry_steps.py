"""The steps of an entry, each one POST: submit, approve, post, reverse, cancel, copy and more.

Each is taken at the version that the person saw. A refusal is a message on the page of the
entry, which shows how things stand now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import FinanceError, InvalidInput, StaleVersion
from apps.core.text import clean_text
from apps.ledgers.access import get_journal_entry_for
from apps.ledgers.errors import EntryHasProblems
from apps.ledgers.forms.entry_form import read_iso_date
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.decisions import (
    approve_journal_entry,
    reject_journal_entry,
    unapprove_journal_entry,
)
from apps.ledgers.services.drafts import (
    cancel_journal_entry,
    copy_journal_entry,
    submit_journal_entry,
    withdraw_journal_entry,
)
from apps.ledgers.services.entry_policy import reversal_style_on
from apps.ledgers.services.entry_saving import default_entry_date
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import default_reversal_date, reverse_journal_entry
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.policies.words import ReversalStyle

_MAX_VERSION_DIGITS = 9


@require_POST
@permission_required(Permission.ENTRY_SUBMIT)
def journal_entry_submit(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Hand a draft over for approval."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: submit_journal_entry(
            entry, version=version, actor=acting_user(request)
        ),
        _("%(entry)s waits for approval now."),
    )


@require_POST
@permission_required(Permission.ENTRY_SUBMIT)
def journal_entry_withdraw(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Take a submitted entry back into draft."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: withdraw_journal_entry(
            entry, version=version, actor=acting_user(request)
        ),
        _("%(entry)s is a draft again."),
    )


@require_POST
@permission_required(Permission.ENTRY_APPROVE)
def journal_entry_approve(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Approve an entry of somebody else."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: approve_journal_entry(
            entry, version=version, actor=acting_user(request)
        ),
        _("%(entry)s is approved."),
        _("Your approval of %(entry)s is noted; other people are still asked."),
    )


@require_POST
@permission_required(Permission.ENTRY_APPROVE)
def journal_entry_reject(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Return an entry to its maker with a reason."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: reject_journal_entry(
            entry, version=version, actor=acting_user(request), reason=_reason(request)
        ),
        _("%(entry)s went back to its maker."),
    )


@require_POST
@permission_required(Permission.ENTRY_APPROVE)
def journal_entry_unapprove(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Take the own approval back with a reason."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: unapprove_journal_entry(
            entry, version=version, actor=acting_user(request), reason=_reason(request)
        ),
        _("The approval of %(entry)s is taken back."),
    )


@require_POST
@permission_required(Permission.ENTRY_POST)
def journal_entry_post(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Post an approved entry, at the version the user was looking at."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: post_journal_entry(entry, version=version, actor=acting_user(request)),
        _("Posted as %(entry)s."),
    )


@require_POST
@permission_required(Permission.ENTRY_SUBMIT)
def journal_entry_cancel(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Cancel a draft; the row stays without a number."""
    entry = get_journal_entry_for(acting_user(request), ledger, pk)
    return _take(
        request,
        entry,
        lambda version: cancel_journal_entry(
            entry, version=version, actor=acting_user(request)
        ),
        _("%(entry)s is cancelled."),
    )


@require_POST
@permission_required(Permission.ENTRY_DRAFT)
def journal_entry_copy(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Make a draft of the same lines, dated today or on the nearest open day."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    try:
        day = default_entry_date(entry.ledger)
        draft = copy_journal_entry(entry, entry_date=day, actor=user)
    except FinanceError as error:
        return _refused(request, entry, error)
    messages.success(
        request, _("%(copy)s is a copy of %(entry)s.") % {"copy": draft, "entry": entry}
    )
    return redirect("ledgers:journal_entry_edit", ledger, draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ENTRY_REVERSE)
def journal_entry_reverse(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Ask for reason and date, then make the reversal, which waits for approval."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    typed = {"reason": request.POST.get("reason", ""), "entry_date": _day(request, entry)}
    if request.method != "POST":
        return _reverse_page(request, entry, typed)
    try:
        reversal = reverse_journal_entry(
            entry,
            actor=user,
            reason=_reason(request),
            entry_date=_read_day(typed["entry_date"]),
        )
    except FinanceError as error:
        return _reverse_page(request, entry, typed, error)
    messages.success(
        request,
        _("%(reversal)s undoes %(entry)s and waits for approval.")
        % {"reversal": reversal, "entry": entry},
    )
    return redirect(reversal)


def _take(
    request: HttpRequest,
    entry: JournalEntry,
    step: Callable[[int], JournalEntry],
    sentence: str,
    sentence_if_it_waits: str = "",
) -> HttpResponse:
    """Take a step, say how it went, and show the entry."""
    try:
        done = step(_version(request, entry))
    except FinanceError as error:
        return _refused(request, entry, error)
    if sentence_if_it_waits and done.state == EntryState.SUBMITTED:
        sentence = sentence_if_it_waits
    messages.success(request, sentence % {"entry": done})
    return redirect(entry)


def _refused(request: HttpRequest, entry: JournalEntry, error: FinanceError) -> HttpResponse:
    if isinstance(error, EntryHasProblems):
        for problem in error.problems[:5]:
            place = _("Line %(number)s: ") % {"number": problem.position}
            messages.error(request, f"{place if problem.position else ''}{problem.error}")
    messages.error(request, str(error))
    return redirect(entry)


def _version(request: HttpRequest, entry: JournalEntry) -> int:
    """Return the version that the person saw.

    Raises:
        StaleVersion: none was sent.
    """
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_VERSION_DIGITS):
        raise StaleVersion(what=entry._meta.verbose_name)
    return int(text)


def _reason(request: HttpRequest) -> str:
    return clean_text(request.POST.get("reason", ""), field="reason")[:500]


def _day(request: HttpRequest, entry: JournalEntry) -> str:
    if request.method == "POST":
        return request.POST.get("entry_date", "").strip()
    try:
        return default_reversal_date(entry).isoformat()
    except FinanceError:
        return ""


def _read_day(text: str) -> date | None:
    """Return the day that was typed; None, for the default, when nothing was.

    Raises:
        InvalidInput: it is not a day.
    """
    if not text:
        return None
    day = read_iso_date(text)
    if day is None:
        problem = _("write a date such as %(example)s") % {"example": "2026-01-31"}
        raise InvalidInput(field="entry_date", field_name=_("Date"), problem=problem)
    return day


def _reverse_page(
    request: HttpRequest,
    entry: JournalEntry,
    typed: dict[str, str],
    error: FinanceError | None = None,
) -> HttpResponse:
    anchor = f"id_{error.field}" if error and error.field else ""
    day = read_iso_date(typed["entry_date"]) or entry.entry_date
    context = {
        "entry": entry,
        "ledger": entry.ledger,
        "style": ReversalStyle(reversal_style_on(entry.ledger, day)).label,
        "typed": typed,
        "errors": [{"anchor": anchor, "message": str(error)}] if error else [],
        "bad_field": error.field if error else "",
    }
    status = error.http_status if error else 200
    return render(request, "ledgers/journal_entry_reverse.html", context, status=status)
