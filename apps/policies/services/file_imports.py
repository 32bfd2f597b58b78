"""Proposing what a YAML file says: uploaded, named in a command, or changed on disk.

    policies/<organization>/<environment>.yaml

In development these files are watched: a change becomes a proposal of the person that the
file names, and nothing more; another person still has to confirm it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.core.text import has_hostile_characters
from apps.organizations.models import Organization, User
from apps.policies.errors import FileHasErrors, PolicyHasProblems, UnreadableFile
from apps.policies.models import FinancePolicy
from apps.policies.services.comparison import first_day_of_next_month
from apps.policies.services.policy_file import PolicyDocument, read_document
from apps.policies.services.proposals import lock_policies_of, propose_policy
from apps.policies.words import PolicySource

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 64 * 1024
log = structlog.get_logger(__name__)
# Files that were refused, so that the log says it once for each content.
_told: set[str] = set()


def propose_from_file(data: bytes, *, actor: User) -> FinancePolicy:
    """Propose what a file says for the actor's organization.

    Raises:
        UnreadableFile: it is no YAML text of a sensible size.
        FileHasErrors: with the line and key of each error; nothing was proposed.
        Forbidden, NothingChanges: see `propose_policy`.
    """
    return _propose(_document_in(data), data, actor)


def propose_changed_files() -> list[FinancePolicy]:
    """Propose what changed in the watched files; a file that is refused is logged."""
    made = []
    for organization, path in watched_files():
        try:
            data = _read(path)
            policy = _propose_once(organization, data)
        except FinanceError as error:
            _tell(path, error)
        else:
            made += [policy] if policy is not None else []
    return made


def watched_files() -> Iterator[tuple[Organization, Path]]:
    """Yield the files of this environment with the organizations that they are for."""
    folders = Path(settings.POLICY_FILES)
    for path in sorted(folders.glob(f"*/{settings.POLICY_ENVIRONMENT}.yaml")):
        organization = Organization.objects.filter(code=path.parent.name).first()
        if organization is not None:
            yield organization, path


def _propose_once(organization: Organization, data: bytes) -> FinancePolicy | None:
    """Propose unless the last proposal by file was this one, whoever looks at the same time."""
    with transaction.atomic():
        lock_policies_of(organization.pk)
        proposals = FinancePolicy.objects.filter(
            organization=organization, source=PolicySource.FILE
        )
        last = proposals.order_by("number").last()
        if last is not None and last.file_digest == _digest(data):
            return None
        document = _document_in(data)
        actor = User.objects.filter(
            organization=organization, username=document.proposed_by, is_active=True
        ).first()
        if actor is None:
            raise UnreadableFile(problem=_("proposed_by names nobody of the organization"))
        return _propose(document, data, actor)


def _propose(document: PolicyDocument, data: bytes, actor: User) -> FinancePolicy:
    next_month = first_day_of_next_month(timezone.localdate())
    try:
        return propose_policy(
            document.content,
            effective_from=document.effective_from or next_month,
            reason=document.reason,
            actor=actor,
            file_digest=_digest(data),
        )
    except PolicyHasProblems as error:
        raise FileHasErrors([document.error_at(one) for one in error.problems]) from error


def _document_in(data: bytes) -> PolicyDocument:
    if len(data) > MOST_BYTES:
        raise UnreadableFile(problem=_("it is larger than 64 KB"))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile(problem=_("it is not UTF-8 text")) from error
    if has_hostile_characters(text):
        raise UnreadableFile(problem=_("it is not UTF-8 text"))
    return read_document(text)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(problem=str(error)) from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tell(path: Path, error: FinanceError) -> None:
    problems = error.errors if isinstance(error, FileHasErrors) else [error]
    texts = [str(problem) for problem in problems]
    if str((path, texts)) not in _told:
        _told.add(str((path, texts)))
        log.warning("policy_file.refused", file=str(path), errors=texts)
