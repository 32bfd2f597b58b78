"""What the page of a close shows beside its checklist: runs, entries, a waiting request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.jobs.services.starting import unfinished_job
from apps.ledgers.models import CloseRun, ClosingEntry, PeriodState, ReopenRequest
from apps.ledgers.services.closing.checklist import (
    REVALUATION,
    CheckItem,
    checklist_of,
    title_of,
)
from apps.ledgers.services.closing.preview import Preview, preview_revaluation
from apps.ledgers.services.closing.years import is_year_end

if TYPE_CHECKING:
    from apps.jobs.models import Job
    from apps.ledgers.models import Period


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item of the checklist as it was when the run closed."""

    title: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with its entries and what its checklist said."""

    run: CloseRun
    entries: tuple[ClosingEntry, ...]
    items: tuple[KeptItem, ...]
    # Who asked to open it again, and what was decided; the latest first.
    requests: tuple[ReopenRequest, ...] = ()

    @property
    def held(self) -> int:
        """How many items held."""
        return sum(item.state == "ok" for item in self.items)


@dataclass(frozen=True, slots=True)
class ClosePage:
    """Everything on the page of a close."""

    items: tuple[CheckItem, ...]
    runs: tuple[RunRow, ...]
    request: ReopenRequest | None
    job: Job | None
    is_year_end: bool
    # What a revaluation would post, where the reader asked for it.
    preview: Preview | None = None

    @property
    def blocker_count(self) -> int:
        """How many items stand in the way."""
        return sum(item.state == "blocker" for item in self.items)

    @property
    def held(self) -> int:
        """How many items hold."""
        return sum(item.is_ok for item in self.items)


def close_page_of(period: Period, *, show: str = "") -> ClosePage:
    """Return the page; a period that is closed shows what its runs kept instead of a list.

    With `show` "revaluation" a period that is not closed previews it.
    """
    is_live = period.state in {PeriodState.OPEN, PeriodState.CLOSING}
    return ClosePage(
        items=tuple(checklist_of(period)) if is_live else (),
        runs=tuple(_runs(period)),
        request=waiting_request(period),
        job=unfinished_job(
            f"period:{period.pk}", organization_id=period.ledger.organization_id
        ),
        is_year_end=is_year_end(period),
        preview=preview_revaluation(period) if is_live and show == REVALUATION else None,
    )


def waiting_request(period: Period) -> ReopenRequest | None:
    """Return the request to reopen the period that waits for a decision."""
    rows = ReopenRequest.objects.filter(period=period, state=ReopenRequest.State.WAITING)
    return rows.select_related("requested_by", "period__ledger__organization", "run").first()


def _runs(period: Period) -> list[RunRow]:
    runs = CloseRun.objects.filter(period=period).select_related("started_by", "closed_by")
    entries = ClosingEntry.objects.filter(run__period=period).select_related(
        "entry__ledger", "entry__period"
    )
    by_run: dict[int, list[ClosingEntry]] = {}
    asked: dict[int, list[ReopenRequest]] = {}
    requests = ReopenRequest.objects.filter(period=period).exclude(
        state=ReopenRequest.State.WAITING
    )
    for request in requests.select_related("requested_by", "decided_by"):
        asked.setdefault(request.run_id, []).append(request)
    for entry in entries.order_by("pk"):
        by_run.setdefault(entry.run_id, []).append(entry)
    return [
        RunRow(
            run,
            tuple(by_run.get(run.pk, ())),
            tuple(_kept(item) for item in run.checklist),
            tuple(asked.get(run.pk, ())),
        )
        for run in runs.order_by("-number")
    ]


def _kept(item: dict[str, Any]) -> KeptItem:
    state = "ok" if item["is_ok"] else "blocker" if item["is_blocker"] else "warning"
    return KeptItem(title_of(item["key"]), state, item["count"])
