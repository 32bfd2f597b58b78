"""Files of an entry: taking them in and handing them out, never shown inside a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.files import sent_for_saving
from apps.ledgers.access import get_attachment_for, get_journal_entry_for
from apps.ledgers.services.attachments import attach_file
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission


@require_POST
@permission_required(Permission.ENTRY_DRAFT)
def attachment_create(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Attach the files that were sent; each answers for itself."""
    user = acting_user(request)
    entry = get_journal_entry_for(user, ledger, pk)
    uploads = request.FILES.getlist("file")
    if not uploads:
        messages.error(request, _("Choose a file first."))
    for upload in uploads:
        try:
            attachment = attach_file(entry, upload, actor=user)
        except FinanceError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(file)s is attached.") % {"file": attachment})
    return redirect(entry)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def attachment_download(request: HttpRequest, ledger: str, pk: int) -> FileResponse:
    """Send a file for saving, with the type that its content has."""
    return sent_for_saving(get_attachment_for(acting_user(request), ledger, pk))
