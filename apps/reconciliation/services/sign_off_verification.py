"""What `verify_books` proves of tolerances and sign-offs, beyond what a query can say.

A sign-off in force is computed again from lines and results: text, digest and seal must be
what was kept. One that was withdrawn, or is stale because an earlier one was, need not follow
from the lines any more; its seal must still be the one of what it said.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef

from apps.core.money import minor_digits
from apps.reconciliation.domain.buckets import Bucket
from apps.reconciliation.models import ReconciliationRun, SignOff, SignOffWithdrawal
from apps.reconciliation.services.rules import rules_of
from apps.reconciliation.services.sign_off_proof import seal, seal_of, sheet_again

if TYPE_CHECKING:
    from apps.reconciliation.domain.rules import Rules
    from apps.reconciliation.models.sign_offs import SignOffQuerySet

_DIFFERING = """
SELECT m.run_id, m.group_id, min(m.bucket), min(m.currency),
  coalesce(sum(m.amount) FILTER (WHERE m.side = 'book'), 0), sum(m.delta)
FROM reconciliation_matcheditem m JOIN statements_channel c ON c.id = m.channel_id
WHERE m.bucket IN ('date', 'group', 'tolerance', 'textref')
  AND coalesce(c.ledger_id = %(ledger)s, true)
GROUP BY m.channel_id, m.run_id, m.group_id HAVING sum(m.delta) <> 0
"""


def beyond_tolerance(ledger_id: int | None) -> list[str]:
    """Return the matches that differ by more than the rules of their run allow."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, {"ledger": ledger_id})
        rows = list(cursor.fetchall())
    runs = ReconciliationRun.objects.filter(pk__in={row[0] for row in rows})
    rules = {run.pk: rules_of(run.rule_version) for run in runs.select_related("rule_version")}
    return [
        f"run {run} group {group} {bucket} {delta}"
        for run, group, bucket, currency, book, delta in rows
        if run not in rules
        or abs(_minor(delta, currency)) > _allowed(rules[run], bucket, _minor(book, currency))
    ]


def untrue_sign_offs(ledger_id: int | None) -> list[str]:
    """Return the sign-offs that do not follow from lines and results, or whose seal is not."""
    signed = SignOff.objects.filter(state=SignOff.State.SIGNED)
    signed = signed.select_related("run__channel", "run__rule_version")
    if ledger_id is not None:
        signed = signed.filter(run__channel__ledger=ledger_id)
    bound = set(current_sign_offs().values_list("pk", flat=True))
    return [
        f"sign-off {one.pk} {problem}"
        for one in signed.order_by("pk")
        for problem in _problems(one, is_bound=one.pk in bound)
    ]


def current_sign_offs() -> SignOffQuerySet:
    """Return the sign-offs in force before which none was withdrawn since they were signed."""
    earlier = SignOffWithdrawal.objects.filter(
        state=SignOffWithdrawal.State.CONFIRMED,
        sign_off__run__channel=OuterRef("run__channel"),
        sign_off__run__to_on__lt=OuterRef("run__to_on"),
        decided_at__gt=OuterRef("reviewed_at"),
    )
    return SignOff.objects.in_force().exclude(Exists(earlier))


def _problems(signed: SignOff, *, is_bound: bool) -> list[str]:
    found = []
    if seal_of(signed.run, signed.proof, signed.digest) != signed.seal:
        found.append("has another seal")
    if not is_bound:
        return found
    sheet = sheet_again(signed)
    again = seal(sheet)
    if again.text != signed.proof:
        found.append("says another proof")
    if again.digest != signed.digest:
        found.append("has other results")
    if sheet.proof.unexplained != 0:
        found.append(f"leaves {sheet.proof.unexplained}")
    return found


def _allowed(rules: Rules, bucket: str, book: int) -> int:
    """Return by how many minor units a match of a bucket may differ."""
    if bucket not in {Bucket.GROUP, Bucket.TOLERANCE}:
        return 0
    return max((step.allowed(book) for step in rules.passes if step.kind == bucket), default=0)


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
