"""What PostgreSQL refuses of rules, runs and their results, whoever writes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from apps.reconciliation.models import (
    CarriedItem,
    MatchedItem,
    ReconciliationRun,
    RuleSetVersion,
    SignOff,
)
from tests.factories import make_approver
from tests.reconciliation.world import make_run
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db


def _item(run: ReconciliationRun, **values: object) -> MatchedItem:
    facts = {"bucket": "exact", "group_id": 1, "amount": 1, "currency": "CNY"} | values
    return MatchedItem.objects.create(
        channel_id=run.channel_id, side="book", item_id=1, run=run, **facts
    )


def _move(run: ReconciliationRun, *states: str) -> None:
    for state in states:
        ReconciliationRun.objects.filter(pk=run.pk).update(state=state)


def _sign(run: ReconciliationRun) -> SignOff:
    _move(run, "loading", "matching", "review")
    signed = SignOff.objects.create(run=run, prepared_by=run.created_by)
    reviewer = make_approver(run.channel.ledger)
    SignOff.objects.filter(pk=signed.pk).update(
        state="signed", reviewed_by=reviewer, reviewed_at=timezone.now()
    )
    _move(run, "signed_off")
    return signed


def test_a_row_is_in_one_bucket_only() -> None:
    run = make_run(make_channel())
    _item(run)

    with pytest.raises(IntegrityError), transaction.atomic():
        _item(run, bucket="missing_ext", group_id=None)


def test_what_was_matched_and_signed_off_stays() -> None:
    run = make_run(make_channel())
    _item(run)
    _sign(run)

    with pytest.raises(DatabaseError, match="stays"):
        MatchedItem.objects.filter(run=run).delete()


def test_what_is_open_goes_on_to_the_next_run() -> None:
    run = make_run(make_channel())
    _item(run, bucket="missing_ext", group_id=None)
    _sign(run)

    deleted, _ = MatchedItem.objects.filter(run=run).delete()

    assert deleted == 1


def test_a_run_takes_legal_steps_only() -> None:
    run = make_run(make_channel())

    with pytest.raises(DatabaseError, match="created to review"):
        _move(run, "review")


def test_what_a_version_of_rules_says_never_changes() -> None:
    run = make_run(make_channel())

    with pytest.raises(DatabaseError, match="never changes"):
        RuleSetVersion.objects.filter(pk=run.rule_version_id).update(passes=[])


def test_a_channel_is_run_once_at_a_time() -> None:
    run = make_run(make_channel())

    with pytest.raises(DatabaseError, match="channel_is_run_once"):
        make_run(run.channel)


def test_nothing_is_matched_in_a_signed_off_run_any_more() -> None:
    run = make_run(make_channel())
    _item(run, bucket="missing_ext", group_id=None)
    _sign(run)

    with pytest.raises(DatabaseError, match="nothing is changed"):
        MatchedItem.objects.filter(run=run).update(bucket="manual", group_id=1)


def test_a_run_that_nobody_signed_is_not_signed_off() -> None:
    run = make_run(make_channel())

    with pytest.raises(DatabaseError, match="nobody signed"):
        _move(run, "loading", "matching", "review", "signed_off")


@pytest.mark.parametrize("change", [{"proof": "{}"}, {"state": "returned"}, {"seal": "0"}])
def test_a_sign_off_never_changes(change: dict[str, str]) -> None:
    signed = _sign(make_run(make_channel()))

    with pytest.raises(DatabaseError, match="signed to"):
        SignOff.objects.filter(pk=signed.pk).update(**change)


def test_a_sign_off_takes_two_people() -> None:
    run = make_run(make_channel())
    _move(run, "loading", "matching", "review")
    prepared = SignOff.objects.create(run=run, prepared_by=run.created_by)

    with pytest.raises(IntegrityError, match="two_people"):
        SignOff.objects.filter(pk=prepared.pk).update(
            state="signed", reviewed_by=run.created_by, reviewed_at=timezone.now()
        )


def test_nothing_is_added_to_what_was_signed_off() -> None:
    run = make_run(make_channel())
    facts = {"amount": 1, "currency": "CNY", "since": run.to_on, "category": "missing_ext"}

    with pytest.raises(DatabaseError, match="come with their signature"):
        CarriedItem.objects.create(sign_off=_sign(run), side="book", item_id=1, **facts)


def test_sign_offs_are_never_deleted() -> None:
    signed = _sign(make_run(make_channel()))

    with pytest.raises(DatabaseError, match="kept as they are"):
        SignOff.objects.filter(pk=signed.pk)._raw_delete("default")
