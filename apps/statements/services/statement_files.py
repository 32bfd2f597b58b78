"""What people do with a statement: bring it, look at it, import or discard it.

    upload ─▶ reading ─▶ ready ─▶ importing ─▶ imported
                 └─▶ failed, with the line    └─▶ discarded

Reading and importing are jobs; see statement_jobs.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.jobs.models import Job
from apps.jobs.services.starting import start_job, unfinished_job
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.statements.clients.readers import MAX_BYTES, MEGABYTE
from apps.statements.database_errors import refusals_in_words
from apps.statements.errors import (
    ChannelTakesNoFiles,
    StatementCameBefore,
    StatementCannotMove,
    StatementTooLarge,
)
from apps.statements.models import Channel, StatementFile, StatementFormat

if TYPE_CHECKING:
    from apps.organizations.models import User

State = StatementFile.State
READ, IMPORT = "statement_read", "statement_import"


@dataclass(frozen=True, slots=True)
class Contents:
    """Bytes of a statement, and how they are read."""

    content: bytes
    filename: str
    sha256: str
    format: str
    rules: dict[str, Any]


def upload_statement(
    channel: Channel, content: bytes, filename: str, *, actor: User
) -> StatementFile:
    """Take a file of a channel and have a job read it.

    Raises:
        Forbidden: the actor's roles do not allow it.
        ChannelTakesNoFiles, StatementTooLarge: it cannot be taken.
        StatementCameBefore: these bytes are there already.
    """
    with operation("statement.upload", actor=actor):
        statement = store_statement(channel, content, filename, actor=actor)
        _start(READ, statement, actor)
    statement.refresh_from_db()
    return statement


def keep_and_read(channel: Channel, contents: Contents, *, actor: User) -> StatementFile:
    """Keep what another source than a file of people says, and have a job read it.

    Raises:
        StatementCameBefore: these bytes are there already.
    """
    with operation("statement.take", actor=actor):
        statement = _keep(channel, contents, actor)
        _start(READ, statement, actor)
    statement.refresh_from_db()
    return statement


def store_statement(
    channel: Channel, content: bytes, filename: str, *, actor: User
) -> StatementFile:
    """Keep the bytes of a file, which has to be read then.

    Raises:
        Forbidden, ChannelTakesNoFiles, StatementTooLarge: as for `upload_statement`.
        StatementCameBefore: these bytes are there already.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    if len(content) > MAX_BYTES:
        raise StatementTooLarge(field="file", limit=MAX_BYTES // MEGABYTE)
    if not takes_files(channel):
        raise ChannelTakesNoFiles(field="file")
    contents = Contents(
        content,
        clean_text(PurePath(filename).name, field="file")[-150:],
        hashlib.sha256(content).hexdigest(),
        channel.format,
        channel.mapping.rules if channel.mapping else {},
    )
    return _keep(channel, contents, actor)


def _keep(channel: Channel, contents: Contents, actor: User) -> StatementFile:
    with operation("statement.store", actor=actor), refusals_in_words():
        # Two uploads of a channel at once: the second one sees the first.
        Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        _refuse_known(channel, contents.sha256)
        statement = StatementFile(
            channel=channel,
            filename=contents.filename,
            sha256=contents.sha256,
            size=len(contents.content),
            format=contents.format,
            rules=contents.rules,
            currency_id=channel.currency_id,
            external_account=channel.external_account,
            created_by=actor,
        )
        statement.file.save(contents.sha256, ContentFile(contents.content), save=False)
        statement.save(force_insert=True)
    return statement


def takes_files(channel: Channel) -> bool:
    """Say whether files can be brought to a channel."""
    needs_mapping = channel.format == StatementFormat.TABLE
    return (
        channel.is_active
        and channel.format != StatementFormat.NONE
        and (channel.mapping is not None or not needs_mapping)
    )


def import_statement(
    statement: StatementFile, *, version: int, actor: User, accepts_conflicts: bool = False
) -> Job:
    """Have a job import a statement that was looked at.

    Raises:
        Forbidden, StaleVersion, StatementCannotMove: not by the actor, or not now.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    _check(statement, (State.READY,), version)
    return _start(IMPORT, statement, actor, accepts=accepts_conflicts)


def read_again(statement: StatementFile, *, actor: User) -> Job:
    """Start the job again that reads a file, after it was stopped.

    Raises:
        Forbidden, StatementCannotMove: not by the actor, or not now.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    _check(statement, (State.READING,), statement.version)
    return _start(READ, statement, actor)


def discard_statement(statement: StatementFile, *, version: int, actor: User) -> StatementFile:
    """Put a file aside that was not imported; it may be brought again.

    Raises:
        Forbidden, StaleVersion, StatementCannotMove: not by the actor, or not now.
    """
    require(actor, Permission.STATEMENT_IMPORT)
    _check(statement, (State.READY, State.READING), version)
    with operation("statement.discard", actor=actor), refusals_in_words():
        rows = StatementFile.objects.filter(
            pk=statement.pk, version=version, state=statement.state
        )
        if not rows.update(state=State.DISCARDED, version=F("version") + 1):
            raise StaleVersion(what=StatementFile._meta.verbose_name)
    statement.refresh_from_db()
    return statement


def job_of(statement: StatementFile) -> Job | None:
    """Return the job that is at work for a statement, if one is."""
    organization = statement.channel.organization_id
    return unfinished_job(_key(statement), organization_id=organization)


def _start(kind: str, statement: StatementFile, actor: User, *, accepts: bool = False) -> Job:
    return start_job(
        kind,
        actor=actor,
        subject=f"{statement.channel.code}: {statement.filename}",
        exclusive_key=_key(statement),
        parameters={"statement": statement.pk, "accepts_conflicts": accepts},
        subject_url=statement.get_absolute_url(),
    )


def _key(statement: StatementFile) -> str:
    return f"statement:{statement.pk}"


def _check(statement: StatementFile, states: tuple[str, ...], version: int) -> None:
    if statement.version != version:
        raise StaleVersion(what=StatementFile._meta.verbose_name)
    if statement.state not in states:
        raise StatementCannotMove(state=statement.get_state_display())


def _refuse_known(channel: Channel, digest: str) -> None:
    rows = StatementFile.objects.filter(
        channel=channel, sha256=digest, state__in=StatementFile.ALIVE
    )
    known = rows.select_related("created_by", "imported_by").first()
    if known is not None:
        person = known.imported_by or known.created_by
        when = timezone.localtime(known.imported_at or known.created_at)
        raise StatementCameBefore(
            field="file",
            day=f"{when:%Y-%m-%d %H:%M}",
            person=person.display_name(),
            state=known.get_state_display(),
        )
