"""What `verify_books` proves of approvals beside the books; registered when the app starts."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.approvals.models import RequestAttachment
from apps.approvals.services.verification_guards import GUARDS_MISSING
from apps.approvals.services.verification_sql import APPROVAL_QUERIES
from apps.core.files import digest_of
from apps.ledgers.services.verification import CHECKS, Check, Findings, by_query
from apps.ledgers.services.verification_sql import history_differs

# What of each table its history has to agree with.
_KEPT = {
    "approvalflow": ("state", "word", "subject_kind", "ledger_id", "department_id"),
    "approvalrequest": (
        "state",
        "amount",
        "amount_beside",
        "maker_id",
        "flow_id",
        "content_hash",
    ),
    "delegation": ("giver_id", "taker_id", "starts_on", "ends_on", '"limit"', "revoked_at"),
}


def register_checks() -> None:
    """Let `verify_books` look at approvals too; once, however often it is called."""
    known = {check.name for check in CHECKS}
    CHECKS.extend(check for check in _checks() if check.name not in known)


def _checks() -> list[Check]:
    histories = " UNION ALL ".join(
        history_differs(f"approvals_{name}", f"approvals_historical{name}", columns)
        for name, columns in _KEPT.items()
    )
    queries = APPROVAL_QUERIES | {
        "history of flows, rounds and delegations ends with the live row": histories,
        "guards of approvals are present and enabled": GUARDS_MISSING,
    }
    return [
        *(Check(name, by_query(sql)) for name, sql in queries.items()),
        Check("files of rounds are those of their digests", _files_differ),
    ]


def _files_differ(_ledger_id: int | None) -> Findings:
    rows = RequestAttachment.objects.order_by("pk").values_list("pk", "file", "sha256")
    return [
        f"attachment {pk}: the stored file is not the one of its digest"
        for pk, name, digest in rows
        if digest_of(Path(settings.MEDIA_ROOT) / name) != digest
    ]
