"""Writing a journal entry: the form, its autosave, and the choice when two people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import FinanceError, StaleVersion
from apps.core.money import minor_digits
from apps.ledgers.access import get_journal_entry_for, get_ledger_for
from apps.ledgers.domain.rounding_lines import is_matter_of_rounding
from apps.ledgers.errors import IllegalStep, NotTheMaker
from apps.ledgers.forms.entry_conflict import EntryConflict
from apps.ledgers.forms.entry_form import MORE_ROWS, EntryForm, read_iso_date
from apps.ledgers.forms.entry_rows import rows_of
from apps.ledgers.forms.entry_tax import split_tax, tax_choices
from apps.ledgers.models import EntryState, JournalEntry, Word
from apps.ledgers.models.choices import WRITTEN_KINDS
from apps.ledgers.services.entry_saving import (
    default_entry_date,
    entry_of_form,
    save_entry,
    save_new_entry,
)
from apps.ledgers.services.rates import rounding_mode
from apps.ledgers.services.system_entries import known_rounding_account
from apps.organizations.access import acting_user, permission_required, require
from apps.organizations.permissions import Permission

# Nothing is saved yet: a line was added that the person has not seen.
_OFFERED = 422
_REFUSED = 422

if TYPE_CHECKING:
    from apps.ledgers.domain.entries import EntryInput
    from apps.organizations.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ENTRY_DRAFT)
def journal_entry_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show the form of a new entry, or save it."""
    books = get_ledger_for(acting_user(request), ledger)
    if request.method == "POST":
        return _answer(request, EntryForm.of_post(books, request.POST, entry=None))
    return _page(request, EntryForm.blank(books, default_entry_date(books)))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ENTRY_DRAFT)
