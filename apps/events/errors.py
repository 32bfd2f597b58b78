"""Why something cannot be done with an event."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class NothingToDecide(FinanceError):
    """Only a dead letter or an event in quarantine waits for a person."""

    code = "event_needs_no_decision"
    http_status = 409
    sentence = _("This delivery waits for nobody: it is “%(state)s” now. Nothing was changed.")


class EventReasonIsMissing(FinanceError):
    """Who decides about an event says why."""

    code = "event_reason_missing"
    sentence = _("Say why: it is kept with the event for ever.")


class UnknownConsumer(FinanceError):
    """Consumers are named by apps when they start."""

    code = "event_consumer_unknown"
    sentence = _("Nobody of the name “%(name)s” gets events.")


class ReplayIsTooLarge(FinanceError):
    """A page gives so many events at once, a command any number."""

    code = "event_replay_too_large"
    sentence = _(
        "More than %(most)s events would be given. Narrow the choice, or have an operator run"
        " the command."
    )
