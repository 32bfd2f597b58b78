"""Background work of approvals; every task is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from apps.approvals.services import (
    batch_running,
    batches,
    crediting,
    digest_post,
    escalating,
    shipping,
)
from apps.approvals.services.credit_bell import TASK
from apps.core.trace import trace

_BEFORE_THE_NEXT_RUN = 300


@shared_task(name="approvals.escalate_due")
def escalate_due() -> None:
    """Ask one more person where a step waited too long; run by beat every five minutes."""
    with trace():
        escalating.escalate_due()


@shared_task(name="approvals.ship_flows")
def ship_flows() -> None:
    """Give organizations the flows of kinds that are new to them; run by beat every hour."""
    with trace():
        shipping.ship_where_missing()


@shared_task(name=TASK)
def find_credit(request_id: int) -> None:
    """Ask about the credit that a round waits for."""
    with trace():
        crediting.find_credit(request_id)


@shared_task(name="approvals.find_credit_due")
def find_credit_due() -> None:
    """Ask for the rounds whose bell nobody heard; run by beat every minute."""
    with trace():
        crediting.find_credit_due()


@shared_task(name="approvals.send_digests")
def send_digests() -> None:
    """Have a digest sent to everybody whose hour has come; run by beat every five minutes."""
    with trace():
        for person in digest_post.people_due():
            # The next run asks again for whom this one was too late.
            send_digest.apply_async((person,), expires=_BEFORE_THE_NEXT_RUN)


@shared_task(name="approvals.send_digest")
def send_digest(person: int) -> None:
    """Send one person the digest of today."""
    with trace():
        digest_post.send_digest(person)


@shared_task(name=batches.TASK, max_retries=0)
def run_batch(batch_id: int) -> None:
    """Give the answers of one press, unless it was undone or another worker has it."""
    with trace():
        batch_running.run_batch(batch_id)


@shared_task(name="approvals.run_due_batches")
def run_due_batches() -> None:
    """Carry out what no worker was there for in time; run by beat every half minute."""
    with trace():
        for pk in batch_running.due_batches():
            batch_running.run_batch(pk)
