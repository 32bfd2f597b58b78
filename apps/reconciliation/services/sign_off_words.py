"""What hinders a sign-off, in sentences that say what to do."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.reconciliation.domain.buckets import Bucket
from apps.reconciliation.domain.proof import Hindrance

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from apps.reconciliation.domain.proof import Obstacle

SENTENCES: dict[Hindrance, str | Promise] = {
    Hindrance.NOT_IN_REVIEW: _("The run is “%(state)s”; only a run in review is signed off."),
    Hindrance.NEWER_RUN: _("Run %(number)s is newer; sign that one off."),
    Hindrance.SIGNED_ALREADY: _(
        "Run %(number)s is signed off until %(until)s already; have that sign-off withdrawn "
        "first."
    ),
    Hindrance.NO_BALANCES: _(
        "No statement tells a balance; import one with an opening and a closing balance, or "
        "state the balance by hand on the page of the channel."
    ),
    Hindrance.MISSING_STATEMENT: _(
        "Statements end on %(last)s; import those until %(until)s and run again, or state the "
        "balance of that day where statements tell none."
    ),
    Hindrance.GAP: _(
        "Between %(after)s and %(before)s a statement over %(difference)s is missing; import "
        "it and run again."
    ),
    Hindrance.LINES_DISAGREE: _(
        "On %(day)s the statement tells a balance of %(told)s, but its lines make %(counted)s; "
        "look for lines that came twice or not at all."
    ),
    Hindrance.LATE_ROWS: _("%(count)s rows of these days came after the run; run again."),
    Hindrance.OPEN_BREAKS: _(
        "%(count)s breaks have no decision; resolve each, let it wait, or dispute it."
    ),
    Hindrance.UNEXPLAINED: _(
        "%(amount)s %(currency)s stay unexplained; the balances differed before the first day "
        "that was reconciled, so begin a run earlier or correct the books."
    ),
}


def sentence_of_obstacle(obstacle: Obstacle) -> str:
    """Return what hinders, in the language of the reader."""
    values = {name: _shown(value) for name, value in obstacle.values.items()}
    return str(SENTENCES[obstacle.code]) % values


def _shown(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


BUCKETS: dict[str, str | Promise] = {
    Bucket.EXACT: _("exact"),
    Bucket.DATE: _("within the days"),
    Bucket.GROUP: _("several rows together"),
    Bucket.TOLERANCE: _("within tolerance"),
    Bucket.TEXTREF: _("reference in the text"),
    Bucket.REVERSAL: _("reversed"),
    Bucket.MANUAL: _("by hand"),
}


def bucket_label(bucket: str) -> str:
    """Return what people call a bucket of matched rows."""
    return str(BUCKETS.get(bucket, bucket))
