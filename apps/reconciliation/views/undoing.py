"""What both ways back have in common: of a match by hand, and of a split row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user
from apps.reconciliation.forms.matching import VersionForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest


def undo_as_seen(
    request: HttpRequest, undo: Callable[..., Any], made: Any, *, done: str
) -> None:
    """Undo what was made, at the version that was seen, and tell the person what came of it."""
    form = VersionForm(request.POST)
    form.is_valid()
    version = form.cleaned_data.get("version") or 0
    reason = form.cleaned_data.get("reason") or ""
    try:
        undo(made, version=version, actor=acting_user(request), reason=reason)
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
