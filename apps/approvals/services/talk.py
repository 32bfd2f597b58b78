"""What is said about a request: questions and answers, comments, files.

While a question is open the request goes on: the people asked may still decide. But the
clocks of its tasks stand still until the maker has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.approvals.access import is_involved
from apps.approvals.errors import (
    MakerNeverDecides,
    NothingIsAsked,
    NotInvolved,
    NotTheRequester,
    TextIsMissing,
    TextIsTooLong,
)
from apps.approvals.models import RequestAttachment, RequestComment
from apps.approvals.services.requests import lock_open, note
from apps.approvals.services.ways import open_task_for
from apps.approvals.words import DecisionKind, TaskState
from apps.core.files import MAX_FILES, TooManyFiles, checked_file, store_file
from apps.core.operation import operation
from apps.core.text import clean_text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User

LONGEST_QUESTION = 500
LONGEST_COMMENT = 2000


def ask(request: ApprovalRequest, question: str, *, actor: User) -> ApprovalRequest:
    """Ask the maker something; the tasks stay open, their clocks stand still.

    Raises:
        TextIsMissing, TextIsTooLong: the question.
        MakerNeverDecides, NotYourTask: the actor has no open task of the request.
        RequestIsClosed: somebody was faster.
    """
    question = _text(question, "question", LONGEST_QUESTION)
    if request.maker_id == actor.pk:
        raise MakerNeverDecides
    with operation("approval.ask", actor=actor, reason=question):
        request = lock_open(request)
        task, way = open_task_for(request, actor)
        note(request, DecisionKind.ASK, actor=actor, task=task, way=way, reason=question)
        since = request.asked_at or timezone.now()
        return request.update_versioned(
            actor=actor, reason="ask", expected_version=request.version, asked_at=since
        )


def answer(request: ApprovalRequest, text: str, *, actor: User) -> ApprovalRequest:
    """Answer what the maker was asked; the clocks go on from where they stood.

    Raises:
        TextIsMissing, TextIsTooLong: the answer.
        NotTheRequester: somebody else made it.
        NothingIsAsked: no question is open.
        RequestIsClosed: it was decided meanwhile.
    """
    text = _text(text, "answer", LONGEST_QUESTION)
    if request.maker_id != actor.pk:
        raise NotTheRequester
    with operation("approval.answer", actor=actor, reason=text):
        request = lock_open(request)
        if request.asked_at is None:
            raise NothingIsAsked
        note(request, DecisionKind.ANSWER, actor=actor, reason=text)
        _move_clocks(request)
        return request.update_versioned(
            actor=actor, reason="answer", expected_version=request.version, asked_at=None
        )


def comment(request: ApprovalRequest, text: str, *, actor: User) -> RequestComment:
    """Say something about a request, open or closed.

    Raises:
        TextIsMissing, TextIsTooLong: the comment.
        NotInvolved: the actor has no part in it.
    """
    text = _text(text, "text", LONGEST_COMMENT)
    _require_involved(request, actor)
    with operation("approval.comment", actor=actor):
        return RequestComment.objects.create(request=request, author=actor, text=text)


def attach(
    request: ApprovalRequest, file: UploadedFile[Any], *, actor: User
) -> RequestAttachment:
    """Show a file with an open request; the same file twice is the same attachment.

    Raises:
        FileIsTooLarge, FileTypeIsRefused, TooManyFiles: the file cannot be taken.
        NotInvolved: the actor has no part in the request.
        RequestIsClosed: it is decided, and what was decided on stays as it was.
    """
    _require_involved(request, actor)
    checked = checked_file(file)
    with operation("approval.attach", actor=actor):
        request = lock_open(request)
        same = request.attachments.filter(sha256=checked.sha256).first()
        if same is not None:
            return same
        if request.attachments.count() >= MAX_FILES:
            raise TooManyFiles(field="file", limit=MAX_FILES)
        values = {"request": request, "uploaded_by": actor}
        return cast("RequestAttachment", store_file(RequestAttachment, checked, **values))


def _move_clocks(request: ApprovalRequest) -> None:
    """Add the time that the question was open, or since the task was opened, to each task."""
    now = timezone.now()
    asked_at = Value(request.asked_at, output_field=DateTimeField())
    stood = Value(now, output_field=DateTimeField()) - Greatest(asked_at, F("opened_at"))
    request.tasks.filter(state=TaskState.OPEN).update(
        due_at=F("due_at") + stood, escalate_at=F("escalate_at") + stood
    )


def _require_involved(request: ApprovalRequest, actor: User) -> None:
    if not is_involved(request, actor):
        raise NotInvolved


def _text(text: str, field: str, limit: int) -> str:
    text = clean_text(text, field=field)
    if not text:
        raise TextIsMissing(field=field)
    if len(text) > limit:
        raise TextIsTooLong(field=field, limit=limit)
    return text
