"""What was said and shown about a request, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.approvals.words import DecisionKind

if TYPE_CHECKING:
    from datetime import datetime

    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User

COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a person said; `kind` is ask, answer or comment."""

    person: User
    kind: str
    text: str
    at: datetime


def conversation_of(request: ApprovalRequest) -> list[Word]:
    """Return questions, answers and comments."""
    kinds = (DecisionKind.ASK, DecisionKind.ANSWER)
    asked = [one for one in request.decisions.all() if one.kind in kinds]
    said = request.comments.select_related("author")
    words = [Word(one.actor, one.kind, one.reason, one.at) for one in asked]
    words += [Word(one.author, COMMENT, one.text, one.at) for one in said]
    return sorted(words, key=attrgetter("at"))


def files_of(request: ApprovalRequest) -> list[dict[str, Any]]:
    """Return the files as `components/attachment_list.html` shows them."""
    return [
        {
            "name": file.filename,
            "url": reverse("approvals:request_attachment_download", args=[file.pk]),
            "size": file.size,
            "by": file.uploaded_by.display_name(),
            "at": file.uploaded_at,
            "sha256": file.sha256,
        }
        for file in request.attachments.select_related("uploaded_by")
    ]
