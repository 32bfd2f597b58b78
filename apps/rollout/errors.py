"""Why a change of a rollout is refused; each is one sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class RolloutReasonIsMissing(FinanceError):
    """A change without a reason."""

    code = "rollout_reason_is_missing"
    sentence = _("Say why: the reason is kept with the change.")


class NotAPercentage(FinanceError):
    """A share that no department share can be."""

    code = "not_a_percentage"
    sentence = _("A share lies between 0 %% and 100 %%, with at most two decimals.")


class RolloutStaysTheSame(FinanceError):
    """There is nothing to change."""

    code = "rollout_stays_the_same"
    sentence = _("That is how it is already. Nothing was changed.")


class ScheduleIsEmpty(FinanceError):
    """A schedule without a step, where none was planned either."""

    code = "schedule_is_empty"
    sentence = _("Enter at least one step with a day and a share.")


class StepIsInThePast(FinanceError):
    """A step whose day is over."""

    code = "step_is_in_the_past"
    sentence = _("A step begins today or later; change the share itself for now.")


class StepsAreOutOfOrder(FinanceError):
    """Days or shares that do not grow."""

    code = "steps_are_out_of_order"
    sentence = _("Each step begins later than the one before.")


class StepDoesNotGrow(FinanceError):
    """A ramp that would take departments back."""

    code = "step_does_not_grow"
    sentence = _(
        "Each step reaches further than the one before, and than %(percent)s %% today: a "
        "ramp takes no department back."
    )


class TooManySteps(FinanceError):
    """A schedule longer than anybody would read."""

    code = "too_many_steps"
    sentence = _("A ramp has at most %(most)s steps.")


class LimitIsOutOfRange(FinanceError):
    """A limit of the guardrail that no figure can pass."""

    code = "limit_is_out_of_range"
    sentence = _("A limit is empty, or a number above 0 (shares: at most 100).")
