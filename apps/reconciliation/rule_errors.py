"""Why matching rules are refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class InvalidRules(FinanceError):
    """Matching rules say something that cannot be done."""

    code = "invalid_rules"
    sentence = _("Rules, %(place)s: write %(problem)s.")


class SuggestionsComeLast(InvalidRules):
    """A pass that confirms stands behind one that only suggests."""

    code = "suggestions_come_last"
    sentence = _(
        "Pass %(place)s only suggests: move it behind all passes that confirm by themselves."
    )


class ExactComesFirst(InvalidRules):
    """Something is done before what agrees wholly is matched."""

    code = "exact_comes_first"
    sentence = _(
        "What agrees wholly is matched before anything else: let that pass come first."
    )


class RulesNotTried(FinanceError):
    """Rules are saved only after exactly they were tried."""

    code = "rules_not_tried"
    http_status = 409
    sentence = _("Exactly these rules were not tried yet: try them on a sample first.")


class RulesMovedOn(FinanceError):
    """Other rules became active since a trial."""

    code = "rules_moved_on"
    http_status = 409
    sentence = _(
        "Other rules became active since these were tried: try them again, compared with "
        "the rules of today."
    )


class RulesUnchanged(FinanceError):
    """A new version would say what the active one says."""

    code = "rules_unchanged"
    sentence = _("These are the active rules already; there is nothing to save.")


class RulesAreElsewhere(FinanceError):
    """A version of rules has moved on, and the step is not possible any more."""

    code = "rules_are_elsewhere"
    http_status = 409
    sentence = _("These rules are “%(state)s” now, so this is not possible any more.")


class TooManyTrials(FinanceError):
    """Trials cost as much as runs, so few wait at a time."""

    code = "too_many_trials"
    http_status = 429
    retry_after = 60
    sentence = _("%(count)s trials are waiting already; try again when one is finished.")


class RulesAreFixed(FinanceError):
    """A version of rules never changes."""

    code = "rules_are_fixed"
    http_status = 409
    sentence = _("A version of rules never changes; write a new one.")


class OwnRules(FinanceError):
    """Rules are activated by another person than who wrote them."""

    code = "own_rules"
    http_status = 403
    sentence = _("You wrote these rules yourself; another person activates them.")
