"""What people call buckets, rules and stages of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.reconciliation.domain.buckets import MATCHED, SUGGESTED, Bucket
from apps.reconciliation.domain.rules import Kind
from apps.reconciliation.services.sign_off_breaks import category_label
from apps.reconciliation.services.sign_off_words import bucket_label

if TYPE_CHECKING:
    from django.utils.functional import Promise

KINDS: dict[str, str | Promise] = {
    Kind.EXACT: _("reference, amount and day agree"),
    Kind.DATE: _("reference and amount agree, days are near"),
    Kind.REVERSAL: _("a row and its reversal on the same side, exactly opposite"),
    Kind.DUPLICATE: _("a second row like a matched one"),
    Kind.GROUP: _("rows of one reference add up to the same"),
    Kind.TOLERANCE: _("reference agrees, amounts differ a little"),
    Kind.TEXTREF: _("the reference stands in the other's text"),
    Kind.SUGGEST_FUZZY: _("suggested: same amount, references alike"),
    Kind.SUGGEST_AMOUNT: _("suggested: same amount, days are near"),
    Kind.SUGGEST_SUBSET: _("suggested: some rows add up to one"),
}
# What people did instead of a rule.
_BY_PEOPLE: dict[str, str | Promise] = {
    "manual": _("matched by hand"),
    "write_off": _("written off"),
}
STAGES: dict[str, str | Promise] = {
    "loading": _("reading books and statements"),
    "explain": _("explaining what is left"),
    "suggest": _("looking for suggestions"),
    "writing": _("writing and proving results"),
}


def label_of(bucket: str) -> str:
    """Return what people call a bucket."""
    if bucket in SUGGESTED:
        return str(KINDS[bucket])
    return bucket_label(bucket) if bucket in MATCHED else category_label(bucket)


def tone_of(bucket: str) -> str:
    """Return whether a bucket is matched, suggested or a break."""
    if bucket in MATCHED:
        return "matched"
    return "suggested" if bucket in SUGGESTED else "breaks"


def stage_label(stage: str) -> str:
    """Return what a worker is doing."""
    known = STAGES.get(stage) or KINDS.get(stage)
    return str(known) if known else stage


def pass_label(name: str) -> str:
    """Return what a rule looks for, or what people did."""
    return str((KINDS | _BY_PEOPLE).get(name.partition("#")[0], name))


ORDER = {bucket.value: place for place, bucket in enumerate(Bucket)}
