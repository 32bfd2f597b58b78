"""The proof of a run put together: what it says, what hinders it, and its seal.

digest   SHA-256 over the results in order: what this run matched, then what is open
seal     SHA-256 over the files of statements, the rules, the proof and the digest
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.events.domain.envelopes import canonical_body
from apps.reconciliation.domain.buckets import MATCHED, Side
from apps.reconciliation.domain.proof import (
    Hindrance,
    Obstacle,
    OpenItem,
    Proof,
    RollRow,
    Total,
    roll_forward,
    statement_balance,
    totals_of,
)
from apps.reconciliation.models import CarriedItem, ReconciliationRun, SignOff
from apps.reconciliation.services.sign_off_breaks import states_of, undecided_breaks
from apps.reconciliation.services.sign_off_facts import (
    balance_and_late_rows,
    daily_totals,
    deltas_of,
    files_of,
    first_day,
    open_items,
    spans_of,
    stated_of,
)
from apps.statements.domain.stated import stated_spans
from apps.statements.services.stated_balances import stated_by_keys

if TYPE_CHECKING:
    from apps.statements.models import StatedBalance, StatementFile

State = ReconciliationRun.State
_RESULTS = """
COPY (SELECT side, item_id, bucket, group_id, delta FROM reconciliation_matcheditem
  WHERE channel_id = {} AND run_id = {} AND bucket IN ({}) ORDER BY side, item_id) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A proof with all that is shown and kept of it."""

    run: ReconciliationRun
    proof: Proof
    obstacles: tuple[Obstacle, ...]
    items: tuple[OpenItem, ...]
    roll: tuple[RollRow, ...]
    files: tuple[StatementFile, ...]
    previous: SignOff | None
    # Balances that people stated, where files tell none.
    stated: tuple[StatedBalance, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is kept of a sheet: canonical text, digest and seal."""

    text: str
    digest: str
    seal: str


def sheet_of(run: ReconciliationRun) -> Sheet:
    """Return the proof of a run as things stand now."""
    return _sheet(run, open_items(run), previous_of(run), stated_of(run))


def sheet_again(signed: SignOff) -> Sheet:
    """Return the proof of what was signed off, found again in lines and results.

    Later runs put open rows into other categories, so these are the ones that were kept.
    """
    said = json.loads(signed.proof)
    before = SignOff.objects.filter(pk=said["previous_sign_off"]).first()
    kept = {(row.side, row.item_id): row.category for row in carried_by(signed)}
    items = [
        replace(item, category=kept.get((item.side, item.item_id), item.category))
        for item in open_items(signed.run)
    ]
    return _sheet(signed.run, items, before, kept_balances(said))


def kept_balances(said: Mapping[str, Any]) -> list[StatedBalance]:
    """Return the stated balances that a kept proof stands on."""
    return stated_by_keys(row["id"] for row in said.get("stated_balances", ()))


def _sheet(
    run: ReconciliationRun,
    rows: Iterable[OpenItem],
    previous: SignOff | None,
    stated: Sequence[StatedBalance],
) -> Sheet:
    currency = run.channel.currency_id
    states = states_of(run)
    items = tuple(
        replace(row, state=states.get((row.side.value, row.item_id), "")) for row in rows
    )
    balance, late = balance_and_late_rows(run)
    daily = daily_totals(run)
    spans = spans_of(run) or stated_spans(stated, daily)
    told = statement_balance(spans, daily, first_day(run), run.to_on)
    proof = Proof(
        currency=currency,
        from_on=run.from_on,
        to_on=run.to_on,
        book=balance,
        statement=told.amount,
        outstanding=totals_of(items, currency),
        deltas=deltas_of(run),
    )
    return Sheet(
        run,
        proof,
        (
            *_obstacles_of_run(run, late),
            *told.obstacles,
            *undecided_breaks(items),
            *_unexplained(proof),
        ),
        items,
        tuple(roll_forward(carried_by(previous), items, currency)),
        tuple(files_of(run)),
        previous,
        tuple(stated),
    )


def seal(sheet: Sheet) -> Sealed:
    """Return what is kept of a sheet."""
    text, digest = canonical_body(_body(sheet)), digest_of(sheet)
    return Sealed(text, digest, seal_of(sheet.run, text, digest))


def seal_of(run: ReconciliationRun, text: str, digest: str) -> str:
    """Return the seal of what a proof says and of the digest of its results."""
    rules = run.rule_version
    said = canonical_body({"passes": rules.passes, "options": rules.options})
    facts = (
        *(f"file {file.sha256}" for file in files_of(run)),
        f"rules {rules.number} {_sha256(said)}",
        f"proof {_sha256(text)}",
        f"results {digest}",
    )
    return _sha256("\n".join(facts))


