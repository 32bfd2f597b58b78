"""What the pages of proofs and sign-offs show.

A run that is signed off shows what was kept then; any other one its proof as things stand now.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.proof import Proof, RollRow, Total
from apps.reconciliation.models import ReconciliationRun, SignOff, SignOffWithdrawal
from apps.reconciliation.services.sign_off_breaks import category_label
from apps.reconciliation.services.sign_off_facts import files_of
from apps.reconciliation.services.sign_off_proof import (
    Sheet,
    carried_by,
    kept_balances,
    sheet_of,
)
from apps.reconciliation.services.sign_off_verification import current_sign_offs
from apps.reconciliation.services.sign_off_words import (
    bucket_label,
    sentence_of_obstacle,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from apps.statements.models import StatedBalance

_ROLL = ("brought", "new", "moved", "cleared", "carried")


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One line of the proof: `kind` is balance, part, sum or result."""

    label: str
    amount: Decimal | None
    kind: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ProofPage:
    """A proof as its page and its paper show it."""

    sheet: Sheet
    lines: list[ProofLine]
    problems: list[str]
    current: SignOff | None
    withdrawal: SignOffWithdrawal | None
    earlier: list[SignOff] = field(default_factory=list)
    is_stale: bool = False

    @property
    def roll(self) -> list[tuple[str, list[Total]]]:
        """The roll-forward: a label and its columns, the sums of all at the end."""
        rows = [
            (category_label(row.category), [getattr(row, name) for name in _ROLL])
            for row in self.sheet.roll
        ]
        if len(rows) > 1:
            columns = zip(*(totals for _label, totals in rows), strict=True)
            rows.append((_("Together"), [_sum(column) for column in columns]))
        return rows


@dataclass(frozen=True, slots=True)
class SignOffRow:
    """One line of the list: a run, and where its sign-off stands."""

    run: ReconciliationRun
    sign_off: SignOff | None
    state: str
    state_label: str
    unexplained: Decimal | None


def proof_page(run: ReconciliationRun) -> ProofPage:
    """Return the proof of a run that has results."""
    offs = list(
        SignOff.objects.filter(run=run).select_related(
            "prepared_by", "reviewed_by", "supersedes__run"
        )
    )
    states = SignOff.State
    current = next((one for one in offs if one.state != states.RETURNED), None)
    is_signed = current is not None and current.state == states.SIGNED
    sheet = kept_sheet(current) if current and is_signed else sheet_of(run)
    withdrawal = current.withdrawals.exclude(state="declined").first() if current else None
    is_withdrawn = withdrawal is not None and withdrawal.state == "confirmed"
    return ProofPage(
        sheet,
        proof_lines(sheet.proof, sheet.stated),
        [] if is_signed else [sentence_of_obstacle(one) for one in sheet.obstacles],
        current,
        withdrawal,
        [one for one in offs if one is not current],
        is_stale=is_signed
        and not is_withdrawn
        and not current_sign_offs().filter(run=run).exists(),
    )


def kept_sheet(signed: SignOff) -> Sheet:
    """Return what was signed off, as it was kept."""
    said = json.loads(signed.proof)
    run = signed.run
    proof = Proof(
        currency=said["currency"],
        from_on=run.from_on,
        to_on=run.to_on,
        book=Decimal(said["book_balance"]),
        statement=Decimal(said["statement_balance"]),
        outstanding=_totals(said["outstanding"]),
        deltas=_totals(said["differences"]),
    )
    roll = tuple(
        RollRow(row["category"], **{name: _counted(row, name) for name in _ROLL})
        for row in said["roll_forward"]
    )
    before = SignOff.objects.filter(pk=said["previous_sign_off"]).first()
    return Sheet(
        run,
        proof,
        (),
        tuple(carried_by(signed)),
        roll,
        tuple(files_of(run)),
        before,
        tuple(kept_balances(said)),
    )


