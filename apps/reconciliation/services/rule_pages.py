"""What the pages of rules show: versions in words, and the comparison of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.jobs.services.pages import failure_text
from apps.jobs.services.running import progress_of
from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.domain.rules import DEFAULT_PASSES, read_rules
from apps.reconciliation.models import RuleSetVersion, RuleTrial
from apps.reconciliation.services.lines import Line, note_of, reference_of
from apps.reconciliation.services.row_parts import lines_and_parts
from apps.reconciliation.services.rule_sample import MOST_ROWS
from apps.reconciliation.services.rule_trials import job_of
from apps.reconciliation.services.rule_words import RuleWords, changes_between, words_of
from apps.reconciliation.services.run_words import ORDER, label_of, tone_of
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from apps.jobs.models import Job
    from apps.jobs.services.running import Progress
    from apps.reconciliation.models import RowPart
    from apps.statements.models import Channel

_HUNDRED = 100
_ROWS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class BucketChange:
    """A bucket of one side under both rules."""

    label: str
    tone: str
    currency: str
    before: int
    before_sum: Decimal
    now: int
    now_sum: Decimal

    @property
    def more(self) -> int:
        """How many rows more there are with the new rules."""
        return self.now - self.before


@dataclass(slots=True)
class SideChange:
    """One side of a sample: what took part, its buckets, and what is matched by itself.

    Of the rows `older` were open before the days; `kept` others of the days were matched by
    hand, or by runs of before, and stay.
    """

    side: Side
    rows: int = 0
    all_rows: int = 0
    older: int = 0
    kept: int = 0
    matched_before: int = 0
    matched_now: int = 0
    buckets: list[BucketChange] = field(default_factory=list)

    @property
    def before_rate(self) -> Decimal:
        """Percent that the active rules match."""
        return Decimal(self.matched_before * _HUNDRED) / max(self.rows, 1)

    @property
    def now_rate(self) -> Decimal:
        """Percent that the new rules match."""
        return Decimal(self.matched_now * _HUNDRED) / max(self.rows, 1)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that ends elsewhere, with its line."""

    side: Side
    before: str
    now: str
    before_tone: str
    now_tone: str
    amount: Decimal
    currency: str
    line: Line
    part: RowPart | None = None

    @property
    def reference(self) -> str:
        """What the row is called."""
        return reference_of(self.line)

    @property
    def note(self) -> str:
        """Which part it is, the counterparty, or the entry's number."""
        return note_of(self.line, self.part)

    @property
    def day(self) -> str:
        """The day of the row as ISO text."""
        if isinstance(self.line, StatementLine):
            return self.line.booked_on.isoformat()
        return self.line.entry_date.isoformat() if self.line else ""

    @property
    def url(self) -> str:
        """The page of the entry, or of the statement."""
        if isinstance(self.line, StatementLine):
            return self.line.statement.get_absolute_url()
        return self.line.entry.get_absolute_url() if self.line else ""


@dataclass(frozen=True, slots=True)
class TrialPage:
    """A trial: how far it is, or what it found; `is_stale` says that others are active now.

    `is_as_run` says that the rows are those of a run: older trials took other ones.
    """

    trial: RuleTrial
    words: RuleWords
    changes: list[dict[str, str]]
    job: Job | None
    progress: Progress | None
    failure: str
    sides: list[SideChange]
    changed: int
    rows: list[RowChange]
    days: list[str]
    is_cut: bool
    is_as_run: bool
    is_stale: bool
    most_rows: int = MOST_ROWS

    @property
    def is_running(self) -> bool:
        """Whether a worker is at it or should be."""
        return bool(self.job and self.job.is_unfinished)

    @property
    def first_rows(self) -> list[RowChange]:
        """The rows that are seen at once."""
        return self.rows[:_ROWS_AT_ONCE]

    @property
    def more_rows(self) -> list[RowChange]:
        """The rows that are seen when somebody asks for them."""
        return self.rows[_ROWS_AT_ONCE:]


def words_of_version(version: RuleSetVersion | None, channel: Channel) -> RuleWords:
    """Return a version in words; without one, what all channels begin with."""
    passes, options = (version.passes, version.options) if version else (DEFAULT_PASSES, {})
    return words_of(read_rules(passes, options), channel.currency_id)


def trial_page(trial: RuleTrial) -> TrialPage:
    """Return what the page of a trial shows."""
    channel, result = trial.channel, trial.result
    words = words_of(read_rules(trial.passes, trial.options), channel.currency_id)
    is_done = trial.state == RuleTrial.State.DONE
    job = None if is_done else job_of(trial)
    sides = _sides(result) if is_done else []
    return TrialPage(
        trial=trial,
        words=words,
        changes=changes_between(words_of_version(trial.baseline, channel), words),
        job=job,
        progress=progress_of(job) if job else None,
        failure=failure_text(job) if job else "",
        sides=sides,
        changed=result.get("changed", 0),
        rows=_rows(result.get("changes", [])),
        days=result.get("days", []),
        is_as_run="kept" in result,
        is_cut=any(side.rows < side.all_rows for side in sides),
        is_stale=trial.baseline.state != RuleSetVersion.State.ACTIVE,
    )


def version_changes(
    version: RuleSetVersion, active: RuleSetVersion | None
) -> list[dict[str, str]] | None:
    """Return what a draft changes of the active rules; None where it changes nothing now."""
    if version.state != RuleSetVersion.State.DRAFT:
        return None
    channel = version.rule_set.channel
    return changes_between(
        words_of_version(active, channel), words_of_version(version, channel)
    )


def _sides(result: dict[str, Any]) -> list[SideChange]:
    sides = {
        side: SideChange(
            side,
            rows=result["rows"][side],
            all_rows=result["all"][side],
            older=result.get("older", {}).get(side, 0),
            kept=sum(row[3] for row in result.get("kept", []) if row[0] == side),
        )
        for side in Side
    }
    ordered = sorted(result["buckets"], key=lambda row: (ORDER.get(row[1], 0), row[2]))
    for side, bucket, currency, before, before_sum, now, now_sum in ordered:
        one = sides[Side(side)]
        if bucket in MATCHED:
            one.matched_before += before
            one.matched_now += now
        sums = (Decimal(before_sum), Decimal(now_sum))
        one.buckets.append(
            BucketChange(
                label_of(bucket), tone_of(bucket), currency, before, sums[0], now, sums[1]
            )
        )
    return list(sides.values())


def _rows(changes: Sequence[Sequence[Any]]) -> list[RowChange]:
    lines, parts = lines_and_parts((side, pk) for side, pk, *_more in changes)
    return [
        RowChange(
            side=Side(side),
            before=label_of(before),
            now=label_of(now),
            before_tone=tone_of(before),
            now_tone=tone_of(now),
            amount=Decimal(amount),
            currency=currency,
            line=lines.get((side, pk)),
            part=parts.get((side, pk)),
        )
        for side, pk, before, now, amount, currency in changes
    ]
