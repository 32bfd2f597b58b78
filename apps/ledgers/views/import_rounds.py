"""What becomes of an import as one subject: refused, taken back, handed in again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.errors import FinanceError, InvalidInput
from apps.ledgers.access import get_journal_import_for
from apps.ledgers.forms.import_form import ImportDecisionForm
from apps.ledgers.models import JournalImport
from apps.ledgers.services.import_rounds import (
    reject_journal_import,
    submit_journal_import,
    withdraw_journal_import,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission


@require_POST
@permission_required(Permission.ENTRY_APPROVE, Permission.ENTRY_SUBMIT)
def journal_import_decide(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Reject, withdraw or hand in all entries of an import, at the version that was seen."""
    found = get_journal_import_for(acting_user(request), ledger, pk)
    form = ImportDecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(field_name=_("Decision"), problem=_("the form was incomplete"))
        messages.success(request, _decide(request, found, form))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("ledgers:journal_import_detail", ledger, pk)


def _decide(request: HttpRequest, found: JournalImport, form: ImportDecisionForm) -> str:
    user, version = acting_user(request), form.cleaned_data["version"]
    if form.cleaned_data["act"] == "reject":
        reason = form.cleaned_data["reason"]
        reject_journal_import(found, version=version, actor=user, reason=reason)
        return _("Rejected; the entries are drafts again.")
    if form.cleaned_data["act"] == "withdraw":
        withdraw_journal_import(found, version=version, actor=user)
        return _("Withdrawn; the entries are drafts again.")
    submit_journal_import(found, version=version, actor=user)
    return _("Handed in again.")
