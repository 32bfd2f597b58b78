"""Rules and runs for tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F

from apps.jobs.models import Job
from apps.ledgers.models import Account, Ledger
from apps.organizations.models import User
from apps.reconciliation.domain.rules import DEFAULT_PASSES, digest_of
from apps.reconciliation.models import (
    Break,
    ReconciliationRun,
    RuleSet,
    RuleSetVersion,
    RuleTrial,
    SignOff,
)
from apps.reconciliation.services.rule_trials import days_to_try, try_rules
from apps.reconciliation.services.rules import active_rules, propose_rules
from apps.reconciliation.services.running import run_reconciliation
from apps.reconciliation.services.sign_offs import prepare_sign_off, sign_off
from apps.statements.models import Channel
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_approver,
    make_ledger,
    make_posted,
    make_senior,
)
from tests.statements.world import make_channel

Passes = list[dict[str, Any]]
DAYS: dict[str, Any] = {"from_on": DAY.replace(day=1), "to_on": DAY + timedelta(days=20)}
NEXT = {name: DAYS["to_on"] + timedelta(days) for name, days in (("from_on", 1), ("to_on", 9))}
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def make_rules(channel: Channel, actor: User, **values: Any) -> RuleSetVersion:
    """Return the active rules of a channel."""
    rules = RuleSet.objects.create(channel=channel, created_by=actor)
    values.setdefault("passes", DEFAULT_PASSES)
    return RuleSetVersion.objects.create(
        rule_set=rules, number=1, state="active", created_by=actor, **values
    )


def make_run(channel: Channel, actor: User | None = None, **values: Any) -> ReconciliationRun:
    """Return a run that waits for its worker."""
    actor = actor or make_senior(channel.ledger)
    found = RuleSetVersion.objects.filter(rule_set__channel=channel, state="active").first()
    return ReconciliationRun.objects.create(
        channel=channel,
        rule_version=found or make_rules(channel, actor),
        number=ReconciliationRun.objects.filter(channel=channel).count() + 1,
        from_on=values.pop("from_on", FIRST),
        to_on=values.pop("to_on", LAST),
        created_by=actor,
        **values,
    )


def make_books(*rows: tuple[str, str]) -> Channel:
    """Return a channel whose account has these rows of a reference and an amount."""
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    for reference, amount in rows:
        post(ledger, bank, sales, reference, amount)
    return make_channel(ledger, bank)


def post(
    ledger: Ledger, bank: Account, other: Account, reference: str, amount: str, **values: Any
) -> None:
    """Post an entry with a reference as its summary."""
    lines = ((bank, amount), (other, str(-Decimal(amount))))
    make_posted(ledger, *lines, summary=reference, **values)


def run_now(channel: Channel, **values: Any) -> ReconciliationRun:
    """Start a run, which is done at once in tests, and return it."""
    run = make_run(channel, **DAYS | values)
    run_reconciliation(run.pk)
    run.refresh_from_db()
    return run


def decide_breaks(run: ReconciliationRun) -> None:
    """Let every break of a channel wait, as if people had decided so."""
    Break.objects.filter(channel=run.channel_id, state__in=("open", "assigned")).update(
        state="waiting", waits_until=date(2099, 12, 31), version=F("version") + 1
    )


def make_signed(run: ReconciliationRun) -> SignOff:
    """Return the sign-off of a run, by an accountant and an approver."""
    decide_breaks(run)
    ledger = run.channel.ledger
    prepared = prepare_sign_off(run, actor=make_accountant(ledger))
    return sign_off(prepared, actor=make_approver(ledger))


class _Quiet:
    """Work that tells nobody how far it is."""

    def expect(self, total: int) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass

    def hold(self) -> None:
        pass


def make_trial(
    channel: Channel, actor: User, passes: Passes | None = None, **values: Any
) -> RuleTrial:
    """Return a finished trial of passes beside the active rules of a channel."""
    passes, options = passes or [{"kind": "exact"}], values.pop("options", {})
    days = dict(zip(("from_on", "to_on"), days_to_try(channel), strict=True)) | values
    trial = RuleTrial.objects.create(
        channel=channel,
        baseline=active_rules(channel, actor=actor),
        passes=passes,
        options=options,
        digest=digest_of(passes, options),
        created_by=actor,
        **{"reason": "fewer breaks"} | days,
    )
    about = {"created_by": actor, "organization_id": channel.organization_id}
    try_rules(Job(parameters={"trial": trial.pk}, **about), _Quiet())
    trial.refresh_from_db()
    return trial


def make_draft(channel: Channel, actor: User, passes: Passes | None = None) -> RuleSetVersion:
    """Return tried rules that wait for another person to activate them."""
    trial = make_trial(channel, actor, passes)
    said: dict[str, Any] = {"passes": trial.passes, "options": trial.options}
    return propose_rules(channel, **said, reason=trial.reason, actor=actor)
