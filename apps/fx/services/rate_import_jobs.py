"""The work of an import: reading its file, confirming its rates.

Each is one transaction that holds the job's row: a second worker changes nothing, one that
dies or is stopped leaves everything as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.fx.models import RateImport, RateState
from apps.fx.services.rate_imports import CONFIRM, READ
from apps.fx.services.rate_writing import decide_rates, read_file, write_rates
from apps.jobs.services.kinds import KINDS, JobKind, Outcome, Work
from apps.jobs.services.leases import failure_of
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.jobs.models import Job

State = RateImport.State


def read_import(job: Job, work: Work) -> Outcome:
    """Read the file of an import and write what is new; it waits for a second person then."""
    found = _import_of(job)
    if found.state == State.READING:
        try:
            rates = read_file(found)
        except FinanceError as error:
            _fail(job, found, error)
            raise
        work.expect(len(rates))
        with operation("rate_import.read", actor=job.created_by):
            work.hold()
            write_rates(found, rates, work)
    return _outcome(found)


def confirm_import(job: Job, work: Work) -> Outcome:
    """Let the rates of an import be used."""
    found = _import_of(job)
    if found.state == State.CONFIRMING and found.decided_by is not None:
        work.expect(found.new_count + found.changed_count)
        with operation("rate_import.confirm", actor=found.decided_by):
            work.hold()
            decide_rates(found, RateState.CONFIRMED, actor=found.decided_by, work=work)
            RateImport.objects.filter(pk=found.pk).update(
                state=State.DONE, version=F("version") + 1
            )
    return _outcome(found)


def register_jobs() -> None:
    """Let jobs of these kinds be started."""
    KINDS[READ] = JobKind(
        gettext_lazy("Import of rates"),
        Permission.RATE_MANAGE,
        read_import,
        says=_in_words,
        view_permission=Permission.RATE_VIEW,
    )
    KINDS[CONFIRM] = JobKind(
        gettext_lazy("Confirmation of rates"),
        Permission.RATE_CONFIRM,
        confirm_import,
        says=_in_words,
        view_permission=Permission.RATE_VIEW,
    )


def _import_of(job: Job) -> RateImport:
    return RateImport.objects.select_related("decided_by").get(
        pk=job.parameters["rate_import"], organization=job.organization_id
    )


def _outcome(found: RateImport) -> Outcome:
    facts = {"new": found.new_count, "changed": found.changed_count}
    return Outcome(found.get_absolute_url(), facts)


def _in_words(facts: dict[str, Any]) -> str:
    return _("%(new)s new rates, %(changed)s changed ones.") % facts


def _fail(job: Job, found: RateImport, error: FinanceError) -> None:
    """Keep why nothing was imported."""
    with operation("rate_import.fail", actor=job.created_by):
        RateImport.objects.filter(pk=found.pk, state=State.READING).update(
            state=State.FAILED, failure=failure_of(error), version=F("version") + 1
        )
