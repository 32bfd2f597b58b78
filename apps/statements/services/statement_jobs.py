"""The work for a statement: reading its file, importing its lines.

Reading changes nothing but what people see of the file. Importing is one transaction: a worker
that dies, or a line that cannot be written, leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.jobs.services.kinds import KINDS, JobKind, Outcome, Work
from apps.jobs.services.leases import failure_of
from apps.organizations.permissions import Permission
from apps.statements.models import Channel, StatementFile
from apps.statements.services.overlap import Overlap, gaps_of, overlap_of
from apps.statements.services.reading import Reading, reading_of
from apps.statements.services.statement_files import IMPORT, READ, store_statement
from apps.statements.services.statement_writing import write_statement

if TYPE_CHECKING:
    from apps.jobs.models import Job
    from apps.organizations.models import User
    from apps.statements.clients.readers import ReadFile
    from apps.statements.domain.parts import Part

State = StatementFile.State
SHOWN_PARTS, _SHOWN_TEXT = 60, 200


def read_statement(job: Job, work: Work) -> Outcome:
    """Read a file, prove it, and keep what people want to know before they import it."""
    statement = _statement_of(job)
    if statement.state == State.READING:
        try:
            with reading_of(statement) as reading:
                _look_at(statement, reading, job, work)
        except FinanceError as error:
            _fail(job, statement, error)
            raise
    return _outcome(statement)


def import_read_statement(job: Job, _work: Work) -> Outcome:
    """Import a statement that waits for it."""
    statement = _statement_of(job)
    if statement.state == State.READY:
        with reading_of(statement) as reading:
            statement = write_statement(
                statement,
                reading,
                actor=job.created_by,
                accepts_conflicts=bool(job.parameters.get("accepts_conflicts")),
            )
    return _outcome(statement)


def import_at_once(
    channel: Channel, content: bytes, filename: str, *, actor: User
) -> StatementFile:
    """Read and import a file in one transaction, for programs that bring it themselves.

    Raises:
        FinanceError: why it is refused; nothing was changed.
        ConflictsToAccept: a person has to look at it.
    """
    with operation("statement.import_at_once", actor=actor):
        statement = store_statement(channel, content, filename, actor=actor)
        with reading_of(statement) as reading:
            _keep(statement, reading)
            statement.refresh_from_db()
            return write_statement(statement, reading, actor=actor)


def register_jobs() -> None:
    """Let jobs of these kinds be started."""
    for kind, label, run in (
        (READ, gettext_lazy("Reading of a statement"), read_statement),
        (IMPORT, gettext_lazy("Import of a statement"), import_read_statement),
    ):
        KINDS[kind] = JobKind(
            label,
            Permission.STATEMENT_IMPORT,
            run,
            says=_in_words,
            view_permission=Permission.STATEMENT_VIEW,
        )


def _statement_of(job: Job) -> StatementFile:
    rows = StatementFile.objects.select_related("channel__currency", "created_by")
    return rows.get(pk=job.parameters["statement"], channel__organization=job.organization_id)


def _look_at(statement: StatementFile, reading: Reading, job: Job, work: Work) -> None:
    work.expect(sum(part.count for part in reading.found.parts))
    with operation("statement.read", actor=job.created_by):
        work.hold()
        _keep(statement, reading)


def _outcome(statement: StatementFile) -> Outcome:
    statement.refresh_from_db()
    facts = {"lines": statement.line_count, "new": statement.new_count}
    return Outcome(statement.get_absolute_url(), facts)


def _in_words(facts: dict[str, Any]) -> str:
    return _("%(lines)s lines, %(new)s of them new.") % facts


def _fail(job: Job, statement: StatementFile, error: FinanceError) -> None:
    """Keep why nothing was imported."""
    with operation("statement.fail", actor=job.created_by):
        StatementFile.objects.filter(pk=statement.pk, state=State.READING).update(
            state=State.FAILED, failure=failure_of(error), version=F("version") + 1
        )


def _keep(statement: StatementFile, reading: Reading) -> None:
    found = reading.found
    parts = found.parts
    overlap = overlap_of(statement, parts, reading.lines)
    StatementFile.objects.filter(pk=statement.pk, state=State.READING).update(
        state=State.READY,
        version=F("version") + 1,
        encoding=found.encoding,
        external_account=found.account,
        from_on=min(part.from_on for part in parts),
        to_on=max(part.to_on for part in parts),
        opening_balance=parts[0].opening,
        closing_balance=parts[-1].closing,
        line_count=sum(part.count for part in parts),
        total=sum((part.total for part in parts), Decimal(0)),
        new_count=overlap.new_count,
        findings=_findings(statement, found, overlap),
    )


def _findings(statement: StatementFile, found: ReadFile, overlap: Overlap) -> dict[str, Any]:
    parts = found.parts
    new = gaps_of(statement.channel, parts)
    old = set(gaps_of(statement.channel))
    return {
        "preview": _shown(found.preview),
        "parts": [_part(part) for part in parts[:SHOWN_PARTS]],
        "money_in": str(sum((part.money_in for part in parts), Decimal(0))),
        "money_out": str(sum((part.money_out for part in parts), Decimal(0))),
        "others": found.others,
        "known": sum(part.count for part in parts) - overlap.new_count,
        "conflicts": overlap.conflict_count,
        "only_here": _shown(overlap.only_here),
        "only_there": _shown(overlap.only_there),
        "gaps": [
            {
                "after": gap.after_on.isoformat(),
                "before": gap.before_on.isoformat(),
                "expected": str(gap.expected),
                "found": str(gap.found),
                "difference": str(gap.difference),
            }
            for gap in new
            if gap not in old
        ],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "reference": part.reference,
        "from_on": part.from_on.isoformat(),
        "to_on": part.to_on.isoformat(),
        "opening": None if part.opening is None else str(part.opening),
        "total": str(part.total),
        "closing": None if part.closing is None else str(part.closing),
        "lines": part.count,
    }


def _shown(lines: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            name: "" if value is None else str(value)[:_SHOWN_TEXT]
            for name, value in line.items()
        }
        for line in lines
    ]
