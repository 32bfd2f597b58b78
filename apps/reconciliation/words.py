"""Words of breaks that models, services and pages share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BreakState(models.TextChoices):
    """Where the work on a break stands."""

    OPEN = "open", pgettext_lazy("break", "open")
    ASSIGNED = "assigned", _("assigned")
    WAITING = "waiting", pgettext_lazy("break", "waiting")
    DISPUTED = "disputed", _("disputed")
    PROPOSED = "proposed", _("write-off proposed")
    RESOLVED = "resolved", _("resolved")


class Resolution(models.TextChoices):
    """What ended a break."""

    NONE = "", _("not yet")
    MATCHED = "matched", _("matched by a run")
    MANUAL = "manual", _("matched by hand")
    SUGGESTION = "suggestion", _("suggestion accepted")
    WRITTEN_OFF = "written_off", _("written off")
    DUPLICATE = "duplicate", _("marked as a duplicate")
    SPLIT = "split", _("split into parts")
    REJOINED = "rejoined", _("put back together")


class AlertKind(models.TextChoices):
    """What an alert is about."""

    STATEMENT = "statement", _("statement missing")
    GAP = "gap", _("gap between statements")
    EVENTS = "events", _("events arrive late")
    LIVE = "live", _("rows wait for their counterpart")
    BREAKS = "breaks", _("many breaks")
    FALL = "fall", _("less was matched than usual")
    RISK = "risk", _("value at risk")
    FAILED = "failed", _("run failed")
    SCHEDULE = "schedule", _("scheduled run refused")


class AlertState(models.TextChoices):
    """Whether somebody looks after an alert."""

    OPEN = "open", pgettext_lazy("alert", "open")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    CLOSED = "closed", _("closed")


class TellBy(models.TextChoices):
    """How people outside are told."""

    MAIL = "mail", _("e-mail")
    WEBHOOK = "webhook", _("webhook")


class BreakCategory(models.TextChoices):
    """What is wrong with a row, as people say it; the run's buckets are finer."""

    MISSING_OURS = "missing_ours", _("missing in our books")
    MISSING_THEIRS = "missing_theirs", _("missing at the partner")
    AMOUNT = "amount", _("amounts differ")
    FEE = "fee", _("a fee was kept back")
    DATE = "date", _("days differ")
    SIGN = "sign", _("signs differ")
    CURRENCY = "currency", _("currencies differ")
    FX = "fx", _("exchanged by the partner")
    DUPLICATE = "duplicate", _("duplicate")
    SUGGESTED = "suggested", _("a partner is suggested")
    AMBIGUOUS = "ambiguous", _("several may fit")
    UNKNOWN = "unknown", _("unreadable")


# What is probably behind a break, in one sentence.
CAUSES = {
    BreakCategory.MISSING_OURS: _(
        "The partner booked it and we did not: an entry may be missing."
    ),
    BreakCategory.MISSING_THEIRS: _(
        "We booked it and the partner has not told of it: it may be on its way."
    ),
    BreakCategory.AMOUNT: _("Both sides have the reference, and the amounts differ."),
    BreakCategory.FEE: _("The partner kept a fee back, which is not in the books."),
    BreakCategory.DATE: _(
        "Reference and amount agree; the days are further apart than the rules allow."
    ),
    BreakCategory.SIGN: _(
        "The amounts are opposite: debit and credit may be swapped, or it is a refund."
    ),
    BreakCategory.CURRENCY: _("Both sides have the reference, in different currencies."),
    BreakCategory.FX: _("The partner exchanged our amount into the currency of the account."),
    BreakCategory.DUPLICATE: _("A row like it is matched already: it may stand there twice."),
    BreakCategory.SUGGESTED: _(
        "Amounts agree and the reference does not: look, and accept it or not."
    ),
    BreakCategory.AMBIGUOUS: _("More than one row fits equally well, so none was chosen."),
    BreakCategory.UNKNOWN: _(
        "The row cannot be compared: its amount has more decimals than its currency."
    ),
}