def proof_lines(proof: Proof, stated: Sequence[StatedBalance] = ()) -> list[ProofLine]:
    """Return the proof from the balance of the books down to what is unexplained.

    `stated` are the balances that people stated, the last of which may be the one compared.
    """
    day = date_format(proof.to_on, "Y-m-d")
    words = {
        Side.BOOK.value: _("Open in the books"),
        Side.STATEMENT.value: _("Open on the statement"),
    }
    outstanding = [
        ProofLine(
            f"{words[one.side]}: {category_label(one.category)}", one.effect, "part", one.count
        )
        for one in proof.outstanding
    ]
    deltas = [
        ProofLine(
            _("Difference of matches: %(rule)s") % {"rule": bucket_label(one.category)},
            one.effect,
            "part",
            one.count,
        )
        for one in proof.deltas
    ]
    return [
        ProofLine(_("Balance in the books on %(day)s") % {"day": day}, proof.book, "balance"),
        *outstanding,
        *deltas,
        ProofLine(_("Balance that the statement should tell"), proof.explained, "sum"),
        ProofLine(_label_of_statement(proof, day, stated), proof.statement, "balance"),
        ProofLine(_("Unexplained"), proof.unexplained, "result"),
    ]


def _label_of_statement(proof: Proof, day: str, stated: Sequence[StatedBalance]) -> str:
    if not stated or stated[-1].at_on != proof.to_on:
        return _("Balance of the statement on %(day)s") % {"day": day}
    facts = {"day": day, "person": stated[-1].stated_by.display_name()}
    return _("Balance on %(day)s, stated by %(person)s") % facts


def sign_off_rows(runs: Iterable[ReconciliationRun]) -> list[SignOffRow]:
    """Return runs with where their sign-offs stand."""
    found = list(runs)
    offs: dict[int, SignOff] = {}
    rows = SignOff.objects.filter(run__in=found).exclude(state=SignOff.State.RETURNED)
    for one in rows.select_related("prepared_by", "reviewed_by").order_by("pk"):
        offs[one.run_id] = one
    in_force = set(
        SignOff.objects.in_force().filter(run__in=found).values_list("pk", flat=True)
    )
    fresh = set(current_sign_offs().filter(run__in=found).values_list("pk", flat=True))
    return [_row(run, offs.get(run.pk), in_force, fresh) for run in found]


def runs_to_list(runs: QuerySet[ReconciliationRun]) -> QuerySet[ReconciliationRun]:
    """Return the runs that matter: what was signed off, and the newest of each channel."""
    newest = runs.order_by().values("channel_id").annotate(newest=Max("pk"))
    listed = runs.filter(state="signed_off") | runs.filter(pk__in=newest.values("newest"))
    return listed.order_by("-to_on", "channel__code", "-pk")


def _row(
    run: ReconciliationRun, found: SignOff | None, in_force: set[int], fresh: set[int]
) -> SignOffRow:
    said = json.loads(found.proof)["unexplained"] if found else None
    left = None if said is None else Decimal(said)
    if found is None:
        return SignOffRow(run, None, "draft", _("to be prepared"), left)
    if found.state == SignOff.State.PREPARED:
        return SignOffRow(run, found, "waiting", found.get_state_display(), left)
    if found.pk not in in_force:
        return SignOffRow(run, found, "withdrawn", _("withdrawn"), left)
    if found.pk not in fresh:
        return SignOffRow(run, found, "void", _("stale"), left)
    return SignOffRow(run, found, "confirmed", found.get_state_display(), left)


def _totals(rows: Iterable[dict[str, Any]]) -> tuple[Total, ...]:
    return tuple(
        Total(row["category"], row["count"], Decimal(row["effect"]), row["side"])
        for row in rows
    )


def _counted(row: dict[str, Any], name: str) -> Total:
    count, effect = row[name]
    return Total(row["category"], count, Decimal(effect))


def _sum(column: Iterable[Total]) -> Total:
    totals = list(column)
    return Total(
        "", sum(one.count for one in totals), sum((one.effect for one in totals), Decimal(0))
    )
