"""One decision on many entries: as many single decisions, each with its own answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core.errors import FinanceError
from apps.ledgers.access import entries_for, get_ledger_for
from apps.ledgers.models import EntryState, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.organizations.access import acting_user, permission_required, require
from apps.organizations.models import User
from apps.organizations.permissions import Permission

MOST_AT_ONCE = 200
_MAX_DIGITS = 18
_LONGEST_QUERY = 2000


@require_POST
@permission_required(Permission.ENTRY_APPROVE, Permission.ENTRY_POST)
def journal_entry_bulk(request: HttpRequest, ledger: str) -> HttpResponse:
    """Approve or post the chosen entries, each at the version that was seen."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    is_post = request.POST.get("act") == "post"
    require(user, Permission.ENTRY_POST if is_post else Permission.ENTRY_APPROVE)
    done, waiting, refusals = _decide(books, _chosen(request), user, is_post=is_post)
    for refusal in refusals:
        messages.error(request, refusal)
    if waiting:
        messages.success(request, _waiting_sentence(waiting))
    if done or not (refusals or waiting):
        messages.success(request, _sentence(done, is_post=is_post))
    back = reverse("ledgers:journal_entry_list", args=(books.code,))
    query = QueryDict(request.POST.get("query", "")[:_LONGEST_QUERY]).urlencode()
    return redirect(f"{back}?{query}" if query else back)


def _chosen(request: HttpRequest) -> dict[int, int]:
    """Return versions by key from values such as `17:3`; what is not one is left out."""
    chosen = {}
    for text in request.POST.getlist("entry")[:MOST_AT_ONCE]:
        key, _colon, version = text.partition(":")
        if _is_number(key) and _is_number(version):
            chosen[int(key)] = int(version)
    return chosen


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _decide(
    ledger: Ledger, chosen: dict[int, int], user: User, *, is_post: bool
) -> tuple[int, int, list[str]]:
    """Return how many are done, how many still wait for other people, and what was refused."""
    decide = post_journal_entry if is_post else approve_journal_entry
    done, waiting, refusals = 0, 0, []
    for entry in entries_for(ledger).filter(pk__in=chosen).order_by("entry_date", "id"):
        try:
            decided = decide(entry, version=chosen[entry.pk], actor=user)
        except FinanceError as error:
            refusals.append(_("%(entry)s: %(reason)s") % {"entry": entry, "reason": error})
        else:
            is_waiting = decided.state == EntryState.SUBMITTED
            done, waiting = done + (not is_waiting), waiting + is_waiting
    return done, waiting, refusals


def _waiting_sentence(count: int) -> str:
    text = ngettext(
        "Your approval of %(count)s entry is noted; other people are still asked.",
        "Your approval of %(count)s entries is noted; other people are still asked.",
        count,
    )
    return text % {"count": count}


def _sentence(count: int, *, is_post: bool) -> str:
    if is_post:
        text = ngettext("%(count)s entry is posted.", "%(count)s entries are posted.", count)
    else:
        text = ngettext(
            "%(count)s entry is approved.", "%(count)s entries are approved.", count
        )
    return text % {"count": count}