def digest_of(sheet: Sheet) -> str:
    """Return the SHA-256 of the results of a run in order."""
    run = sheet.run
    matched = ", ".join(f"'{bucket}'" for bucket in sorted(MATCHED))
    digest = hashlib.sha256()
    sql = _RESULTS.format(int(run.channel_id), int(run.pk), matched)
    with connection.cursor() as cursor, cursor.copy(sql) as rows:
        for block in rows:
            digest.update(block)
    for item in sheet.items:
        line = (item.side.value, item.item_id, "open", _text(item.amount), item.currency)
        digest.update(("\t".join(map(str, line)) + "\n").encode())
    return digest.hexdigest()


def previous_of(run: ReconciliationRun) -> SignOff | None:
    """Return the sign-off in force of the days before."""
    found = SignOff.objects.in_force().filter(
        run__channel=run.channel_id, run__to_on__lt=run.to_on
    )
    return found.order_by("-run__to_on", "-pk").first()


def carried_by(sign_off: SignOff | None) -> list[OpenItem]:
    """Return what was open when something was signed off."""
    rows = CarriedItem.objects.filter(sign_off=sign_off) if sign_off else ()
    return sorted(
        OpenItem(
            Side(row.side),
            row.item_id,
            row.category,
            row.amount,
            row.currency,
            row.since,
            row.state,
        )
        for row in rows
    )


def _obstacles_of_run(run: ReconciliationRun, late: int) -> list[Obstacle]:
    found = []
    if run.state != State.REVIEW:
        found.append(Obstacle(Hindrance.NOT_IN_REVIEW, {"state": run.get_state_display()}))
    newer = run.channel.runs.filter(pk__gt=run.pk).exclude(
        state__in=(State.FAILED, State.CANCELLED)
    )
    last = newer.order_by("-pk").first()
    if last:
        found.append(Obstacle(Hindrance.NEWER_RUN, {"number": last.number}))
    signed = SignOff.objects.in_force().filter(
        run__channel=run.channel_id, run__from_on__lte=run.to_on, run__to_on__gte=run.to_on
    )
    there = signed.exclude(run=run).select_related("run").first()
    if there:
        facts = {"number": there.run.number, "until": there.run.to_on}
        found.append(Obstacle(Hindrance.SIGNED_ALREADY, facts))
    if late:
        found.append(Obstacle(Hindrance.LATE_ROWS, {"count": late}))
    return found


def _unexplained(proof: Proof) -> list[Obstacle]:
    if not proof.unexplained:
        return []
    facts = {"amount": proof.unexplained, "currency": proof.currency}
    return [Obstacle(Hindrance.UNEXPLAINED, facts)]


def _body(sheet: Sheet) -> dict[str, Any]:
    """Return the proof as JSON: amounts are texts with four decimals."""
    proof, run = sheet.proof, sheet.run
    stated = [_stated(one) for one in sheet.stated]
    return ({"stated_balances": stated} if stated else {}) | {
        "book_balance": _text(proof.book),
        "channel": run.channel.code,
        "currency": proof.currency,
        "differences": [_total(total) for total in proof.deltas],
        "files": [
            {
                "closing_balance": _text(file.closing_balance),
                "from_on": str(file.from_on),
                "name": file.filename,
                "sha256": file.sha256,
                "to_on": str(file.to_on),
            }
            for file in sheet.files
        ],
        "from_on": str(proof.from_on),
        "outstanding": [_total(total) for total in proof.outstanding],
        "previous_sign_off": sheet.previous.pk if sheet.previous else None,
        "results_of_the_run": run.digest,
        "roll_forward": [_roll(row) for row in sheet.roll],
        "rows": {"book": run.book_count, "statement": run.statement_count},
        "rules": run.rule_version.number,
        "run": run.number,
        "statement_balance": _text(proof.statement),
        "to_on": str(proof.to_on),
        "unexplained": _text(proof.unexplained),
    }


def _stated(stated: StatedBalance) -> dict[str, Any]:
    return {
        "at_on": str(stated.at_on),
        "balance": _text(stated.balance),
        "by": stated.stated_by_id,
        "evidence": stated.sha256,
        "id": stated.pk,
        "reason": stated.reason,
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "category": str(total.category),
        "count": total.count,
        "effect": _text(total.effect),
        "side": total.side,
    }


def _roll(row: RollRow) -> dict[str, Any]:
    columns = ("brought", "new", "moved", "cleared", "carried")
    counts = {name: getattr(row, name) for name in columns}
    return {"category": str(row.category)} | {
        name: [total.count, _text(total.effect)] for name, total in counts.items()
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
