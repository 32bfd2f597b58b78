"""One of everything of reconciliation that has a URL, for the permission matrix."""

from __future__ import annotations

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.organizations.models import User
from apps.reconciliation.models import Alert, Break, SignOff
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.services.break_splitting import split_row
from apps.reconciliation.services.break_steps import attach
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.sign_off_proof import seal, sheet_of
from apps.statements.models import Channel
from tests.factories import DAY
from tests.reconciliation.world import make_draft, make_run
from tests.statements.world import make_line, make_statement, read


def make_reconciliation(channel: Channel, senior: User) -> dict[str, object]:
    """Return a run of a channel and a break that it found, by the nouns of their URLs."""
    lines = [
        make_line(amount, reference, number=number)
        for number, (amount, reference) in enumerate(
            (("2.00", "B"), ("-2.00", "C"), ("5.00", "D"))
        )
    ]
    make_statement(channel, read(*lines, opening="1.00"), actor=senior)
    run = make_run(channel, senior, from_on=DAY.replace(day=1), to_on=DAY)
    run_reconciliation(run.pk)
    run.refresh_from_db()
    returned = Break.objects.filter(channel=channel, amount__in=("2.00", "-2.00"))
    match = match_by_hand(channel, dict(returned.values_list("pk", "version")), actor=senior)
    bulk = Break.objects.get(channel=channel, amount="5.00")
    halves = [(Decimal("2.50"), "")] * 2
    split = split_row(bulk, halves, version=bulk.version, actor=senior)
    sealed = seal(sheet_of(run))
    prepared = SignOff.objects.create(
        run=run, proof=sealed.text, digest=sealed.digest, seal=sealed.seal, prepared_by=senior
    )
    found = Break.objects.exclude(amount="2.50").get(channel=channel, state="open")
    file = attach(found, SimpleUploadedFile("proof.pdf", b"%PDF-1.7"), actor=senior)
    alert = Alert.objects.create(
        organization=channel.organization, channel=channel, kind="risk", value=2, worst=2,
        threshold=1, opened_at=timezone.now(),
    )  # fmt: skip
    draft = make_draft(channel, senior)
    return {
        "version": draft.number,
        "rule_trial": draft.trial_id,
        "alert": alert.pk,
        "run": run.pk,
        "proof": run.pk,
        "sign_off": prepared.pk,
        "break": found.pk,
        "break_attachment": file.pk,
        "hand_match": match.pk,
        "row_split": split.pk,
    }