def journal_entry_edit(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show the form of a draft, or save it at the version that was seen."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    if request.method == "POST":
        return _answer(request, EntryForm.of_post(entry.ledger, request.POST, entry))
    if entry.state != EntryState.DRAFT or entry.maker_id != user.pk:
        is_draft = entry.state == EntryState.DRAFT
        error = NotTheMaker() if is_draft else IllegalStep(state=entry.get_state_display())
        messages.error(request, str(error))
        return redirect(entry)
    return _page(request, EntryForm.of_entry(entry))


@require_POST
@permission_required(Permission.ENTRY_DRAFT)
def journal_entry_autosave(
    request: HttpRequest, ledger: str, pk: int | None = None
) -> JsonResponse:
    """Save the draft while somebody types; JSON for the script of the form."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk) if pk else None
    books = entry.ledger if entry else get_ledger_for(user, ledger)
    form = EntryForm.of_post(books, request.POST, entry)
    content = form.content(actor=user)
    if content is None or not form.rows:
        return JsonResponse({"errors": form.error_list()}, status=422)
    try:
        saved = _save(form, content, submits=False, actor=user)
    except FinanceError as error:
        form.add_error(error)
        answer = {"errors": form.error_list(), "conflict_url": _form_url(form)}
        return JsonResponse(answer, status=error.http_status)
    return JsonResponse(
        {
            "version": saved.version,
            "saved_at": timezone.localtime(saved.updated_at).isoformat(),
            "url": reverse("ledgers:journal_entry_edit", args=(books.code, saved.pk)),
            "autosave_url": reverse(
                "ledgers:journal_entry_autosave", args=(books.code, saved.pk)
            ),
        }
    )


@require_POST
@permission_required(Permission.ENTRY_DRAFT)
def journal_entry_conflict(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Save what was chosen from two versions of a draft."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    form = EntryForm.of_post(entry.ledger, request.POST, entry)
    content = form.content(actor=user)
    if content is None:
        return _page(request, form, status=422)
    if form.version != entry.version:
        return _conflict_page(request, entry, content)
    merged = EntryConflict(entry, content).merged(request.POST.dict())
    form.rows = rows_of(merged.lines, entry.ledger)
    form.data |= {
        "entry_date": merged.entry_date.isoformat(),
        "word": merged.word,
        "kind": merged.kind,
        "summary": merged.summary,
    }
    return _saved(request, form, merged)


def _answer(request: HttpRequest, form: EntryForm) -> HttpResponse:
    """Do what the pressed button of the form says."""
    act = request.POST.get("act")
    if act == "add_lines":
        form.blank_rows = MORE_ROWS
        return _page(request, form)
    if act == "currency":
        form.data["show_currency"] = "1"
        return _page(request, form)
    if act == "tax":
        split_tax(form, request.POST)
        return _page(request, form, status=_REFUSED if form.has_errors() else 200)
    content = form.content(actor=acting_user(request))
    if content is None:
        return _page(request, form, status=_REFUSED)
    if act == "rounding":
        return _rounded(request, form, content)
    return _saved(request, form, content)


def _rounded(
    request: HttpRequest, form: EntryForm, content: EntryInput, *, status: int = 200
) -> HttpResponse:
    """Show the form with a line for what rounding leaves, or why there can be none."""
    try:
        form.add_rounding(content)
    except FinanceError as error:
        form.add_error(error)
        status = error.http_status
    return _page(request, form, status=status)


def _saved(request: HttpRequest, form: EntryForm, content: EntryInput) -> HttpResponse:
    """Save and go on; a refusal is the same page with the reason at its field."""
    user = acting_user(request)
    submits = request.POST.get("act") == "submit"
    if submits:
        require(user, Permission.ENTRY_SUBMIT)
        if is_matter_of_rounding(content, form.ledger.base_currency_id):
            return _rounded(request, form, content, status=_OFFERED)
    try:
        entry = _save(form, content, submits=submits, actor=user)
    except StaleVersion:
        return _conflict_page(request, _stored(form, user), content)
    except FinanceError as error:
        form.add_error(error)
        return _page(request, form, status=error.http_status)
    return _go_on(request, entry, submits=submits)


def _save(form: EntryForm, content: EntryInput, *, submits: bool, actor: User) -> JournalEntry:
    if form.entry is None:
        key = form.data["form_key"]
        return save_new_entry(form.ledger, content, form_key=key, submits=submits, actor=actor)
    return save_entry(form.entry, content, version=form.version, submits=submits, actor=actor)


def _go_on(request: HttpRequest, entry: JournalEntry, *, submits: bool) -> HttpResponse:
    if submits:
        messages.success(request, _("%(entry)s waits for approval now.") % {"entry": entry})
        return redirect(entry)
    messages.success(
        request,
        _("Draft %(entry)s is saved (v%(version)s).")
        % {"entry": entry, "version": entry.version},
    )
    if request.POST.get("act") == "save_new":
        return redirect("ledgers:journal_entry_create", entry.ledger.code)
    return redirect("ledgers:journal_entry_edit", entry.ledger.code, entry.pk)


def _stored(form: EntryForm, user: User) -> JournalEntry:
    """Return the draft as it is stored now."""
    if form.entry is not None:
        return get_journal_entry_for(user, form.ledger.code, form.entry.pk)
    return cast("JournalEntry", entry_of_form(form.ledger, form.data["form_key"], actor=user))


def _conflict_page(
    request: HttpRequest, entry: JournalEntry, content: EntryInput
) -> HttpResponse:
    """Show both versions; nothing was saved."""
    context = {
        "entry": entry,
        "ledger": entry.ledger,
        "conflict": EntryConflict(entry, content),
        "act": request.POST.get("act", "save"),
    }
    return render(request, "ledgers/journal_entry_conflict.html", context, status=409)


def _page(request: HttpRequest, form: EntryForm, *, status: int = 200) -> HttpResponse:
    """Show the form with everything that was typed."""
    ledger = form.ledger
    day = read_iso_date(form.data["entry_date"]) or timezone.localdate()
    context = {
        "form": form,
        "rows": form.shown_rows(),
        "entry": form.entry,
        "ledger": ledger,
        "words": Word.choices,
        "kinds": [(kind.value, kind.label) for kind in WRITTEN_KINDS],
        "errors": form.error_list(),
        "digits": minor_digits(ledger.base_currency_id),
        "rounding": rounding_mode(ledger, day).value,
        "tax_choices": tax_choices(ledger, day),
        "rounding_account": known_rounding_account(ledger),
        "currency_options_url": reverse("ledgers:currency_options", args=(ledger.code,)),
        "rate_url": reverse("ledgers:line_rate", args=(ledger.code,)),
        "autosave_url": _autosave_url(form),
        "account_options_url": reverse("ledgers:account_options", args=(ledger.code,)),
        "dimension_options_url": reverse("ledgers:dimension_options", args=(ledger.code,)),
    }
    return render(request, "ledgers/journal_entry_form.html", context, status=status)


def _autosave_url(form: EntryForm) -> str:
    known = (form.entry.pk,) if form.entry else ()
    return reverse("ledgers:journal_entry_autosave", args=(form.ledger.code, *known))


def _form_url(form: EntryForm) -> str:
    if form.entry is None:
        return reverse("ledgers:journal_entry_create", args=(form.ledger.code,))
    return reverse("ledgers:journal_entry_edit", args=(form.ledger.code, form.entry.pk))
