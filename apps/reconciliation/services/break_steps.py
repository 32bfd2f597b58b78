"""Steps of one break: wait, dispute, mark as a duplicate, open again, say, show, accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone

from apps.core.errors import InvalidInput, StaleVersion
from apps.core.files import MAX_FILES, TooManyFiles, checked_file, store_file
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.errors import BreakIsTaken, NothingIsSuggested, ReasonIsMissing
from apps.reconciliation.models import Break, BreakAttachment, BreakComment, HandMatch
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.words import BreakCategory, BreakState, Resolution

if TYPE_CHECKING:
    from datetime import date

    from django.core.files.uploadedfile import UploadedFile

    from apps.organizations.models import User

_LONGEST = 500
_LONGEST_COMMENT = 2_000


def wait_until(found: Break, day: date, *, version: int, reason: str, actor: User) -> Break:
    """Leave a break alone until a day; the first run from then on wakes it.

    Raises:
        InvalidInput: the day is not ahead.
        StaleVersion, BreakIsTaken: somebody else was faster.
    """
    if day <= timezone.localdate():
        raise InvalidInput(field="day", field_name="day", problem=str(day))
    changes = {"state": BreakState.WAITING, "waits_until": day}
    return _change(found, "break.wait", version=version, reason=reason, actor=actor, **changes)


def dispute(found: Break, *, version: int, reason: str, actor: User) -> Break:
    """Say that the other side is wrong; evidence is attached beside it.

    Raises:
        ReasonIsMissing: nothing is said.
        StaleVersion, BreakIsTaken: somebody else was faster.
    """
    changes = {"state": BreakState.DISPUTED, "waits_until": None}
    reason = _reason(reason)
    return _change(
        found, "break.dispute", version=version, reason=reason, actor=actor, **changes
    )


def mark_duplicate(found: Break, *, version: int, reason: str, actor: User) -> Break:
    """End a break because its row stands there twice; the row stays unmatched.

    Raises:
        ReasonIsMissing: nothing is said.
        StaleVersion, BreakIsTaken: somebody else was faster.
    """
    changes = {
        "state": BreakState.RESOLVED,
        "resolution": Resolution.DUPLICATE,
        "waits_until": None,
    }
    reason = _reason(reason)
    return _change(
        found, "break.duplicate", version=version, reason=reason, actor=actor, **changes
    )


def open_again(found: Break, *, version: int, reason: str, actor: User) -> Break:
    """Take back waiting, a dispute or a duplicate.

    Raises:
        StaleVersion, BreakIsTaken: somebody else was faster, or its row is matched.
    """
    state = BreakState.ASSIGNED if found.owner_id else BreakState.OPEN
    changes = {"state": state, "resolution": "", "waits_until": None}
    return _change(found, "break.open", version=version, reason=reason, actor=actor, **changes)


def accept_suggestion(found: Break, *, version: int, actor: User) -> HandMatch:
    """Match the rows that a run suggested to belong together.

    Raises:
        NothingIsSuggested: no run did.
        StaleVersion: the break changed.
        FinanceError: as `match_by_hand`.
    """
    if found.category != BreakCategory.SUGGESTED or found.group_id is None:
        raise NothingIsSuggested
    rows = Break.objects.filter(
        channel=found.channel_id, group_id=found.group_id, category=BreakCategory.SUGGESTED
    )
    seen = dict(rows.values_list("pk", "version")) | {found.pk: version}
    kind = HandMatch.Kind.SUGGESTION
    return match_by_hand(found.channel, seen, actor=actor, kind=kind)


def comment(found: Break, text: str, *, actor: User) -> BreakComment:
    """Say something about a break, open or not.

    Raises:
        ReasonIsMissing: nothing is said.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    text = clean_text(text, field="text").strip()[:_LONGEST_COMMENT]
    if not text:
        raise ReasonIsMissing(field="text")
    with operation("break.comment", actor=actor):
        return BreakComment.objects.create(about=found, author=actor, text=text)


def attach(found: Break, upload: UploadedFile[Any], *, actor: User) -> BreakAttachment:
    """Show a file with a break; the same file twice is the same attachment.

    Raises:
        FileIsTooLarge, FileTypeIsRefused, TooManyFiles: the file cannot be taken.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    file = checked_file(upload)
    with operation("break.attach", actor=actor):
        Break.objects.select_for_update().get(pk=found.pk)
        same = found.attachments.filter(sha256=file.sha256).first()
        if same is not None:
            return same
        if found.attachments.count() >= MAX_FILES:
            raise TooManyFiles(field="file", limit=MAX_FILES)
        values = {"about": found, "uploaded_by": actor}
        return cast("BreakAttachment", store_file(BreakAttachment, file, **values))


def _change(
    found: Break, kind: str, *, version: int, reason: str, actor: User, **changes: Any
) -> Break:
    require(actor, Permission.RECONCILIATION_RUN)
    reason = clean_text(reason, field="reason")[:_LONGEST]
    with operation(kind, actor=actor, reason=reason), refusals_in_words():
        locked = Break.objects.select_for_update().get(pk=found.pk)
        if locked.version != version:
            raise StaleVersion(what=Break._meta.verbose_name)
        is_ended = locked.resolution not in {"", Resolution.DUPLICATE}
        if is_ended or locked.state == BreakState.PROPOSED:
            raise BreakIsTaken(what="")
        return locked.update_versioned(
            actor=actor, reason=reason, expected_version=version, note=reason, **changes
        )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    return reason
